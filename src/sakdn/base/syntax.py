"""What a source file does, as a digest of its syntax without the words that only people read."""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "sakdn"
PROGRESS = f"{PACKAGE}.base.progress"
SPEAKING = {
    PROGRESS,
    *(f"{PACKAGE}.base.{name}" for name in ("cli", "errors", "stopping", "wording")),
}
WORDS = {"help", "description", "epilog"}  # Keywords of calls.
WORDY = {ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Raise, ast.Call}
OWN = sys.version.encode() + Path(__file__).read_bytes()  # What else a digest depends on.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True)
class Syntax:
    """Of one file.

    Attributes:
        imports: names of this package that it imports, modules and what they hold.
        digest: of what it does.
    """

    imports: frozenset[str]
    digest: str


@cache
def read_syntax(path: Path) -> Syntax:
    """Reads a Python file, once a process; what came out is kept beside its bytecode."""
    source = path.read_bytes()
    key = hashlib.sha256(OWN + source).hexdigest()
    kept = path.parent / "__pycache__" / f"{path.stem}.syntax.json"
    with suppress(OSError, ValueError, KeyError, TypeError):  # None, or not whole.
        found = json.loads(kept.read_bytes())
        if found["key"] == key:
            return Syntax(frozenset(found["imports"]), found["digest"])
    syntax = _parse(source)
    if not sys.dont_write_bytecode:
        _keep(kept, {"key": key, "imports": sorted(syntax.imports), "digest": syntax.digest})
    return syntax


def _keep(path: Path, found: dict[str, Any]) -> None:
    """Writes JSON at once, where one may."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps(found))
        temporary.replace(path)


def _parse(source: bytes) -> Syntax:
    tree = ast.parse(source)
    imports = list(_imports(tree))
    speaking = {name for module, name in imports if module == PROGRESS}
    text = repr(_doing(tree, speaking))
    names = {module for module, _ in imports} | {f"{module}.{name}" for module, name in imports}
    return Syntax(frozenset(names), hashlib.sha256(text.encode()).hexdigest())


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Modules of this package, each with a name that is taken from it."""
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            found = [(alias.name, "__init__") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found = [(node.module, alias.name) for alias in node.names]
        else:
            continue
        yield from (each for each in found if each[0].split(".")[0] == PACKAGE)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Statements at any depth; expressions hold none."""
    for name in BLOCKS:
        for each in getattr(node, name, ()):
            yield each
            yield from _statements(each)


def _doing(node: Any, speaking: set[str]) -> Any:
    """Syntax as nested tuples, without places and what is empty (Pythons differ in it)."""
    kind = type(node)
    if kind is list:
        return [_doing(each, speaking) for each in node if not _only_speaks(each, speaking)]
    if not hasattr(kind, "_fields"):
        return node
    changed = _without_words(node, speaking) if kind in WORDY else {}
    done: list[Any] = [kind.__name__]
    for name in node._fields:
        value = changed[name] if name in changed else getattr(node, name, None)
        if value is not None and value != []:
            done.append((name, _doing(value, speaking)))
    return tuple(done)


def _only_speaks(node: Any, speaking: set[str]) -> bool:
    match node:
        case ast.ImportFrom(module=module):
            return module in SPEAKING
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in speaking
    return False


def _without_words(node: ast.AST, speaking: set[str]) -> dict[str, Any]:
    """Fields of `node` that hold words for people, without them."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            has_docstring = ast.get_docstring(node, clean=False) is not None
            return {"body": node.body[has_docstring:]}
        case ast.Raise(exc=ast.Call(func=kind)):
            return {"exc": kind, "cause": None}
        case ast.Call(func=ast.Name(id=name)) if name in speaking:
            return {"args": node.args[: name == "track"], "keywords": []}
        case ast.Call(func=ast.Name(id="refuse")):
            return {"args": node.args[:1]}
        case ast.Call():
            return {"keywords": [each for each in node.keywords if each.arg not in WORDS]}
    return {}
