"""What is wrong with options, in words: key, value found, value expected, what to do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from sakdn.base.errors import MAX_SHOWN, shown
from sakdn.base.near import did_you_mean
from sakdn.base.plain import place
from sakdn.base.schema import TYPE_NAMES, Schema, node_at, schema_of, types_of

Path = tuple[str | int, ...]
# What the schema calls that which an error of pydantic is about; any other is about the type.
KEYWORDS = {
    "extra_forbidden": "additionalProperties",
    "missing": "required",
    "rule": "rule",
    "literal_error": "enum",
    "greater_than_equal": "minimum",
    "greater_than": "exclusiveMinimum",
    "less_than_equal": "maximum",
    "less_than": "exclusiveMaximum",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "minLength",
    "string_too_long": "maxLength",
    "too_short": "minItems",
    "too_long": "maxItems",
    "unique_items": "uniqueItems",
}
WORDS = {
    "enum": "{found} is not one of {limit}",
    "minimum": "{found} is less than the minimum of {limit}",
    "exclusiveMinimum": "{found} is less than or equal to the minimum of {limit}",
    "maximum": "{found} is greater than the maximum of {limit}",
    "exclusiveMaximum": "{found} is greater than or equal to the maximum of {limit}",
    "pattern": "{found} does not match {limit}",
    "minLength": "{found} should be non-empty",
    "maxLength": "{found} is too long, expected at most {limit} characters",
    "minItems": "{found} should be non-empty, expected at least {limit}",
    "maxItems": "{found} is too long, expected at most {limit}",
    "uniqueItems": "{found} has non-unique elements",
}


MAX_COUNTED = 10


class Problem(NamedTuple):
    """One mistake.

    Attributes:
        path: of the key.
        keyword: of the schema that the value breaks; `rule` for a check across keys.
        found: the value there.
        node: what the schema says of the place.
        words: of a `rule`.
    """

    path: Path
    keyword: str
    found: Any
    node: Schema
    words: str = ""

    @property
    def where(self) -> str:
        """The path with dots."""
        return ".".join(map(str, self.path))


def problems_of(
    cls: type[BaseModel], values: Mapping[str, Any], error: ValidationError
) -> list[Problem]:
    """The mistakes in `values`, the outermost first, one a place."""
    schema, found = schema_of(cls), dict[Path, Problem]()
    for each in error.errors(include_url=False):
        problem = _problem(schema, values, dict(each))
        found.setdefault(problem.path, problem)
    meant = {(*each.path[:-1], _near(each)) for each in found.values() if _is_unknown(each)}
    kept = [each for each in found.values() if each.keyword != "required" or each.path not in meant]
    return sorted(kept, key=lambda each: len(each.path))


def sentence(problem: Problem, where: str) -> str:
    """A mistake in one line; `where` as in `parse_options`."""
    at = place(where, problem.where)
    if problem.keyword == "required":
        return f"{at} is missing; add it (see config/README.md)"
    if _is_unknown(problem):
        near, known = _near(problem), _known(problem)
        path = place(where, ".".join(map(str, (*problem.path[:-1], near))))
        hint = (
            f"did you mean {path.removeprefix(where).lstrip() if where.endswith(':') else path}?"
            if near
            else f"known: {', '.join(known)}"
        )
        return f"{place(where, problem.where[:MAX_SHOWN])} is not a key; {hint}"
    if problem.keyword == "rule":
        return f"{at}: {problem.words}"
    expected = problem.node.get("description", "")
    if problem.keyword not in WORDS:
        kinds = " or ".join(TYPE_NAMES[each] for each in types_of(problem.node)) or "another type"
        found = f"{at}: found {shown(problem.found)}, expected {kinds}{_as_list(problem)}"
        return f"{found}. {expected}".rstrip()
    limit = shown(_limit(problem))
    words = WORDS[problem.keyword].format(found=shown(problem.found), limit=limit)
    return f"{at}: {words}. {expected}".rstrip()


def _as_list(problem: Problem) -> str:
    """How one value is written where a list is wanted; empty for other mistakes."""
    value, items = problem.found, problem.node.get("items", {})
    if "array" not in types_of(problem.node) or isinstance(value, Mapping | list | bool | None):
        return ""
    one = f"[{value}]"
    if types_of(items) == ["integer"] and isinstance(value, int) and 1 < value <= MAX_COUNTED:
        return f"; write {list(range(value))} for {value} of them, or {one} for that one alone"
    return f"; write {one}"


def said_of_file(problem: Problem, values: Any) -> str:
    """A mistake in what a file holds, without words for the remedy."""
    if problem.keyword in ("required", "additionalProperties"):
        *above, key = problem.path
        where = ".".join(map(str, above)) or "first level"
        if problem.keyword == "required":
            return f"{where}: {key} is missing"
        for part in above:
            values = values[part]
        return f"{where}: found {shown(values)}, expected {{'additionalProperties': False}}"
    if problem.keyword == "rule":
        return f"{problem.where or 'first level'}: {problem.words}"
    keyword = problem.keyword if problem.keyword in WORDS else "type"
    limit = {keyword: _limit(problem) if keyword != "type" else problem.node.get("type")}
    return f"{problem.where or 'first level'}: found {shown(problem.found)}, expected {limit}"


def _limit(problem: Problem) -> Any:
    inner = problem.node.get("propertyNames", {})
    return problem.node.get(problem.keyword, inner.get(problem.keyword, 1))


def _problem(schema: Schema, values: Any, error: dict[str, Any]) -> Problem:
    """An error of pydantic; what its location has beyond the values are names of alternatives."""
    keyword, location = KEYWORDS.get(error["type"], "type"), error["loc"]
    path: list[str | int] = []
    value = values
    for part in location:
        inside = isinstance(value, Mapping) and part in value
        if not inside and not (isinstance(value, list | tuple) and isinstance(part, int)):
            break
        path, value = [*path, part], value[part]
    context = error.get("ctx", {})
    if keyword == "required":
        path = [*path, location[-1]]
    elif location and location[-1] == "[key]":
        *path, value = path
    elif keyword == "rule":
        path += context["key"].split(".") if context["key"] else []
    node = node_at(schema, path[:-1] if keyword == "additionalProperties" else path)
    if keyword not in (*node, "required", "additionalProperties", "rule"):
        keyword = "enum" if "enum" in node else keyword
    return Problem(tuple(path), keyword, value, node, context.get("words", ""))


def _is_unknown(problem: Problem) -> bool:
    return problem.keyword == "additionalProperties"


def _known(problem: Problem) -> list[str]:
    return sorted(problem.node.get("properties", {}))


def _near(problem: Problem) -> str:
    return did_you_mean(str(problem.path[-1]), _known(problem))
