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
        InputError: it is not there; of a run's folder the networks in it are named.
    """
    if path.is_file():
        return path
    file = path / "model.json"
    if file.is_file():
        return file
    if not path.exists():
        raise InputError(f"{path}: no such folder or file; name the folder of a {kind}")
    found = sorted(path.glob(f"**/{kind}/**/model.json"))
    if not found:
        raise InputError(
            f"{path}: found no model.json, expected the folder of a {kind}, such as"
            f" results/demo/{kind}/…/seed0"
        )
    names = ", ".join(str(each.parent) for each in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    raise InputError(f"{path}: holds {len(found)} {kind}s, expected one; name {names}{more}")
