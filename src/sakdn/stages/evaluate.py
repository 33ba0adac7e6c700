"""Stage `evaluate`: the only one that looks at the test clips, once a model."""

from pathlib import Path

from sakdn.base.cli import parser, run
from sakdn.base.device import choose_device, device_name
from sakdn.base.files import atomic_path, write_json
from sakdn.base.progress import log
from sakdn.base.provenance import provenance
from sakdn.data.clips.table import read_table
from sakdn.results.metrics import summary
from sakdn.results.scoring import model_name, predictions_table, student_scores, teacher_scores
from sakdn.students.about import StudentAbout
from sakdn.teachers.about import TeacherAbout
from sakdn.training.saved import read_about

EXAMPLE = r"""--clips results/demo/clips.csv --frames results/demo/frames/*.npy \
    --model results/demo/student/sakdn/seed0/model.json \
    --output results/demo/evaluate/student_sakdn/seed0/metrics.json \
    --predictions results/demo/evaluate/student_sakdn/seed0/predictions.csv"""


def main(argv: list[str] | None = None) -> None:
    """Scores one trained model on the test clips."""
    arguments_parser = parser("stages.evaluate", __doc__, EXAMPLE)
    arguments_parser.add_argument("--model", type=Path, required=True, help="its JSON")
    arguments_parser.add_argument("--gaf", type=Path, nargs="*", default=[])
    arguments_parser.add_argument("--frames", type=Path, nargs="*", default=[])
    arguments_parser.add_argument("--predictions", type=Path, required=True)
    arguments = arguments_parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    clips = read_table(arguments.clips)
    about = read_about(arguments.model, TeacherAbout, StudentAbout)
    if isinstance(about, StudentAbout):
        rows, logits = student_scores(
            arguments.model, arguments.frames, clips, device, arguments.threads
        )
    else:
        rows, logits = teacher_scores(arguments.model, arguments.gaf, clips, device)
    labels = clips["action"].to_numpy()[rows]
    with atomic_path(arguments.predictions) as temporary:
        table = predictions_table(clips, rows, logits)
        table.to_csv(temporary, index=False, float_format="%.6g")
    metrics = {
        "model": model_name(about),
        "kind": about.kind,
        "method": about.method if isinstance(about, StudentAbout) else "",
        "seed": about.seed,
        "clips": len(rows),
        **summary(logits.numpy(), labels, about.classes),
        **about.model_dump(include={"cost", "best_epoch", "val_accuracy"}),
        "provenance": {
            **provenance(device_name(device)),
            "model": str(arguments.model),
            "training": {"precision": about.precision, **about.provenance.public()},
        },
    }
    write_json(arguments.output, metrics)
    log(f"accuracy {100 * metrics['accuracy']:.1f} % on {len(rows)} test clips")


if __name__ == "__main__":
    run(main)
