"""What runs again after a key was changed: the first rule, and with it all that follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel


@dataclass(frozen=True)
class Reruns:
    """Annotation of a section or key: what a change makes anew.

    Attributes:
        rule: the first rule that runs; empty where none does.
        description: the same for a reader. The saved configuration and the report are always made
            anew.
    """

    rule: str
    description: str


def reruns_of(cls: type[BaseModel], key: str) -> Reruns:
    """What the change of a key makes anew: what the innermost annotated part around it says.

    Args:
        cls: of the whole configuration.
        key: with dots; `<name>` stands for any name.

    Raises:
        LookupError: nothing around the key is annotated.
    """
    *_, innermost = (None, *_on_the_way(cls, key.split(".")))
    if innermost is None:
        raise LookupError(f"{key}: nothing says what runs again")
    return innermost


def _on_the_way(cls: type[BaseModel], path: list[str]) -> Iterator[Reruns]:
    name, *rest = path
    field = cls.model_fields.get(name)
    if field is None:  # A name that stands for several, `<rule>`.
        return
    yield from (each for each in field.metadata if isinstance(each, Reruns))
    inner = field.annotation
    if rest[:1] == ["<name>"]:
        inner, rest = get_args(inner)[1], rest[1:]
    if rest and isinstance(inner, type) and issubclass(inner, BaseModel):
        yield from _on_the_way(inner, rest)
