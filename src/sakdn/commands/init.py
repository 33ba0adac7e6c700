"""Makes a folder to work in: a Snakefile with the rules of this package, configs and profiles.

The rules stay where they are, so that a later version of the package brings its own; what is
written belongs to the user.
"""

import argparse
import shlex
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, check_writable, make_folder
from sakdn.base.resources import CHECKOUT

SNAKEFILE = '''\
"""SAKDN with the rules of the installed package sakdn; rules of your own may follow."""

from sakdn.base.resources import SNAKEFILE

if "data" not in config:

    configfile: "config/demo.yaml"


include: SNAKEFILE


rule everything:
    """What `snakemake` makes if it is not told what."""
    default_target: True
    input:
        rules.all.input,
    localrule: True
'''
COPIED = ("config/**/*.yaml", "config/README.md", "profiles/**/*.yaml")


def command(arguments: argparse.Namespace) -> None:
    """Writes the folder and says what to do next.

    Raises:
        InputError: it holds other files of these names, or cannot be written.
    """
    folder: Path = arguments.folder
    written = write_folder(folder)
    print(f"{folder}: {written} files written; next:")
    print(f"  cd {shlex.quote(str(folder))}")
    print("  snakemake --cores all   # the demo, as config/demo.yaml says")
    print("config/custom.yaml is for recordings of your own, config/README.md explains every key.")


def write_folder(folder: Path) -> int:
    """Writes what is not there yet; nothing at all if a file there is another one.

    Returns:
        How many files were written.

    Raises:
        InputError: see `command`.
    """
    make_folder(folder)
    check_writable(folder)
    files = {folder / name: content for name, content in folder_files().items()}
    there = [path for path in files if path.exists()]
    others = [path for path in there if not (path.is_file() and path.read_bytes() == files[path])]
    if others:
        names = ", ".join(str(path.relative_to(folder)) for path in others)
        raise InputError(
            f"{folder}: found other files where {names} should be written, wrote nothing; name a"
            " new folder, or move them away"
        )
    for path in sorted(files.keys() - set(there)):
        with atomic_path(path) as temporary:
            temporary.write_bytes(files[path])
    return len(files) - len(there)


def folder_files() -> dict[str, bytes]:
    """Names below the folder, and contents."""
    found = sorted(path for pattern in COPIED for path in CHECKOUT.glob(pattern))
    copied = {path.relative_to(CHECKOUT).as_posix(): path.read_bytes() for path in found}
    return {"Snakefile": SNAKEFILE.encode()} | copied
