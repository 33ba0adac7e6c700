"""The JSON schema of a class of options, in the short form that a person reads."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]
# Types as people call them, in messages and in the table of keys.
TYPE_NAMES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "array": "list",
    "object": "section",
}


@cache
def schema_of(cls: type[BaseModel]) -> Schema:
    """JSON schema of `cls`, without references: each section's keys stand where they belong."""
    whole = cls.model_json_schema()
    return _short(whole, whole.get("$defs", {}))


def node_at(schema: Schema, path: Iterable[str | int]) -> Schema:
    """The part of a schema that describes the value at `path`; empty where there is none."""
    for key in path:
        inner = schema.get("additionalProperties") or {}
        named = schema.get("properties", {}).get(key, inner)
        schema = schema.get("items", {}) if isinstance(key, int) else named
    return schema


def types_of(node: Schema) -> list[str]:
    """Names of the types that a value may have."""
    kind = node.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _short(node: Any, named: Schema) -> Any:
    """Puts references in, alternatives of simple types together, and titles out."""
    if isinstance(node, list):
        return [_short(each, named) for each in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    if "$ref" in node:
        node = named[node.pop("$ref").removeprefix("#/$defs/")] | node
    if "allOf" in node and len(node["allOf"]) == 1:
        node = node.pop("allOf")[0] | node
    node = {key: value for key, value in node.items() if key not in ("title", "$defs")}
    if "description" in node:
        node["description"] = " ".join(node["description"].split("\n\n")[0].split())
    if "anyOf" in node:
        node = _joined([_short(each, named) for each in node.pop("anyOf")], node)
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if "patternProperties" in node:
        ((pattern, inner),) = node.pop("patternProperties").items()
        node |= {"propertyNames": {"pattern": pattern}, "additionalProperties": inner}
    if "enum" in node:
        node.pop("type", None)
    if isinstance(node.get("default"), dict) and "properties" in node:
        node.pop("required", None)
        node["properties"] = _with_defaults(node["properties"], node.pop("default"))
    literal = ("default", "enum", "required", "description")
    short = {key: value if key in literal else _short(value, named) for key, value in node.items()}
    if "properties" in node:
        properties = node["properties"].items()
        short["properties"] = {key: _short(value, named) for key, value in properties}
    return short


def _with_defaults(properties: Schema, given: dict[str, Any]) -> Schema:
    """Keys of a section with its defaults, which may differ from those of its class."""
    return {
        key: part | {"default": given[key]} if key in given else part
        for key, part in properties.items()
    }


def _joined(parts: list[Schema], node: Schema) -> Schema:
    """One schema for alternatives that differ by type, or by `null` beside an enumeration."""
    merged: Schema = {}
    types: list[str] = []
    for part in parts:
        merged |= part
        types += types_of(part)
    if "enum" in merged:
        return merged | {"enum": [*merged["enum"], None], "type": None} | node
    return merged | {"type": types} | node
