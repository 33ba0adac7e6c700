"""Numbers that YAML 1.1 reads as text: `5e-4`, which is none there without a point."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sakdn.base.schema import Schema, node_at, schema_of, types_of

WITHOUT_POINT = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")


def with_numbers(cls: type[BaseModel], values: Any) -> Any:
    """The values of a config, such texts as numbers where `cls` has a number and no text."""
    return _numbers(schema_of(cls), values) if _has_any(values) else values


def _has_any(value: Any) -> bool:
    if isinstance(value, str):
        return WITHOUT_POINT.fullmatch(value) is not None
    inner = value.values() if isinstance(value, Mapping) else value
    return isinstance(value, Mapping | list) and any(map(_has_any, inner))


def _numbers(node: Schema, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _numbers(node_at(node, [key]), inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(node.get("items", {}), inner) for inner in value]
    kinds = types_of(node)
    is_text = isinstance(value, str) and WITHOUT_POINT.fullmatch(value)
    return float(value) if is_text and "number" in kinds and "string" not in kinds else value
