"""What a student sees in a long video over time, as a table and as a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sakdn.base.files import atomic_path
from sakdn.commands.sliding import Prediction
from sakdn.results.plots import new_figure

SHOWN_CLASSES = 8
MAX_NAME_BYTES = 255 - len(".csv")


def write_timeline(base: Path, prediction: Prediction, names: Sequence[str]) -> None:
    """Writes `<base>.csv` (one row a window) and `<base>.png`; a very long name is cut."""
    name = base.name.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    with atomic_path(base.with_name(f"{name}.csv")) as temporary:
        timeline_table(prediction, names).to_csv(temporary, index=False, float_format="%.6g")
    with atomic_path(base.with_name(f"{name}.png")) as temporary:
        draw_timeline(prediction, names).savefig(temporary, format="png", dpi=144)


def timeline_table(prediction: Prediction, names: Sequence[str]) -> pd.DataFrame:
    """One row a window: `start_frame,end_frame,start_s,end_s,predicted,action_name,p_0...`."""
    video, windows = prediction.video, prediction.windows
    table = pd.DataFrame(video.windows, columns=["start_frame", "end_frame"])
    table[["start_s", "end_s"]] = [video.span_s(window) for window in video.windows]
    table["predicted"] = windows.argmax(1)
    table["action_name"] = [names[label] for label in table["predicted"]]
    return table.join(pd.DataFrame(windows).add_prefix("p_"))


def draw_timeline(prediction: Prediction, names: Sequence[str]) -> Figure:
    """Probability (shade) of the classes that come up, over time; dots mark the likeliest."""
    video, windows = prediction.video, prediction.windows
    shown = np.argsort(-windows.max(0), kind="stable")[:SHOWN_CLASSES]
    shown = shown[np.argsort(windows[:, shown].argmax(0), kind="stable")]
    spans: Sequence[tuple[float | None, float | None]] = video.windows
    end, unit = float(video.timing.frames), "frames"
    if video.seconds is not None:
        spans, end, unit = [video.span_s(each) for each in video.windows], video.seconds, "s"
    centres = np.array(spans, dtype=float).mean(axis=1)
    edges = np.concatenate([[0], (centres[1:] + centres[:-1]) / 2, [end]])
    figure = new_figure(11, 1.3 + 0.32 * len(shown))
    axes = figure.subplots()
    mesh = axes.pcolormesh(
        edges, np.arange(len(shown) + 1), 100 * windows[:, shown].T, cmap="Blues", vmin=0, vmax=100
    )
    place = {label: number for number, label in enumerate(shown)}
    likeliest = [(t, place[k] + 0.5) for t, k in zip(centres, windows.argmax(1)) if k in place]
    axes.plot(*np.array(likeliest).T, "o", ms=4, color="#d9822b")
    axes.set_yticks(np.arange(len(shown)) + 0.5, [names[label] for label in shown])
    axes.invert_yaxis()
    axes.set(xlabel=f"time ({unit}); dots: the likeliest class of a window", title=video.path.name)
    figure.colorbar(mesh, label="probability (%)")
    return figure
