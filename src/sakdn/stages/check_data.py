"""Says what the data check found; fails where a clip is bad and the config does not drop it."""

from sakdn.base.cli import new_parser, run
from sakdn.base.errors import InputError, listed
from sakdn.data.clips.problems import bad_clips, kinds, read_problems

EXAMPLE = "--problems results/demo/check/problems.csv --on-bad-clip error"


def main(argv: list[str] | None = None) -> None:
    """Prints how many problems of each kind there are, and what comes of the bad clips.

    Raises:
        InputError: there are errors and `--on-bad-clip` is `error`.
    """
    parser = new_parser("stages.check_data", __doc__, EXAMPLE)
    parser.add_argument("--problems", required=True, help="table of the data check (CSV)")
    parser.add_argument("--on-bad-clip", choices=["error", "drop"], required=True)
    arguments = parser.parse_args(argv)
    problems = read_problems(arguments.problems)
    each = [f"{severity} {kind}: {count}" for (severity, kind), count in kinds(problems).items()]
    found = f"{arguments.problems}: {len(problems)} problem{'s' * (len(problems) != 1)}"
    print(f"{found} ({', '.join(each)})" if each else found)
    bad = bad_clips(problems)
    lines = [f"{clip}: {reason}" for clip, reason in bad.items()]
    if bad and arguments.on_bad_clip == "error":
        raise InputError(
            f"{len(bad)} clips cannot be used:\n  {listed(lines)}\n"
            f"all are in {arguments.problems}; correct them, or set data.on_bad_clip: drop"
        )
    if bad:
        print(f"data.on_bad_clip: drop: these {len(bad)} clips are left out:\n  {listed(lines)}")


if __name__ == "__main__":
    run(main)
