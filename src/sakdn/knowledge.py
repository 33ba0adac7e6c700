"""Stage `knowledge`: the frozen teachers run once over the training clips; students read this."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from sakdn.cli import json_options, run
from sakdn.clips.table import read_table
from sakdn.device import choose_device, device_name
from sakdn.errors import InputError
from sakdn.files import write_json
from sakdn.gaf_images import GafImages, joint_windows
from sakdn.models.fused import FusedTeacher
from sakdn.npy_file import MapUse
from sakdn.options import parse_options
from sakdn.progress import track
from sakdn.provenance import Cost, provenance
from sakdn.recordings import recordings_of, teaching_split
from sakdn.signal_task import SignalBatches, restore_bank
from sakdn.stage import class_vectors, parser
from sakdn.teacher_answers import KEPT_TAPS, KnowledgeOptions, ask
from sakdn.teacher_network import load_average


def open_arrays(
    folder: Path, shape: tuple[int, ...], said: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Arrays on disk to fill row by row, [*shape, width] each, under temporary names.

    Args:
        folder: where.
        shape: clips, windows, sensors.
        said: a batch, which tells widths and types.
    """
    return {
        name: np.lib.format.open_memmap(
            folder / f".{name}.tmp.npy", "w+", value.dtype, (*shape, value.shape[2])
        )
        for name, value in said.items()
    }


def collect(
    module: FusedTeacher,
    source: SignalBatches,
    rows: np.ndarray,
    vectors: torch.Tensor,
    options: KnowledgeOptions,
    folder: Path,
) -> None:
    """Asks the teachers for every window of clips `rows` and writes the arrays to `folder`.

    Raises:
        InputError: a teacher's answer is not finite.
    """
    windows = source.sensors[0].windows.shape[1]
    steps = [
        (window, start)
        for window in range(windows)
        for start in range(0, len(rows), options.batch_size)
    ]
    arrays: dict[str, np.ndarray] = {}
    uses: dict[str, MapUse] = {}
    for window, start in track(steps, "knowledge", "batches"):
        chosen = slice(start, start + options.batch_size)
        said = ask(module, source.take(rows[chosen], window), vectors, options)
        arrays = arrays or open_arrays(folder, (len(rows), windows, len(source.sensors)), said)
        for name, value in said.items():
            if not np.isfinite(value).all():
                raise InputError(
                    f"knowledge: the teachers' {name} are not finite, or too large for half"
                    " precision; train the teachers with a lower `lr` or with `clip_norm`"
                )
            arrays[name][chosen, window] = value
            uses.setdefault(name, MapUse(arrays[name])).add(value.nbytes)
    for name, array in arrays.items():
        array.flush()
        (folder / f".{name}.tmp.npy").rename(folder / f"{name}.npy")


def told_of(clips: pd.DataFrame, rows: np.ndarray) -> dict[str, list[Any]]:
    """Training clips that the knowledge of clips `rows` is about: all views of their recordings.

    Returns:
        `clips`: ids; `places`: for each its place in the arrays.
    """
    recordings = recordings_of(clips)
    place_of = {recording: place for place, recording in enumerate(recordings.iloc[rows])}
    places = recordings.map(place_of)
    told = places.notna() & (clips["split"] == "train")
    return {"clips": clips["clip"][told].tolist(), "places": places[told].astype(int).tolist()}


def main(argv: list[str] | None = None) -> None:
    """Stores what the teachers know of every training clip and window."""
    arguments_parser = parser(main.__doc__)
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
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about["sensors"]]
    windows = joint_windows(sensors)
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module, source, about, clips["clip"].tolist())
    present = np.stack([sensor.present for sensor in sensors], axis=1)
    rows = np.flatnonzero((teaching_split(clips) == "train") & present.any(1))
    if not len(rows):
        raise InputError(f"{arguments.clips}: no training clip has any of the sensors")
    _, vectors = class_vectors(arguments.semantics)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    collect(module, source, rows, vectors.to(device), options, arguments.output.parent)
    index = {
        **told_of(clips, rows),
        "sensors": about["sensors"],
        "present": present[rows].tolist(),
        "windows": windows[rows].tolist(),
        "map_channels": module.streams[0].fused_widths[:5][-KEPT_TAPS:],
        "options": asdict(options),
        "models": [str(path) for path in arguments.models],
        "cost": cost.total(),
        "provenance": provenance(device_name(device)),
    }
    write_json(arguments.output, index)


if __name__ == "__main__":
    run(main)
