"""The Python interface: trained networks that answer about files, `sakdn.load_student(...)`.

A folder of a finished run holds `student/<method>/seed<n>`, `teacher/<sensor>/seed<n>` and
`fusion/seed<n>`; each is enough for itself and may be moved or copied.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.commands.explain import command as explain_command
from sakdn.commands.predict import predict_video
from sakdn.commands.sliding import WindowLength
from sakdn.models.fused import FusedTeacher
from sakdn.models.student import Student
from sakdn.students.about import StudentAbout
from sakdn.students.folder import network_file
from sakdn.students.load import open_student
from sakdn.teachers.about import TeacherAbout
from sakdn.teachers.load import load_teacher as read_teacher
from sakdn.teachers.signal_image import signal_image


@dataclass(frozen=True)
class Window:
    """What was said of a part of a video, in seconds; None where the file has no times."""

    start_s: float | None
    end_s: float | None
    action_name: str
    probability: float


@dataclass(frozen=True)
class Answer:
    """What a network says of a recording.

    Attributes:
        probabilities: of every action, the likeliest first.
        windows: the likeliest action of each window of a video; a single one of a short video,
            none of signals.
    """

    probabilities: dict[str, float]
    windows: tuple[Window, ...] = ()

    @property
    def action_name(self) -> str:
        """The likeliest action."""
        return next(iter(self.probabilities))

    @property
    def probability(self) -> float:
        """That of the likeliest action."""
        return next(iter(self.probabilities.values()))


class TrainedStudent:
    """A student with its weights; `module` is the network, `about` what its JSON says."""

    def __init__(self, module: Student, about: StudentAbout, device: torch.device) -> None:
        self.module, self.about, self.device = module.to(device), about, device

    @property
    def classes(self) -> list[str]:
        """Names of the actions, in label order."""
        return list(self.about.classes)

    def predict(
        self, video: Path | str, window_s: float | None = None, stride_s: float | None = None
    ) -> Answer:
        """What happens in a video, a folder of images or depth maps, as the command `predict` does.

        Args:
            video: its path.
            window_s: length of windows of a long video; None for that of the training clips.
            stride_s: between windows; None for half a window.

        Raises:
            InputError: it cannot be read.
        """
        length = WindowLength(window_s, stride_s)
        found = predict_video(
            self.module, self.about, length, self.device, self.about.precision, Path(video)
        )
        windows = [
            Window(*found.video.span_s(span), self.classes[int(each.argmax())], float(each.max()))
            for span, each in zip(found.video.windows, found.windows, strict=True)
        ]
        return Answer(_ordered(self.classes, found.whole), tuple(windows))


class TrainedTeacher:
    """Teachers with their weights, of one sensor or fused; `sensors` are their names."""

    def __init__(self, module: FusedTeacher, about: TeacherAbout, device: torch.device) -> None:
        self.module, self.about, self.device = module.to(device), about, device

    @property
    def classes(self) -> list[str]:
        """Names of the actions, in label order."""
        return list(self.about.classes)

    @property
    def sensors(self) -> list[str]:
        """Names of the sensors."""
        return list(self.about.sensors)

    @torch.no_grad()
    def predict(self, signal: Path | str | Mapping[str, Path | str]) -> Answer:
        """What happens while sensors were worn.

        Args:
            signal: a file as the run's own are, or a file a sensor; fused teachers need not have
                all of theirs.

        Raises:
            InputError: a file that cannot be read, or of another sensor.
        """
        files = self._files(signal)
        images = [
            self._image(number, files.get(name)) for number, name in enumerate(self.about.sensors)
        ]
        present = torch.tensor([[name in files for name in self.about.sensors]], device=self.device)
        logits = self.module(images, None if present.all() else present).logits
        return Answer(_ordered(self.classes, logits[0].float().softmax(0).cpu().numpy()))

    def _files(self, signal: Path | str | Mapping[str, Path | str]) -> dict[str, Path]:
        if not isinstance(signal, Mapping):
            signal = dict.fromkeys(self.about.sensors[:2], signal)
            if len(signal) > 1:
                raise InputError(
                    f"found one signal, expected one of each sensor: {{name: file}} with names"
                    f" among {', '.join(self.about.sensors)}"
                )
        unknown = [name for name in signal if name not in self.about.sensors]
        if unknown or not signal:
            raise InputError(
                f"found {unknown[0] if unknown else 'no'} signal, expected some of"
                f" {', '.join(self.about.sensors)}"
            )
        return {name: Path(path) for name, path in signal.items()}

    def _image(self, number: int, path: Path | None) -> torch.Tensor:
        """Image of a sensor [1, channels, S, S] in 0..1; zeros where it was not worn."""
        network, made = self.about.networks[number], self.about.images
        assert made is not None  # `load_teacher` looks.
        side = network.image_size_px
        if path is None:
            return torch.zeros(1, network.in_channels, side, side, device=self.device)
        image = signal_image(path, made[number], network.in_channels)
        return torch.from_numpy(image)[None].to(self.device).float() / 255


def load_student(folder: Path | str, gpus: int = 0) -> TrainedStudent:
    """Loads a student from its folder (`student/<method>/seed<n>`) or its model.json.

    Args:
        folder: of the student.
        gpus: 1 to use a GPU if there is one.

    Raises:
        InputError: no student there, or a damaged one.
    """
    module, about = open_student(Path(folder))
    return TrainedStudent(module, about, choose_device(gpus, torch.get_num_threads()))


def load_teacher(folder: Path | str, gpus: int = 0) -> TrainedTeacher:
    """Loads a teacher (`teacher/<sensor>/seed<n>`) or the fused ones (`fusion/seed<n>`).

    Args and errors as for `load_student`; teachers that compare with a bank of training clips
    (`fusion.inference: bank`), and those of older runs, are refused too.
    """
    file = network_file(Path(folder), "teacher")
    module, about = read_teacher(file)
    if about.images is None:
        raise InputError(f"{file}: does not say how images were made; train the teacher again")
    if about.bank:
        raise InputError(
            f"{file}: compares with training clips (fusion.inference: bank), which are not in it;"
            " train it with inference: self"
        )
    return TrainedTeacher(module, about, choose_device(gpus, torch.get_num_threads()))


def explain(
    results: Path | str,
    output: Path | str,
    method: str | None = None,
    seed: int | None = None,
    clips: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Draws what a student and its teachers look at in clips of a finished run.

    Args:
        results: folder of the run; paths in its config are relative to the working directory.
        output: folder of the pictures.
        method: whose student; None for sakdn.
        seed: None for the run's first.
        clips: ids; None for some that are right and some that are wrong.

    Returns:
        A record a clip, as `index.json` has it: `clip`, `title`, `student`, `teachers`, `decided`
        and more; `picture` is the path of its picture.

    Raises:
        InputError: not a finished run, or no such method, seed or clip.
    """
    arguments = argparse.Namespace(
        results=Path(results),
        output=Path(output),
        method=method or "sakdn",
        seed=seed,
        clips=None if clips is None else list(clips),
        per_class=0,
        layer=None,
        threads=1,
        gpus=0,
    )
    explain_command(arguments)
    records = read_json(Path(output) / "index.json")["clips"]
    return [record | {"picture": Path(output) / record["picture"]} for record in records]


def _ordered(names: Sequence[str], shares: np.ndarray) -> dict[str, float]:
    best = np.argsort(-shares, kind="stable")
    return {names[k]: float(shares[k]) for k in best.tolist()}
