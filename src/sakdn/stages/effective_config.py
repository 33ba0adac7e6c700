"""Stage `effective_config`: the configuration of a run, defaults included, beside its results."""

from pathlib import Path

import yaml

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.cpu import cpu_has_bf16
from sakdn.base.files import atomic_path

EXAMPLE = """--config '{"name": "demo", "seeds": [0, 1]}' --output results/demo/config.yaml"""


def main(argv: list[str] | None = None) -> None:
    """Writes a configuration as YAML."""
    parser = new_parser("stages.effective_config", __doc__, EXAMPLE)
    parser.add_argument("--config", type=json_options, required=True, help="JSON object")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    words = yaml.safe_dump(arguments.config, sort_keys=False, allow_unicode=True)
    with atomic_path(arguments.output) as temporary:
        temporary.write_text(f"{_auto()}{words}", encoding="utf-8")


def _auto() -> str:
    """What `precision: auto` is here; that a network gets a GPU is known to its job alone."""
    on_cpu = "bf16, which it has in hardware" if cpu_has_bf16() else "fp32, as it has no bf16"
    return (
        f"# precision: auto is {on_cpu}, on the processor that wrote\n"
        "# this, and bf16 on a GPU that has it. Each network's model.json says what it was.\n"
    )


if __name__ == "__main__":
    run(main)
