"""Words for what the files of a run hold: a title, then sentences."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import SafetensorError, safe_open

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import with_label
from sakdn.data.clips.table import SPLITS, read_rows, sensors_of, validated
from sakdn.data.readers.natural import natural_key
from sakdn.options.methods import SELF_TRAINING
from sakdn.students.about import StudentAbout
from sakdn.teachers.about import TeacherAbout
from sakdn.teachers.gaf.index import GafIndex
from sakdn.teachers.knowledge import KnowledgeIndex

SEEN = {
    "frames": "frames",
    "difference": "differences of frames",
    "both": "frames and their differences",
}


def clips_words(path: Path) -> list[str]:
    """A clips table: who, what, which side, which sensors."""
    clips = validated(read_rows(path), str(path))
    if "split" not in clips:
        clips = clips.assign(split="")
    by_split = [
        f"{split}: {_count(len(side), 'clip')} of {_subjects(side)}"
        for split in SPLITS
        if len(side := clips[clips["split"] == split])
    ]
    sensors = [f"{name} ({(clips[name] != '').sum()} clips)" for name in sensors_of(clips)]
    known = clips[with_label(clips)]
    actions = known.groupby("action")["action_name"].agg(["first", "size"]).itertuples()
    alone = int((clips["video"] == "").sum())
    return [
        "clips table",
        f"{_count(len(clips), 'clip')} of {known['action'].nunique()} actions, {_subjects(clips)}",
        *(by_split or ["on no side of a split yet: the workflow's `split` says who trains"]),
        *[f"{_count(alone, 'clip')} without a video, for the sensors' networks alone"]
        * bool(alone),
        *[f"{_count(len(clips) - len(known), 'clip')} without a label"] * (len(known) < len(clips)),
        f"sensors: {', '.join(sensors) or 'none'}",
        "actions: " + ", ".join(f"{row.first} ({row.size})" for row in actions),
    ]


def _subjects(clips: pd.DataFrame) -> str:
    names = sorted(clips["subject"].unique(), key=natural_key)
    return f"{_count(len(names), 'subject')} ({', '.join(names)})"


def model_words(path: Path, about: StudentAbout | TeacherAbout) -> list[str]:
    """A network: what it is, what it sees, how it was trained."""
    if isinstance(about, StudentAbout):
        named, sees = f"student {about.method}", _student_words(about)
    else:
        kind = "teacher of the" if about.kind == "teacher" else "fused teachers of"
        named, sees = f"{kind} {', '.join(about.sensors)}", _teacher_words(about)
    cost, made = about.cost, about.provenance
    state = " with changes" if made.git.get("dirty") else ""
    return [
        f"{named}, seed {about.seed}, {len(about.classes)} actions",
        *sees,
        f"{_parameters(path.with_suffix('.safetensors'))}",
        f"kept epoch {about.best_epoch} of {about.options.get('epochs', '?')}, right on"
        f" {about.val_accuracy:.1%} of the validation clips; trained"
        f" {cost.wall_s:.0f} s with at most {cost.peak_memory_mb:.0f} MB",
        f"made with torch {made.versions.torch} on {made.device}, commit"
        f" {made.git.get('commit', 'unknown')[:10]}{state}",
    ]


def _student_words(about: StudentAbout) -> list[str]:
    network, view, taught = about.network, about.view, about.distillation
    width = f" of width {network.width}" if network.backbone == "small" else ""
    second = ", of videos without a label by the student alone too" * taught.second_opinion
    words = [
        f"sees {view.segments} {SEEN[view.input]} of {view.size_px} x {view.size_px} px; backbone"
        f" {network.backbone}{width}, head {network.head}",
        "taught by the labels alone"
        if taught.loss == "none"
        else "taught by the labels and by its own answers on videos without one"
        if taught.loss == SELF_TRAINING
        else f"taught by the labels and, with loss {taught.loss}, by {taught.teacher}{second}",
    ]
    if frames := about.frames:
        words.append(f"frames stored in {frames.color}, short side {frames.short_side_px} px")
    if length := about.clip_length:
        rate = f" at {length.fps:g} frames a second" if length.fps else ""
        words.append(f"training clips have {length.median_frames:g} frames{rate} (median)")
    return [*words, f"actions: {', '.join(about.classes)}"]


def _teacher_words(about: TeacherAbout) -> list[str]:
    networks = [
        f"{sensor}: sees images of {n.in_channels} channels, {n.image_size_px} x"
        f" {n.image_size_px} px; backbone {n.backbone}"
        for sensor, n in zip(about.sensors, about.networks, strict=True)
    ]
    return networks + [f"SPAMFM compares with: {f.rule}" for f in [about.fusion] if f]


def _parameters(path: Path) -> str:
    """Counts the values of a weights file from its header alone."""
    try:
        with safe_open(path, framework="numpy") as file:
            names = list(file.keys())
            shapes = [file.get_slice(name).get_shape() for name in names]
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: not readable as weights: {error}; train again") from error
    return f"{sum(map(_product, shapes)):,} values, {_size(path)}"


def knowledge_words(path: Path, index: KnowledgeIndex) -> list[str]:
    """What the teachers said: of which clips, and how much of it."""
    arrays = {file.stem: _map(file) for file in sorted(path.parent.glob("*.npy"))}
    shapes = ", ".join(f"{name} {values.shape[-1]}" for name, values in arrays.items())
    sides = ", ".join(str(side) for side in index.options.map_sizes_px)
    return [
        f"knowledge of {', '.join(index.sensors)}",
        f"{_count(len(index.clips), 'training clip')},"
        f" {_count(len(index.windows[0]), 'window')} each",
        f"values a clip, window and sensor: {shapes}",
        f"saliency maps of {sides} px, of the {index.options.score} score",
        f"{sum(values.nbytes for values in arrays.values()) / 1e6:.1f} MB",
    ]


def frames_words(path: Path) -> list[str]:
    """A shard of frames: clips, sizes, lengths."""
    index, _ = pd.read_csv(path.with_suffix(".csv")), _map(path)
    sizes = index[["width", "height"]].drop_duplicates().astype(str).agg(" x ".join, axis=1)
    colours = " and ".join({1: "grey", 3: "RGB"}[c] for c in sorted(index["channels"].unique()))
    rates = ", ".join(f"{rate:g}" for rate in sorted(index["fps"].dropna().unique()))
    return [
        "frame shard",
        f"{_count(len(index), 'clip')}, {index['frames'].sum():,} frames, {_size(path)}",
        f"{colours}, {', '.join(sizes.iloc[:5])}{' and others' if len(sizes) > 5 else ''} px",
        f"{index['frames'].min()} to {index['frames'].max()} frames a clip (median"
        f" {index['frames'].median():g}), {rates or 'unknown'} frames a second",
    ]


def gaf_words(path: Path, index: GafIndex) -> list[str]:
    """Images of a sensor: how many, of what, how made."""
    recordings, windows, channels, side, _ = _map(path).shape
    clips = len(index.clips)
    made = index.options
    lacking = f"; {_count(len(index.missing), 'clip')} without signal" * bool(index.missing)
    how = f"field {made.field}, scaling {made.scaling}, resize {made.resize}"
    return [
        f"{'ready images' if made.images else 'Gramian angular field images'} of the {path.stem}",
        f"{_count(clips, 'clip')} of {_count(recordings, 'recording')},"
        f" {_count(windows, 'window')} each, {_size(path)}{lacking}",
        f"{channels} channels of {side} x {side} px",
        "resized from the files that were given" if made.images else f"made with {how}",
    ]


def _map(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}; delete it and run again") from error


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _product(shape: Sequence[int]) -> int:
    return int(np.prod(shape, dtype=np.int64))
