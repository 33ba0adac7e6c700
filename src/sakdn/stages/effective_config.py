"""Stage `effective_config`: the configuration of a run, defaults included, beside its results."""

from pathlib import Path

import yaml

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.files import atomic_path

EXAMPLE = """--config '{"name": "demo", "seeds": [0, 1]}' --output results/demo/config.yaml"""


def main(argv: list[str] | None = None) -> None:
    """Writes a configuration as YAML."""
    parser = new_parser("stages.effective_config", __doc__, EXAMPLE)
    parser.add_argument("--config", type=json_options, required=True, help="JSON object")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    with atomic_path(arguments.output) as temporary:
        temporary.write_text(
            yaml.safe_dump(arguments.config, sort_keys=False, allow_unicode=True), encoding="utf-8"
        )


if __name__ == "__main__":
    run(main)
