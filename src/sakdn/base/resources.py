"""Small files that come with this code: in a checkout beside `src`, in a wheel inside the package.

Folders made by `sakdn init` import `SNAKEFILE` from here.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "checkout"  # setup.py puts it into a wheel.
CHECKOUT = INSTALLED if INSTALLED.is_dir() else PACKAGE.parents[1]
SNAKEFILE = str(CHECKOUT / "Snakefile")
FOLDER = "resources"


def find_resource(path: Path | str) -> Path:
    """`path` as it is; where nothing lies there, the file of that name that comes with this code.

    So a path that begins with `resources/` means the same in every working directory, which may
    have a file of its own there.
    """
    path = Path(path)
    mine = CHECKOUT / path
    absent = path.parts[:1] == (FOLDER,) and not path.exists() and mine.is_file()
    return mine if absent else path


def is_resource(path: Path | str) -> bool:
    """Whether `path`, as a config names it, is a file that comes with this code."""
    path = Path(path)
    if path.parts[:1] != (FOLDER,):
        return False
    found = find_resource(path).resolve()
    return found.is_file() and found.is_relative_to(CHECKOUT / FOLDER)
