"""What the configuration says that is saved beside a run's results."""

from pathlib import Path
from typing import Any

import yaml

from sakdn.base.errors import InputError


def read_config(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of the run's config, and its content.

    Raises:
        InputError: not readable, not YAML, or without `name`, `data` and `sensors`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        config = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path}: not a config: {error}") from error
    missing = {"name", "data", "sensors"} - set(config if isinstance(config, dict) else ())
    if missing:
        raise InputError(f"{path}: found no {', '.join(sorted(missing))}; give the run's config")
    return text, config
