"""Stage `knowledge`: the frozen teachers run once over the training clips; students read this."""

from pathlib import Path

import numpy as np

from sakdn.base.cli import json_options, parser, run
from sakdn.base.device import choose_device, device_name
from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.base.provenance import Cost, provenance
from sakdn.data.clips.recordings import teaching_split, to_tell
from sakdn.data.clips.table import read_table
from sakdn.options.knowledge import KnowledgeOptions
from sakdn.teachers.answers import KEPT_TAPS
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.collect import collect, told_of, write_courses
from sakdn.teachers.gaf.stored import GafImages, joint_windows
from sakdn.teachers.load import load_average
from sakdn.teachers.task import SignalBatches, restore_bank

EXAMPLE = r"""--clips results/demo/clips.csv --gaf results/demo/gaf/*.npy \
    --models results/demo/fusion/seed0/model.json --semantics results/demo/semantics.json \
    --output results/demo/knowledge/fusion/seed0/index.json"""


def main(argv: list[str] | None = None) -> None:
    """Stores what the teachers know of every training clip and window."""
    arguments_parser = parser("stages.knowledge", __doc__, EXAMPLE)
    arguments_parser.add_argument("--gaf", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--models", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--semantics", type=Path, required=True)
    arguments_parser.add_argument("--options", type=json_options, default={})
    arguments = arguments_parser.parse_args(argv)
    cost = Cost()
    device = choose_device(arguments.gpus, arguments.threads)
    options = parse_options(KnowledgeOptions, arguments.options, "knowledge")
    clips = read_table(arguments.clips)
    module, about = load_average(arguments.models)
    module = module.requires_grad_(False).to(device)
    by_name = {path.stem: path for path in arguments.gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about.sensors]
    windows = joint_windows(sensors)
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module, source, about, clips["clip"].tolist())
    present = np.stack([sensor.present for sensor in sensors], axis=1)
    rows = np.flatnonzero((teaching_split(clips) == "train") & present.any(1) & to_tell(clips))
    if not len(rows):
        raise InputError(f"{arguments.clips}: no training clip has any of the sensors and a video")
    _, vectors = class_vectors(arguments.semantics)
    folder = arguments.output.parent
    collect(module, source, rows, vectors.to(device), options, folder)
    index = {
        **told_of(clips, rows),
        "sensors": about.sensors,
        "present": present[rows].tolist(),
        "windows": windows[rows].tolist(),
        "course_widths": write_courses(sensors, rows, folder / "course.npy"),
        "map_channels": module.teachers[0].fused_widths[:5][-KEPT_TAPS:],
        "options": options.model_dump(),
        "models": [str(path) for path in arguments.models],
        "cost": cost.total(),
        "provenance": provenance(device_name(device)),
    }
    write_json(arguments.output, index)
    log(f"{len(rows)} clips, {windows.shape[1]} windows each")


if __name__ == "__main__":
    run(main)
