"""Commands: python -m sakdn init | predict | export | inspect | explain."""

import argparse
from importlib import import_module
from pathlib import Path

from sakdn.base.cli import run
from sakdn.commands.missing import refuse_missing

EXAMPLES = {
    "init": """examples:
  python -m sakdn init here
  python -m sakdn init ~/experiments/mhad
""",
    "predict": """examples:
  python -m sakdn predict results/demo/student/sakdn/seed0 clip.mp4
  python -m sakdn predict MODEL videos/ 'more/*.avi' --top 5 --json > predictions.json
  python -m sakdn predict MODEL --camera 0 --seconds 60
  python -m sakdn predict MODEL rtsp://camera.local/stream --window-s 2
  python -m sakdn predict MODEL hour.mp4 --window-s 4 --stride-s 1 --timeline timelines/
""",
    "export": """examples:
  python -m sakdn export results/demo/student/sakdn/seed0 --to onnx --output student.onnx
  python -m sakdn export MODEL --to torch_export --output student.pt2
""",
    "inspect": """examples:
  python -m sakdn inspect results/demo
  python -m sakdn inspect results/demo/clips.csv results/demo/student/sakdn/seed0
  python -m sakdn inspect data/mine/clips.csv data/mine/videos/a.mp4 data/mine/signals/a.csv
  python -m sakdn inspect results/demo/gaf/wrist_accelerometer.npy --export images/
""",
    "explain": """examples:
  python -m sakdn explain results/demo --output pictures/
  python -m sakdn explain results/demo --method sakdn --seed 1 --clips a3_s5_t1 --output pictures/
""",
}


def main(argv: list[str] | None = None) -> int | None:
    """Runs one command; its module is imported only now, so that --help needs no PyTorch.

    Neither does the word that a file is missing.
    """
    arguments = command_parser().parse_args(argv)
    refuse_missing(arguments)
    return import_module(arguments.module).command(arguments)


def command_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m sakdn",
        description=__doc__,
        epilog="`python -m sakdn COMMAND --help` has examples. Training is the workflow's:"
        " snakemake --cores all",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    init = _command(
        commands, "init", "sakdn.commands.init", "Make a folder to run the workflow in."
    )
    init.add_argument(
        "folder", type=Path, metavar="DIR", help="new, or without other files of these names"
    )
    _predict(_command(commands, "predict", "sakdn.commands.predict", "Say what happens in videos."))
    _export(
        _command(commands, "export", "sakdn.commands.export", "Write a student for other runtimes.")
    )
    inspect = _command(
        commands, "inspect", "sakdn.commands.inspection", "Say in words what files hold."
    )
    inspect.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="clips table (one's own too), video, signal, model, knowledge, frame shard, GAF"
        " images, or a run's folder",
    )
    inspect.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the GAF images among them as PNG files, below DIR/<sensor>",
    )
    _explain(_command(commands, "explain", "sakdn.commands.explain", "Draw why a student said so."))
    return parser


def _command(
    commands: argparse._SubParsersAction, name: str, module: str, words: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=words,
        description=words,
        epilog=EXAMPLES[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module=module)
    return parser


def _predict(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "videos",
        nargs="*",
        metavar="VIDEO",
        help="video files, folders of images, depth .mat files, folders of these (searched whole),"
        " globs, or addresses of streams (http, rtsp, udp ...)",
    )
    parser.add_argument("--camera", type=int, metavar="N", help="watch camera N, the first is 0")
    parser.add_argument("--seconds", type=float, help="watch a camera or stream for so long")
    parser.add_argument("--top", type=int, default=3, help="classes a video (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--window-s",
        type=float,
        help="cut videos longer than this into windows of this length (default: the training"
        " clips' median length, for videos over 1.5 times the longest training clip)",
    )
    parser.add_argument("--stride-s", type=float, help="between windows (default: half a window)")
    parser.add_argument(
        "--timeline", type=Path, metavar="FOLDER", help="write a CSV and a PNG a video here"
    )
    parser.add_argument(
        "--precision",
        choices=["fp32", "bf16", "fp16"],
        help="default: as the student was evaluated",
    )
    _machine(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("--to", required=True, choices=["onnx", "torch_export"], help="format")
    parser.add_argument(
        "--output", type=Path, help="file to write (default: beside the model, .onnx or .pt2)"
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder of a finished run")
    parser.add_argument("--method", default="sakdn", help="whose student (default sakdn)")
    parser.add_argument("--seed", type=int, help="default: the run's first")
    parser.add_argument("--clips", nargs="+", help="ids (default: some right and wrong ones)")
    parser.add_argument("--per-class", type=int, default=0, help="test clips of each class")
    parser.add_argument("--layer", type=int, help="block whose maps are shown, 1 to 5")
    parser.add_argument("--output", type=Path, required=True, help="folder of the pictures")
    _machine(parser)


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", type=Path, metavar="MODEL", help="a student: its folder or model.json"
    )


def _machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    parser.add_argument("--gpus", type=int, default=0, help="1: use a GPU if there is one")


def console() -> None:
    """The console script `sakdn`: the same commands."""
    run(main)


if __name__ == "__main__":
    console()
