"""One picture a clip: frames, signals and fields on one time axis, with what was looked at."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sakdn.results.explain.clip import SeenSignal, SeenVideo
from sakdn.results.plots import AXIS_COLOURS, new_figure, value_label

HEAT = LinearSegmentedColormap.from_list("heat", ["#7a1fa2", "#e0218a", "#ff7a1a", "#fff04d"])
AMBER = LinearSegmentedColormap.from_list("amber", ["#ffffff", "#ffb74d"])
WIDTH_IN, LEFT_IN, GAP_IN = 13.0, 1.15, 0.12
FIELD_IN, FRAME_IN, ROW_GAP_IN = 1.08, 1.25, 0.2
NOTE = (
    "Saliency of the answer given, of block {} in the student and {} in the teachers. Percentages:"
    " each frame's share of it.\nPurple is weak, yellow strong. Dotted lines: the frames seen."
    " Amber: the teacher's ablation map over time."
)
TOP_CLASSES = 3
CHARACTER_IN = 0.066  # Of 8 points, on average.
READY = "ready image"


@dataclass(frozen=True)
class Explained:
    """A clip to draw.

    Attributes:
        title: of the picture.
        names: of the classes.
        truth: label of the clip.
        seconds: length of the clip; None if unknown.
        video: of the student.
        signals: of every sensor that the clip has.
        teachers: joint probabilities [C] of the teachers; None without any sensor.
        fields: names of the fields in the images.
    """

    title: str
    names: list[str]
    truth: int
    seconds: float | None
    video: SeenVideo
    signals: list[SeenSignal]
    teachers: np.ndarray | None
    fields: list[str]


class Sheet:
    """A figure on which axes are placed in inches from the upper left corner."""

    def __init__(self, width_in: float, height_in: float) -> None:
        self.figure = new_figure(width_in, height_in, layout=None)
        self.width_in, self.height_in = width_in, height_in

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """New axes."""
        bottom = self.height_in - top - height
        place = (left / self.width_in, bottom / self.height_in)
        return self.figure.add_axes((*place, width / self.width_in, height / self.height_in))


def draw(explained: Explained) -> Figure:
    """Frames above, a row a sensor below; all from left to right on the clip's time axis."""
    squares = len(explained.fields) + 2
    right_in = squares * FIELD_IN + (squares - 1) * GAP_IN + 0.1
    time_in = WIDTH_IN - LEFT_IN - right_in - 0.45
    side_in = min(FRAME_IN, 0.97 * time_in / len(explained.video.frames))
    rows_in = 0.55 + max(3 * (side_in + ROW_GAP_IN), 3.1) + 0.3
    height_in = rows_in + len(explained.signals) * (FIELD_IN + 0.42) + 0.55
    sheet = Sheet(WIDTH_IN, height_in)
    sheet.figure.text(0.15 / WIDTH_IN, 1 - 0.32 / height_in, explained.title, fontsize=13)
    sheet.figure.text(LEFT_IN / WIDTH_IN, 0.12 / height_in, _note(explained), fontsize=8.5)
    draw_frames(sheet, explained, 0.55, time_in, side_in)
    draw_answers(sheet, explained, 0.55, LEFT_IN + time_in + 0.45, right_in)
    for number, seen in enumerate(explained.signals):
        top = rows_in + number * (FIELD_IN + 0.42)
        last = number == len(explained.signals) - 1
        axes = sheet.axes(LEFT_IN, top, time_in, FIELD_IN)
        draw_signal(axes, seen, explained, last)
        draw_fields(sheet, seen, explained, top, LEFT_IN + time_in + 0.45, number == 0)
    return sheet.figure


def draw_frames(
    sheet: Sheet, explained: Explained, top: float, time_in: float, side_in: float
) -> None:
    """Three rows of frames, each in its segment: as seen, with Grad-CAM, with ablation maps."""
    video, length = explained.video, explained.seconds or 1.0
    looks = video.looks
    rows = [("frames", None), ("Grad-CAM", looks.grad_cam), ("ablation", looks.ablation)]
    half, segments = side_in / time_in / 2, len(video.frames)
    for number, (name, maps) in enumerate(rows):
        axes = sheet.axes(LEFT_IN, top + number * (side_in + ROW_GAP_IN), time_in, side_in)
        axes.set(xlim=(0, length), ylim=(1, 0))
        axes.axis("off")
        axes.text(-0.012, 0.5, name, transform=axes.transAxes, ha="right", va="center")
        for k, frame in enumerate(video.frames):
            centre = (k + 0.5) / segments
            extent = ((centre - half) * length, (centre + half) * length, 1, 0)
            picture = coloured(frame) if maps is None else heated(frame, maps[k])
            axes.imshow(picture, extent=extent, aspect="auto", interpolation="bilinear")
            text = _time(video.places[k], explained) if maps is None else _share(maps, k)
            axes.text(centre * length, 1.04, text, ha="center", va="top", fontsize=8)
        axes.set(xlim=(0, length), ylim=(1, 0))


def draw_answers(sheet: Sheet, explained: Explained, top: float, left: float, width: float) -> None:
    """Beside the frames: what the student and the teachers answered, likeliest first."""
    answers = [("student, from video", explained.video.probabilities)]
    if explained.teachers is not None:
        answers.append(("teachers, from sensors", explained.teachers))
    for number, (who, shares) in enumerate(answers):
        axes = sheet.axes(left, top + 0.25 + number * 1.5, width, 1.05)
        best = np.argsort(-shares, kind="stable")[:TOP_CLASSES]
        colours = ["#2e8b57" if k == explained.truth else "#9aa5b1" for k in best]
        axes.barh(range(len(best)), shares[best], color=colours, height=0.86)
        for place, k in enumerate(best):
            axes.text(
                0.01, place, f"{shares[k]:.0%}  {explained.names[k]}", va="center", fontsize=9
            )
        axes.set(xlim=(0, 1), ylim=(TOP_CLASSES - 0.5, -0.5))
        axes.set_title(who, loc="left", fontsize=10)
        axes.axis("off")
        if number:
            # Matplotlib's own wrapping takes a dollar sign in a name for a formula.
            words = fill(leads(explained), int(width / CHARACTER_IN))
            axes.text(0, -0.06, words, transform=axes.transAxes, va="top", fontsize=8)


def leads(explained: Explained) -> str:
    """Which sensor decided what the teachers answered, over the next likely class.

    Their logits are the mean of their sensors', so that the leads say it exactly.
    """
    assert explained.teachers is not None
    second = explained.names[int(np.argsort(-explained.teachers, kind="stable")[1])]
    ordered = sorted(explained.signals, key=lambda seen: -seen.lead)
    said = [f"{seen.name} {seen.lead:+.1f}".replace("-", "−") for seen in ordered]
    return f"lead over {second}, in logits: {', '.join(said)}"


def draw_signal(axes: Axes, seen: SeenSignal, explained: Explained, last: bool) -> None:
    """The signal over time; amber where the teacher's ablation map is strong."""
    length = explained.seconds or 1.0
    over_time = (seen.looks.ablation[0].mean(0) + seen.looks.ablation[0].mean(1)) / 2
    if seen.signal is not None:
        time = (np.arange(len(seen.signal)) + 0.5) / len(seen.signal) * length
        axes.set_prop_cycle(color=AXIS_COLOURS)
        for name, values in zip(seen.axes, seen.signal.T, strict=True):
            axes.plot(time, values, lw=1.1, label=name)
        axes.legend(fontsize=7, ncols=3, loc="upper right", framealpha=0.7, edgecolor="none")
    low, high = axes.get_ylim()
    axes.imshow(
        over_time[None], extent=(0, length, low, high), aspect="auto", cmap=AMBER, vmin=0, zorder=0
    )
    for place in explained.video.places:
        axes.axvline(place * length, color="#1d2733", lw=0.6, ls=":", zorder=1)
    axes.set(xlim=(0, length), ylim=(low, high))
    axes.set_ylabel(value_label(seen.name.replace("_", "\n"), seen.unit), fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if last:
        axes.set_xlabel(_unit(explained), fontsize=9)


def draw_fields(
    sheet: Sheet, seen: SeenSignal, explained: Explained, top: float, left: float, titled: bool
) -> None:
    """The fields of a sensor, then its image under each kind of saliency; time on both axes."""
    length = explained.seconds or 1.0
    given = explained.fields if seen.signal is not None else [READY]
    count, first = len(given), len(explained.fields) - len(given)
    fields = [coloured(field) for field in np.split(seen.gaf, count, axis=2)]
    grey = np.repeat(seen.gaf.mean(2, keepdims=True), 3, axis=2).astype(np.uint8)
    looks = [seen.looks.grad_cam[0], seen.looks.ablation[0]]
    pictures = [*fields, *(heated(grey, heat) for heat in looks)]
    names = [*given, "Grad-CAM", "ablation"]
    for number, (name, picture) in enumerate(zip(names, pictures, strict=True)):
        place = left + (first + number) * (FIELD_IN + GAP_IN)
        axes = sheet.axes(place, top, FIELD_IN, FIELD_IN)
        axes.imshow(picture, extent=(0, length, length, 0), interpolation="nearest")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.tick_params(labelsize=7, length=2, labelleft=number == 0)
        if number >= count and not looks[number - count].any():
            axes.text(length / 2, length / 2, "none", color="white", ha="center", va="center")
        if titled or name == READY:
            axes.set_title(name, fontsize=9)


def coloured(pixels: np.ndarray) -> np.ndarray:
    """Pixels [H, W, 1, 2 or 3 and more] as RGB: grey thrice, or the first three channels."""
    if pixels.shape[2] < 3:
        return np.repeat(pixels[..., :1], 3, axis=2)
    return pixels[..., :3]


def heated(pixels: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Greyed pixels [H, W, channels] under `heat` [H, W] in 0..1: the stronger, the more opaque."""
    grey = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2) / 255
    opacity = 0.6 * np.sqrt(heat)[..., None]
    return (1 - opacity) * grey + opacity * HEAT(heat)[..., :3]


def _share(maps: np.ndarray, k: int) -> str:
    """Share of the saliency that frame k has."""
    return f"{maps[k].sum() / maps.sum():.0%}" if maps.any() else "none"


def _time(place: float, explained: Explained) -> str:
    return f"{place:.0%}" if explained.seconds is None else f"{place * explained.seconds:.2f} s"


def _note(explained: Explained) -> str:
    layers = sorted({seen.looks.layer for seen in explained.signals})
    return NOTE.format(explained.video.looks.layer, " and ".join(map(str, layers)) or "none")


def _unit(explained: Explained) -> str:
    return "share of the clip" if explained.seconds is None else "time (s)"
