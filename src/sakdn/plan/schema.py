"""Writes what is made from the options: the JSON schema, and the table of keys of config/README.md.

`make schema` runs it after a change of an option; a test compares.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from sakdn.base.schema import TYPE_NAMES, Schema, schema_of, types_of
from sakdn.options.config import Config
from sakdn.options.reruns import reruns_of

ROOT = Path(__file__).parents[3]
SCHEMA, README = ROOT / "workflow/schemas/config.schema.yaml", ROOT / "config/README.md"
BEGIN, END = "<!-- Made by `make schema` from src/sakdn/options. -->", "<!-- Up to here. -->"
MANY = {"integer": "whole numbers", "number": "numbers", "string": "texts"}
# Sections of which a config has several, by names of its own.
NAMED = ("sensors", "methods")


def schema_text() -> str:
    """The JSON schema as YAML."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    made = "# Made by `make schema` from src/sakdn/options; change it there.\n"
    return made + yaml.safe_dump(
        head | schema_of(Config), sort_keys=False, width=100, allow_unicode=True
    )


def readme_text(text: str) -> str:
    """The text of config/README.md with its table of keys as it should be."""
    before, rest = text.split(BEGIN)
    return before + "\n".join([BEGIN, "", *_tables(), END]) + rest.split(END)[1]


def _tables() -> Iterator[str]:
    whole = schema_of(Config)
    yield from _table((key, part, key in whole["required"]) for key, part in _plain(whole))
    for section, part in whole["properties"].items():
        if part.get("type") != "object":
            continue
        yield from (f"### {section}", "", part["description"], "")
        if section == "resources":
            yield from _resources(part)
        yield from _table(_keys(section, part))


def _plain(whole: Schema) -> list[tuple[str, Schema]]:
    return [(k, part) for k, part in whole["properties"].items() if part.get("type") != "object"]


def _keys(path: str, part: Schema) -> Iterator[tuple[str, Schema, bool]]:
    """Keys below `path` with their schemas, and whether they are required."""
    if path == "sensors.<name>.gaf":
        yield path, part | {"type": "section", "default": "those of `gaf`"}, False
        return
    if path == "resources":
        part = next(iter(part["properties"].values()))
        path, part = "resources.<rule>", part | {"required": []}
    if path in NAMED:
        path, part = f"{path}.<name>", part["additionalProperties"]
    for key, inner in part["properties"].items():
        if "properties" in inner:
            yield from _keys(f"{path}.{key}", inner)
        else:
            yield f"{path}.{key}", inner, key in part.get("required", [])


def _table(keys: Iterator[tuple[str, Schema, bool]]) -> Iterator[str]:
    yield "| Key | Type | Default | Meaning | What runs again |"
    yield "| :-- | :-- | :-- | :-- | :-- |"
    for path, part, required in keys:
        default = "required" if required else _default(path, part)
        cells = (
            f"`{path}`",
            _type(part),
            default,
            part["description"],
            reruns_of(Config, path).description,
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _resources(part: Schema) -> Iterator[str]:
    """What each rule asks for by itself."""
    yield "| Rule | `threads` | `mem_mb` | `runtime` | `gpu` |"
    yield "| :-- | --: | --: | --: | --: |"
    for rule, inner in part["properties"].items():
        amounts = [str(amount["default"]) for amount in inner["properties"].values()]
        yield f"| {rule} | {' | '.join(amounts)} |"
    yield ""


def _default(path: str, part: Schema) -> str:
    if path.startswith("resources."):
        return "as above"
    if "default" not in part:
        return "–"
    value = part["default"]
    if isinstance(value, str) and part.get("type") == "section":
        return value
    return f"`{yaml.safe_dump(value, default_flow_style=True, width=1000).split(chr(10))[0]}`"


def _type(part: Schema) -> str:
    """Type and range in words."""
    if "enum" in part:
        return ", ".join(f"`{'null' if value is None else value}`" for value in part["enum"])
    if part["type"] == "section":
        return "section"
    names = [TYPE_NAMES[name] for name in types_of(part)]
    if names[0] == "list" and (inner := part.get("items", {})):
        names[0] = f"list of {' or '.join(MANY[name] for name in types_of(inner))}"
    return " or ".join(names) + _range(part)


def _range(part: Schema) -> str:
    low = {"from": part.get("minimum"), "above": part.get("exclusiveMinimum")}
    high = {"to": part.get("maximum"), "below": part.get("exclusiveMaximum")}
    limits = [*low.items(), *high.items()]
    words = [f"{word} {limit}" for word, limit in limits if limit is not None]
    return f", {' '.join(words)}" if words else ""


def main() -> None:
    """Writes both files."""
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    README.write_text(readme_text(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
