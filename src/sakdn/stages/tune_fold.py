"""Stage `tune_fold`: the clips of the training side, some of its people held out as val."""

from sakdn.base.cli import new_parser, run
from sakdn.base.progress import log
from sakdn.data.clips.split import in_tune_fold
from sakdn.data.clips.table import read_table, write_table

EXAMPLE = r"""--clips results/demo/clips.csv --fold 0 --folds 3 \
    --output results/demo/tune/fold0/clips.csv"""


def main(argv: list[str] | None = None) -> None:
    """Writes the clips table of a fold of the search for weights."""
    parser = new_parser("stages.tune_fold", __doc__, EXAMPLE)
    parser.add_argument("--clips", required=True, help="clips table (CSV)")
    parser.add_argument("--fold", required=True, type=int, help="number of the fold, from 0")
    parser.add_argument("--folds", required=True, type=int, help="how many folds there are")
    parser.add_argument("--output", required=True, help="clips table to write (CSV)")
    arguments = parser.parse_args(argv)
    clips = in_tune_fold(read_table(arguments.clips), arguments.fold, arguments.folds)
    write_table(clips, arguments.output)
    held = clips.loc[clips["split"] == "val", "subject"].unique()
    log(f"fold {arguments.fold} holds out subject {', '.join(held)} of the training people")


if __name__ == "__main__":
    run(main)
