"""Stage `join_folds`: what all folds say of a model and seed, as one evaluation."""

import re
from pathlib import Path

from sakdn.base.cli import new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.base.progress import log
from sakdn.results.joined import join_metrics, join_predictions

EXAMPLE = r"""--metrics results/demo/fold*/evaluate/student_none/seed0/metrics.json \
    --predictions results/demo/evaluate/student_none/seed0/predictions.csv \
    --output results/demo/evaluate/student_none/seed0/metrics.json"""


def main(argv: list[str] | None = None) -> None:
    """Writes the joined metrics and predictions."""
    parser = new_parser("stages.join_folds", __doc__, EXAMPLE)
    parser.add_argument(
        "--metrics", required=True, nargs="+", type=Path, help="of the folds, predictions beside"
    )
    parser.add_argument("--predictions", required=True, type=Path, help="to write (CSV)")
    parser.add_argument("--output", required=True, type=Path, help="metrics to write (JSON)")
    arguments = parser.parse_args(argv)
    metrics = join_metrics({_fold(path): path for path in arguments.metrics})
    table = join_predictions([path.with_name("predictions.csv") for path in arguments.metrics])
    with atomic_path(arguments.predictions) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    write_json(arguments.output, metrics)
    accuracy = f"accuracy {100 * metrics['accuracy']:.1f} % on {metrics['clips']} clips"
    log(f"{accuracy} of {len(arguments.metrics)} folds")


def _fold(path: Path) -> str:
    match = re.search(r"(?:^|/)fold(\d+)/", path.as_posix())
    if match is None:
        raise InputError(f"--metrics: found {path}, expected a path with a folder fold<number>")
    return match[1]


if __name__ == "__main__":
    run(main)
