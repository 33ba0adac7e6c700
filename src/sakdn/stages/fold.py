"""Stage `fold`: the clips table as it is when one fold is tested and the others train."""

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.data.clips.split import in_fold
from sakdn.data.clips.table import read_table, write_table
from sakdn.options.columns import FOLD
from sakdn.options.split import FoldOptions

EXAMPLE = r"""--clips results/demo/clips.csv --fold 0 --output results/demo/fold0/clips.csv"""


def main(argv: list[str] | None = None) -> None:
    """Writes the clips table of a fold."""
    parser = new_parser("stages.fold", __doc__, EXAMPLE)
    parser.add_argument("--clips", required=True, help="clips table with folds (CSV)")
    parser.add_argument("--fold", required=True, type=int, help="number of the fold, from 0")
    parser.add_argument("--options", default={}, type=json_options, help="by, labelled")
    parser.add_argument("--output", required=True, help="clips table to write (CSV)")
    arguments = parser.parse_args(argv)
    clips = read_table(arguments.clips)
    if FOLD not in clips or str(arguments.fold) not in set(clips[FOLD]):
        raise InputError(
            f"{arguments.clips}: found no clips of fold {arguments.fold}; make the table with"
            " split.protocol cross_validation"
        )
    options = parse_options(FoldOptions, arguments.options, "split")
    write_table(in_fold(clips, arguments.fold, options.by, options.labelled), arguments.output)
    tested = clips.loc[clips[FOLD] == str(arguments.fold), options.by].unique()
    log(f"fold {arguments.fold} tests {options.by} {', '.join(tested)}")


if __name__ == "__main__":
    run(main)
