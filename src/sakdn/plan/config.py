"""The configuration of a run as Snakemake has it: checked, with every default filled in."""

import json
from collections.abc import Mapping
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.numbers import with_numbers
from sakdn.base.options import parse_options
from sakdn.base.plain import check_values
from sakdn.options.config import Config

MAX_CHARACTERS = 2**16  # Linux takes command lines of 2**17, and options are on them.


def load_config(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a configuration, defaults included.

    Raises:
        InputError: one line a mistake: key, value found, what is expected or meant.
    """
    check_values(values, "config:")
    size = len(json.dumps(values, default=str))
    if size > MAX_CHARACTERS:
        raise InputError(f"config: found {size} characters, expected at most {MAX_CHARACTERS}")
    numbered = with_numbers(Config, values)
    return parse_options(Config, numbered, "config:").model_dump(mode="json")
