"""What runs again after a key was changed: the first rule, and with it all that follows from it."""

from typing import NamedTuple


class Reruns(NamedTuple):
    """What a change makes anew.

    Attributes:
        rule: the first rule that runs; empty where none does.
        words: the same for a reader. The saved configuration and the report are always made anew.
    """

    rule: str
    words: str


# By section or key; the longest that fits counts. A workflow test changes one key of each.
RERUNS = {
    "name": Reruns("clips", "everything, into a folder of its own"),
    "seeds": Reruns("teacher", "seeds that are new"),
    "data": Reruns("clips", "clips table and what follows"),
    "data.demo": Reruns("demo_data", "everything"),
    "split": Reruns("clips", "clips table and what follows"),
    "sensors": Reruns("clips", "clips table and what follows"),
    "sensors.<name>.gaf": Reruns("gaf", "this sensor's images and what follows"),
    "frames": Reruns("frames", "frames and all students"),
    "gaf": Reruns("gaf", "images and what follows"),
    "gaf.windows": Reruns("gaf", "images, what follows, and all students"),
    "semantics": Reruns("semantics", "class vectors and all networks"),
    "teacher": Reruns("teacher", "teachers and what follows"),
    "fusion": Reruns("fusion", "fusion and what follows"),
    "knowledge": Reruns("knowledge", "knowledge and the students that use it"),
    "student": Reruns("student", "all students"),
    "methods": Reruns("student", "this student"),
    "explain": Reruns("explain", "explanations"),
    "download": Reruns("", "nothing"),
    "resources": Reruns("", "nothing"),
}


def reruns_of(key: str) -> Reruns:
    """What the change of a key makes anew."""
    fitting = [name for name in RERUNS if f"{key}.".startswith(f"{name}.")]
    return RERUNS[max(fitting, key=len)]
