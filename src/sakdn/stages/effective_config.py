"""Stage `effective_config`: the configuration of a run, defaults included, beside its results."""

import argparse
from pathlib import Path

import yaml

from sakdn.base.cli import json_options, run
from sakdn.base.files import atomic_path


def main(argv: list[str] | None = None) -> None:
    """Writes a configuration as YAML."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--config", type=json_options, required=True, help="JSON object")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    with atomic_path(arguments.output) as temporary:
        temporary.write_text(
            yaml.safe_dump(arguments.config, sort_keys=False, allow_unicode=True), encoding="utf-8"
        )


if __name__ == "__main__":
    run(main)
