"""Every reader of files that users bring, called alike.

As a program it reads what a JSON list on standard input names (name, reader, path) and says of each
what came of it and how many MB of memory the process grew by.
"""

import json
import resource
import sys
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.data.clips.table import read_table
from sakdn.data.datasets.labels import read_names
from sakdn.data.readers.image_folder import read_image
from sakdn.data.readers.matfile import load_array
from sakdn.data.readers.shown import look
from sakdn.data.readers.signals import SignalOptions, read_signal
from sakdn.data.readers.video import check_opens
from sakdn.teachers.word_vectors import read_word_vectors

READERS = {
    "signal": lambda path: read_signal(path, SignalOptions()),
    "table": read_table,
    "names": lambda path: read_names(str(path)),
    "words": lambda path: read_word_vectors(path, {"sit"}),
    "depth": lambda path: load_array(path, None, 3),
    "image": lambda path: read_image(path, "rgb"),
    "video": check_opens,
    "frames": look,
}


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def outcome(reader, path):
    try:
        return f"was read: {type(READERS[reader](path))}"
    except InputError as error:
        return str(error)


if __name__ == "__main__":
    for name, reader, path in json.load(sys.stdin):
        before = peak_mb()
        message = outcome(reader, Path(path))
        print(json.dumps([name, message, peak_mb() - before]), flush=True)
