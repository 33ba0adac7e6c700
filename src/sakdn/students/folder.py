"""Where the JSON of a network lies; needs no PyTorch."""

from pathlib import Path

from sakdn.base.errors import InputError

NAMED = 8


def network_file(path: Path, kind: str) -> Path:
    """The JSON of a network whose folder, or JSON, `path` is.

    Args:
        path: what a command line names.
        kind: `student`, `teacher` or `fusion`, for the message.

    Raises:
        InputError: it is not there; of a folder above the networks in it are named.
    """
    if path.is_file():
        return path
    file = path / "model.json"
    if file.is_file():
        return file
    if not path.exists():
        raise InputError(f"{path}: no such folder or file; name the folder of a {kind}")
    within = kind in [folder.name for folder in (path.resolve(), path.resolve().parent)]
    found = sorted(path.glob("**/model.json" if within else f"**/{kind}/**/model.json"))
    if not found:
        raise InputError(
            f"{path}: found no model.json, expected the folder of a {kind}, such as"
            f" results/demo/{kind}/…/seed0"
        )
    names = ", ".join(str(each.parent) for each in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    kinds = f"{kind}s, expected one" if len(found) > 1 else kind
    raise InputError(f"{path}: holds {len(found)} {kinds}; name {names}{more}")
