"""Files that a command line names and that are not there, said before PyTorch is imported."""

import argparse
import glob
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.students.folder import network_file


def refuse_missing(arguments: argparse.Namespace) -> None:
    """Looks whether what a command needs is there.

    Of several videos the missing ones are named when their turn comes, and the rest is read.

    Raises:
        InputError: no such student or results, or none of the videos.
    """
    if hasattr(arguments, "model"):
        network_file(arguments.model, "student")
    if hasattr(arguments, "results") and not arguments.results.is_dir():
        raise InputError(f"{arguments.results}: no such folder; name the folder of a finished run")
    videos = getattr(arguments, "videos", [])
    plain = [name for name in videos if "://" not in name and not glob.has_magic(name)]
    missing = [name for name in plain if not Path(name).exists()]
    if videos and len(missing) == len(videos):
        raise InputError(f"{missing[0]}: no such file; correct the path of the video")
