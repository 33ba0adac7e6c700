"""Stage `explain`: pictures of what the student and the teachers look at in chosen clips."""

from pathlib import Path

from sakdn.base.cli import json_options, parser, run
from sakdn.base.files import atomic_path, make_folder, write_json
from sakdn.base.options import parse_options
from sakdn.base.progress import track
from sakdn.options.explain import ExplainOptions
from sakdn.results.explain.choose import choose_clips
from sakdn.results.explain.picture import draw
from sakdn.results.explain.run import explain_clip, open_run, record

DPI = 110

EXAMPLE = r"""--clips results/demo/clips.csv --frames results/demo/frames/*.npy \
    --gaf results/demo/gaf/wrist_accelerometer.npy --root data/demo \
    --sensors '{"wrist_accelerometer": {"path": "Inertial/{clip}_inertial.mat"}}' \
    --student results/demo/student/sakdn/seed0/model.json \
    --teachers results/demo/teacher/wrist_accelerometer/seed0/model.json \
    --predictions results/demo/evaluate/student_sakdn/seed0/predictions.csv \
    --pictures results/demo/explain/pictures --output results/demo/explain/index.json"""


def main(argv: list[str] | None = None) -> None:
    """Draws why the student and the teachers answered as they did, a picture a chosen clip."""
    arguments_parser = parser("stages.explain", __doc__, EXAMPLE)
    arguments_parser.add_argument("--student", type=Path, required=True, help="its JSON")
    arguments_parser.add_argument("--teachers", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--frames", type=Path, nargs="+", required=True, help="shards")
    arguments_parser.add_argument("--gaf", type=Path, nargs="+", required=True, help="images")
    arguments_parser.add_argument("--predictions", type=Path, required=True, help="of the student")
    arguments_parser.add_argument("--root", type=Path, required=True, help="data root")
    arguments_parser.add_argument("--sensors", type=json_options, required=True)
    arguments_parser.add_argument("--options", type=json_options, default={})
    arguments_parser.add_argument("--pictures", type=Path, required=True, help="folder to write")
    arguments = arguments_parser.parse_args(argv)
    options = parse_options(ExplainOptions, arguments.options, "explain")
    opened = open_run(arguments)
    chosen = choose_clips(opened.clips, arguments.predictions, options)
    make_folder(arguments.pictures)
    records = []
    for row in track(chosen, "explain", "clips"):
        explained = explain_clip(opened, row, options.layer)
        picture = arguments.pictures / f"{opened.clips['clip'][row]}.png"
        with atomic_path(picture) as temporary:
            draw(explained).savefig(temporary, format="png", dpi=DPI)
        records.append(record(opened, row, explained, str(picture.name)))
    index = {"method": opened.about.method, "seed": opened.about.seed, "clips": records}
    write_json(arguments.output, index)


if __name__ == "__main__":
    run(main)
