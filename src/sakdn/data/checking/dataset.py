"""Reads every file of a data set once, whole, and finds what is odd about them and their clips."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.parallel import process_map
from sakdn.base.progress import log, track
from sakdn.data.checking.held import wrong_spans
from sakdn.data.checking.kept import Facts, Job, KeptFacts
from sakdn.data.checking.lags import odd_lags
from sakdn.data.checking.pairs import (
    odd_axes,
    odd_durations,
    odd_rates,
    odd_sides,
    odd_values,
)
from sakdn.data.checking.people import odd_people
from sakdn.data.checking.ready_images import check_ready_image
from sakdn.data.checking.sides import same_signals, same_videos
from sakdn.data.checking.signals import SignalFacts, check_signal
from sakdn.data.checking.swapped import swapped_signals
from sakdn.data.checking.videos import VideoFacts, check_video
from sakdn.data.clips.parts import parts_of
from sakdn.data.clips.problems import Finding, Problem, Severity
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.parts import Part
from sakdn.options.sensors import SensorOptions

FILES_A_TASK = 8


def read_all(
    clips: pd.DataFrame,
    root: Path,
    sensors: Mapping[str, SensorOptions],
    processes: int,
    kept: KeptFacts,
) -> tuple[dict[str, VideoFacts], dict[str, dict[str, SignalFacts]]]:
    """Reads each file once, in parallel, but those that are as they were when they were read.

    Returns:
        Facts of each video by its path in the table, and those of each signal by sensor and path.
    """
    files = [("video", path) for path in clips["video"].unique() if path]
    files += [(name, path) for name in sensors for path in clips[name].unique() if path]
    parts = {column: _by_file(clips, column) for column in ("video", *sensors)}
    jobs = [(root / path, sensors.get(column), parts[column][path]) for column, path in files]
    found = kept.of(jobs)
    if found:
        log(f"files: {len(found)} of {len(jobs)} are as they were when they were read")
    unread = [number for number in range(len(jobs)) if number not in found]
    with process_map(processes, FILES_A_TASK) as mapper:
        read = mapper(_check, (jobs[number] for number in unread))
        for number, each in zip(unread, track(read, "files", "files", len(unread))):
            found[number] = each
            kept.add(jobs[number], each)
    kept.forget_others(jobs)
    facts: dict[str, dict[str, Any]] = {column: {} for column in ("video", *sensors)}
    for number, (column, path) in enumerate(files):
        facts[column][path] = found[number]
    return facts.pop("video"), facts


def _by_file(clips: pd.DataFrame, column: str) -> dict[str, list[Part]]:
    """What clips are of each file."""
    parts: dict[str, list[Part]] = {}
    for path, part in zip(clips[column], parts_of(clips, column), strict=True):
        parts.setdefault(path, []).append(part)
    return parts


def _check(job: Job) -> Facts:
    """Reads a file and tries the spans that clips are of it."""
    path, sensor, parts = job
    facts = _facts(path, sensor, all(part.span for part in parts))
    with suppress(InputError):  # Then the facts say that it cannot be read.
        timing = facts.timing if isinstance(facts, VideoFacts) else None
        facts = replace(facts, wrong_spans=wrong_spans(path, sensor, parts, timing))
    return facts


def _facts(path: Path, sensor: SensorOptions | None, cut: bool) -> Facts:
    """Reads a signal, or a video, which has no options; what is `cut` is not used whole."""
    if sensor is None:
        return check_video(path)
    if sensor.images:
        return check_ready_image(path)
    if not cut:
        return check_signal(path, sensor, sensor.gaf.nan)
    facts = check_signal(path, sensor.moved(-sensor.offset_s), sensor.gaf.nan)
    return replace(facts, begin_s=sensor.offset_s)


def missing_signals(clips: pd.DataFrame, sensors: list[str], policy: str) -> Iterator[Problem]:
    """Clips that lack a sensor; an error only where `data.sensors_missing` is `error`."""
    severity: Severity = "error" if policy == "error" else "note"
    for name in sensors:
        finding = Finding("missing_signal", severity, f"has no {name} (or an empty file)")
        for row in clips[clips[name] == ""].itertuples():
            yield Problem(row.clip, row.video, finding)


def signals_alone(clips: pd.DataFrame, sensors: list[str]) -> Iterator[Problem]:
    """Clips without a video."""
    finding = Finding("no_video", "note", "has no video; it teaches the sensors' networks only")
    for _, row in clips[clips["video"] == ""].iterrows():
        yield Problem(row["clip"], next(filter(None, row[sensors]), ""), finding)


def odd_files(
    clips: pd.DataFrame,
    videos: Mapping[str, VideoFacts],
    signals: Mapping[str, Mapping[str, SignalFacts]],
) -> Iterator[Problem]:
    """What is odd about single files, and about the files of a clip; once for each clip."""
    of_videos = [(path, finding) for path, facts in videos.items() for finding in facts.findings]
    yield from _of_clips(clips, "video", [*of_videos, *odd_rates(videos)])
    for name, of_sensor in signals.items():
        found = [(path, finding) for path, facts in of_sensor.items() for finding in facts.findings]
        among = [*odd_axes(of_sensor), *odd_sides(of_sensor), *odd_values(of_sensor)]
        yield from _of_clips(clips, name, [*found, *among])
        yield from odd_durations(clips, name, videos, of_sensor)
        yield from odd_lags(clips, name, videos, of_sensor)
        yield from odd_people(clips, name, of_sensor)
        yield from swapped_signals(clips, name, of_sensor)


def _of_clips(
    clips: pd.DataFrame, column: str, found: Iterable[tuple[str, Finding]]
) -> Iterator[Problem]:
    """Findings about files as problems of the clips that use them."""
    users = clips.groupby(column, sort=False)["clip"].agg(list)
    for path, finding in found:
        for clip in users[path]:
            yield Problem(clip, path, finding)


def same_files(
    clips: pd.DataFrame,
    videos: Mapping[str, VideoFacts],
    signals: Mapping[str, Mapping[str, SignalFacts]],
) -> Iterator[Problem]:
    """Files of the same content in several clips."""
    digests = clips["video"].map({k: f.digest for k, f in videos.items()}).fillna("")
    yield from same_videos(clips, _of_spans(clips, digests))
    for name, of_sensor in signals.items():
        digests = clips[name].map({k: f.digest for k, f in of_sensor.items()}).fillna("")
        yield from same_signals(clips, name, _of_spans(clips, digests))


def _of_spans(clips: pd.DataFrame, digests: "pd.Series[str]") -> "pd.Series[str]":
    """Digests of the files of clips, told apart by what part of the file a clip is."""
    parts = [f" {span}" * bool(span) for span in spans_of(clips)]
    return digests.where(digests == "", digests + pd.Series(parts, clips.index))
