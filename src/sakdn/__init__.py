"""SAKDN: what wearable sensors teach a network that sees only video.

`sakdn.load_student(folder).predict("a.mp4")`, `sakdn.load_teacher(folder).predict("a.csv")` and
`sakdn.explain(run, output)`; PyTorch is imported when one of them is first looked up.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "Answer",
    "TrainedStudent",
    "TrainedTeacher",
    "Window",
    "explain",
    "load_student",
    "load_teacher",
]


def __getattr__(name: str) -> Any:
    """Looks a name up in `sakdn.commands.api`, so that `import sakdn` stays light."""
    if name in __all__:
        return getattr(import_module("sakdn.commands.api"), name)
    raise AttributeError(f"module 'sakdn' has no attribute {name!r}")
