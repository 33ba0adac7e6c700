"""What the demo data set can be asked to be."""

from dataclasses import dataclass, fields
from typing import Any

from sakdn.base.errors import InputError
from sakdn.data.demo.actions import ACTIONS

RANGES = {
    "subjects": (1, 999),
    "trials": (1, 999),
    "seed": (0, 2**32 - 1),
    "width_px": (32, 1920),
    "height_px": (32, 1080),
    "fps": (5, 60),
    "actions": (1, len(ACTIONS)),
}


@dataclass(frozen=True)
class DemoOptions:
    """Size of the demo data set; `actions` takes the first so many classes."""

    subjects: int = 6
    trials: int = 4
    seed: int = 7
    width_px: int = 160
    height_px: int = 120
    fps: int = 15
    actions: int = len(ACTIONS)

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise InputError(
                    f"demo option {name}: found {value!r}, expected a whole number from {low} to "
                    f"{high}; correct it in the config"
                )
        for name in ("width_px", "height_px"):
            if getattr(self, name) % 2:
                raise InputError(
                    f"demo option {name}: found {getattr(self, name)}, expected an even number "
                    "(H.264 stores colour at half size); add one"
                )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DemoOptions":
        """Builds the options from a JSON object.

        Raises:
            InputError: an unknown option, a wrong type or a value out of range.
        """
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise InputError(
                    f"demo option {name}: unknown, expected one of {', '.join(known)}; "
                    "correct or remove it"
                )
        return cls(**values)
