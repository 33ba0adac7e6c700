"""Which source files a module depends on, found by reading its imports."""

import ast
import hashlib
from pathlib import Path

PACKAGE = "sakdn"


def module_sources(module: str, source: Path) -> list[str]:
    """Files of `module` and of every module of this package that it imports, however deep.

    The workflow lists them as inputs, so that editing a module re-runs the stages that use it
    and no others.

    Args:
        module: dotted name, for example `sakdn.stages.teacher`.
        source: folder that holds the package.

    Returns:
        Sorted paths.
    """
    found: dict[str, Path] = {}
    pending = [module]
    while pending:
        name = pending.pop()
        path = _file(name, source)
        if name in found or path is None:
            continue
        found[name] = path
        pending += _imports(path, name)
        if "." in name:
            pending.append(name.rpartition(".")[0])
        if path.name == "__init__.py" and name == module:
            pending.append(f"{name}.__main__")
    return sorted(str(path) for path in found.values())


def _file(name: str, source: Path) -> Path | None:
    base = source.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists():
            return path
    return None


def _imports(path: Path, name: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [each for each in found if each.split(".")[0] == PACKAGE]


def data_digest(*paths: Path) -> str:
    """Digest of small input files; part of the key of a resumable state."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_digest(module: str) -> str:
    """Digest of a stage's source files: a state is not resumed by other code."""
    source = Path(__file__).parents[2]
    return data_digest(*map(Path, module_sources(module, source)))
