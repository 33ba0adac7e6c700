"""Options of a run, a stage or a file: plain values into a frozen class, nothing ignored.

A class of options declares each key once: type, default, range and a one-line meaning.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sakdn.base.errors import InputError, listed
from sakdn.base.plain import check_values


class Options(BaseModel):
    """Base of all options: frozen, no other keys, and `1.0`, `true` and `"1"` are no integers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Described(BaseModel):
    """Base of what a file says of itself: frozen and strict, but it may say more."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)


T = TypeVar("T")
Parsed = TypeVar("Parsed", bound=BaseModel)
# Lists as tuples, since options are frozen; YAML and JSON have lists only.
Several = Annotated[tuple[T, ...], Strict(False)]


class OneOf:
    """Annotation of a text that is a key of a table."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = list(names)

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """For pydantic: the names, and nothing else."""
        return core_schema.literal_schema(self.names)


class UniqueItems:
    """Annotation of a list without repeats."""

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """For pydantic: the list, then the check."""
        return core_schema.no_info_after_validator_function(_without_repeats, handler(kind))

    def __get_pydantic_json_schema__(
        self, inner: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """For the JSON schema."""
        return handler(inner) | {"uniqueItems": True}


def _without_repeats(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("unique_items", "repeats")
    return values


def parse_options(cls: type[Parsed], values: Mapping[str, Any], where: str) -> Parsed:
    """Builds `cls` from `values`; missing keys take their defaults.

    Args:
        cls: a class of options.
        values: keys and values, as from YAML or JSON.
        where: how errors name the place: a key, for example `teacher`, or `config:`.

    Raises:
        InputError: one line a mistake: key, value found, what is expected.
    """
    check_values(values, where)
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        from sakdn.base.wording import problems_of, sentence  # Most runs need no words.

        problems = problems_of(cls, values, error)
        raise InputError(listed([sentence(each, where) for each in problems])) from None


def parse_file(cls: type[Parsed], values: Any, path: Path, remedy: str) -> Parsed:
    """Builds `cls` from the content of the JSON file at `path`.

    Raises:
        InputError: the outermost mistake: key, value found, what is expected, and `remedy`.
    """
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        from sakdn.base.wording import problems_of, said_of_file

        problem = problems_of(cls, values, error)[0]
        raise InputError(f"{path}: {said_of_file(problem, values)}; {remedy}") from None


def refuse(key: str, words: str) -> NoReturn:
    """Ends a check across keys within a class of options.

    Args:
        key: that is wrong, from the class down; empty for all of it.
        words: what was found, what is expected and what to do.
    """
    raise PydanticCustomError("rule", "{words}", {"key": key, "words": words})


def onto_defaults(cls: type[BaseModel], values: Any) -> Any:
    """Values of a section whose parts have defaults of their own, not those of their class."""
    if not isinstance(values, Mapping):
        return values
    fields, whole = cls.model_fields, dict(values)
    for key in fields.keys() & values.keys():
        default = fields[key].default
        if isinstance(default, BaseModel) and isinstance(values[key], Mapping):
            whole[key] = default.model_dump() | values[key]
    return whole
