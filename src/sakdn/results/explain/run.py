"""What a run has to explain its clips with, and the explanation of one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.device import choose_device
from sakdn.data.clips.table import read_table
from sakdn.models.fused import FusedTeacher
from sakdn.models.student import Student
from sakdn.options.columns import UNLABELLED
from sakdn.results.explain.clip import see_signals, see_video, seen_signals
from sakdn.results.explain.picture import READY, Explained, leads
from sakdn.students.about import StudentAbout
from sakdn.students.frames.stored import FrameStore
from sakdn.students.load import load_student
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import load_average
from sakdn.teachers.task import SignalBatches, restore_bank

FIELDS = {"both": ["summation field", "difference field"]}


@dataclass(frozen=True)
class Run:
    """What a run has to explain its clips with.

    Attributes:
        clips: the clips table.
        student: its network.
        about: what the student's JSON says.
        frames: the stored frames.
        teachers: their network.
        source: the sensors' images.
        sensors: the config's.
        root: data root.
    """

    clips: pd.DataFrame
    student: Student
    about: StudentAbout
    frames: FrameStore
    teachers: FusedTeacher
    source: SignalBatches
    sensors: dict[str, dict[str, Any]]
    root: Path

    def seconds(self, clip: str) -> float | None:
        """Length of a clip; None where the frame rate is unknown or frames were left out."""
        timing = self.frames.timing(clip)
        at_most = self.about.frames.max_frames if self.about.frames else None
        whole = at_most is None or timing.frames < at_most
        return timing.end_s(timing.frames) if whole else None


def explain_clip(run_: Run, row: int, layer: int | None) -> Explained:
    """Asks student and teachers about the clip in `row` of the clips table."""
    about = run_.clips.iloc[row]
    video = see_video(run_.student, run_.about, run_.frames, about["clip"], layer)
    images, shares = see_signals(run_.teachers, run_.source, row, layer)
    names, said = run_.about.classes, int(video.probabilities.argmax())
    made = [sensor.index.options for sensor in run_.source.sensors]
    field = next((each.field for each in made if not each.images), READY)
    verdict = "right" if said == about["action"] else f"wrong, it is {about['action_name']}"
    if about["action"] == UNLABELLED:
        verdict = "it has no label"
    return Explained(
        title=f"{about['clip']}: the student says {names[said]} ({verdict})",
        names=list(names),
        truth=int(about["action"]),
        seconds=run_.seconds(about["clip"]),
        video=video,
        signals=seen_signals(images, about, run_.root, run_.sensors),
        teachers=shares if images else None,
        fields=FIELDS.get(field, [field if field == READY else f"{field} field"]),
    )


def record(run_: Run, row: int, explained: Explained, picture: str) -> dict[str, Any]:
    """What the report says of a picture."""
    about, shares = run_.clips.iloc[row], explained.video.probabilities
    evidence = explained.video.looks.ablation.sum((1, 2))
    teachers = explained.teachers
    return {
        "clip": about["clip"],
        "title": explained.title,
        "picture": picture,
        "truth": about["action_name"],
        "student": explained.names[int(shares.argmax())],
        "student_probability": float(shares.max()),
        "teachers": None if teachers is None else explained.names[int(teachers.argmax())],
        "leads": "" if teachers is None else leads(explained),
        "decided": None if teachers is None else max(explained.signals, key=lambda s: s.lead).name,
        "strongest_frame": int(evidence.argmax()) + 1,
        "student_layer": explained.video.looks.layer,
        "teacher_layers": {seen.name: seen.looks.layer for seen in explained.signals},
    }


def open_run(arguments: Any) -> Run:
    """Loads the networks and opens the stores that the command line names."""
    device = choose_device(arguments.gpus, arguments.threads)
    clips = read_table(arguments.clips)
    student, about = load_student(arguments.student)
    teachers, taught = load_average(arguments.teachers)
    by_name = {path.stem: path for path in arguments.gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in taught.sensors]
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    teachers = teachers.requires_grad_(False).to(device)
    restore_bank(teachers, source, taught, clips["clip"].tolist())
    return Run(
        clips,
        student.requires_grad_(False).to(device),
        about,
        FrameStore(arguments.frames),
        teachers,
        source,
        arguments.sensors,
        arguments.root,
    )
