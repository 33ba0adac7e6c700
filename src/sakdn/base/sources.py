"""What a stage's code is, as one digest: of all modules that can change its result.

The workflow gives it to each rule as a parameter, and a training keeps it with its state. Comments,
docstrings, messages and where the files lie have no part in it; nor have the modules that only
speak or stop.
"""

import hashlib
from functools import cache
from pathlib import Path

from sakdn.base.syntax import SPEAKING, read_syntax

SOURCE = Path(__file__).parents[2]
ASIDE = SPEAKING | {"sakdn.base.sources", "sakdn.base.syntax"}
TEMPLATES = "*.j2"  # Beside the modules that fill them.


@cache
def code_digest(module: str, source: Path = SOURCE) -> str:
    """Digest of a stage's code, the same for everybody who has it; read once a process.

    Args:
        module: dotted name, for example `sakdn.stages.teacher`.
        source: folder that holds the package.
    """
    modules = module_files(module, source)
    parts = [f"{name} {read_syntax(path).digest}" for name, path in modules.items()]
    templates = {file for path in modules.values() for file in path.parent.glob(TEMPLATES)}
    parts += [f"{file.name} {data_digest(file)}" for file in sorted(templates)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def module_files(module: str, source: Path = SOURCE) -> dict[str, Path]:
    """Files of `module` and of every module of this package that its result depends on, by name.

    Args:
        module: dotted name.
        source: folder that holds the package.
    """
    found: dict[str, Path] = {}
    pending = [module]
    while pending:
        name = pending.pop()
        if name in found or name in ASIDE or not (path := _file(name, source)):
            continue
        found[name] = path
        pending += read_syntax(path).imports
        if "." in name:
            pending.append(name.rpartition(".")[0])
        if path.name == "__init__.py" and name == module:
            pending.append(f"{name}.__main__")
    return dict(sorted(found.items()))


def data_digest(*paths: Path) -> str:
    """Digest of small input files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _file(name: str, source: Path) -> Path | None:
    base = source.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists() and base.name != "__init__":
            return path
    return None
