"""Stage `tune`: what every share of every method came to on held-out training people."""

from pathlib import Path

from sakdn.base.cli import new_parser, run
from sakdn.base.files import atomic_path
from sakdn.base.progress import log
from sakdn.results.tuning import best_shares, overlay, read_trials, words

EXAMPLE = r"""--models results/demo/tune/fold*/student/*/seed*/model.json \
    --output results/demo/tune/table.csv --overlay results/demo/tune/overlay.yaml"""


def main(argv: list[str] | None = None) -> None:
    """Writes the table of all that was tried, and the overlay with what was best."""
    parser = new_parser("stages.tune", __doc__, EXAMPLE)
    parser.add_argument("--models", required=True, nargs="+", type=Path, help="students tried")
    parser.add_argument("--output", required=True, type=Path, help="table to write (CSV)")
    parser.add_argument("--overlay", required=True, type=Path, help="overlay to write (YAML)")
    arguments = parser.parse_args(argv)
    trials, weights = read_trials(arguments.models)
    best = best_shares(trials)
    with atomic_path(arguments.output) as temporary:
        trials.to_csv(temporary, index=False, float_format="%.6g")
    with atomic_path(arguments.overlay) as temporary:
        temporary.write_text(overlay(best, weights), encoding="utf-8")
    log(words(trials, best))


if __name__ == "__main__":
    run(main)
