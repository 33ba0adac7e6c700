"""Clips that are spans of long recordings, and the stages run on them."""

import av
import numpy as np
import pandas as pd
from recordings import arguments, clips_stage

from sakdn.data.clips.problems import read_problems
from sakdn.data.clips.table import read_table
from sakdn.stages.data_problems import main as check
from sakdn.stages.frames import main as frames_stage

FPS, SECONDS, RATE = 10, 20, 50
SENSORS = {"watch": {"columns": ["x", "y"], "time_column": "t", "rate_hz": RATE}}
COLUMNS = ["clip", "action", "action_name", "subject", "video", "start_s", "end_s", "watch"]
SPANS = [(0, 3), (4.05, 8), (8, 11.5), (13, 19)]


def write_long(folder, who, stamps=True):
    """20 s: frame i is of grey level i, x of the signal is the time in s since the first sample."""
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(folder / f"{who}.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"qp": "0", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv444p"
        for index in range(FPS * SECONDS):
            plane = np.full((24, 32, 3), index, np.uint8)
            plane[:, :8] = ord(who[0])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plane, format="rgb24")))
        container.mux(stream.encode())
    times = np.arange(SECONDS * RATE) / RATE
    rows = [f"{1000 + t:.3f},{t:.3f},{np.sin(t) + ord(who[0]):.4f}" for t in times]
    head = ["t,x,y"] if stamps else ["x,y"]
    rows = rows if stamps else [row.split(",", 1)[1] for row in rows]
    (folder / f"{who}.csv").write_text("\n".join(head + rows))


def options(root, **changes):
    data = {"source": "table", "root": str(root), "table": str(root / "clips.csv"), "shards": 2}
    split = {"protocol": "cross_subject", "train_subjects": list("abc"), "test_subjects": ["d"]}
    data["outside_root"] = True
    return {"data": data, "split": split, "sensors": SENSORS} | changes


def run_clips(root, **changes):
    output, videos = root.parent / "clips.csv", root.parent / "videos.csv"
    clips_stage(options=options(root, **changes), output=output, videos=videos)
    return read_table(output), pd.read_csv(videos, dtype=str, keep_default_na=False)


def change(root, clip, **cells):
    table = pd.read_csv(root / "clips.csv", dtype=str, keep_default_na=False)
    for column, value in cells.items():
        table.loc[table["clip"] == clip, column] = value
    table.to_csv(root / "clips.csv", index=False)


def check_of(root, **changes):
    outputs = {"output": root.parent / "problems.csv", "summary": root.parent / "summary.json"}
    check(arguments(options=options(root, **changes), **outputs))
    return read_problems(outputs["output"])


def frames_of(root, shard):
    paths = {"output": root.parent / f"{shard}.npy", "index": root.parent / f"{shard}.csv"}
    about = {"videos": root.parent / "videos.csv", "shard": shard, "threads": 2}
    frames_stage(arguments(**about, options={"short_side_px": 24}, **paths))
    return paths["output"]
