"""Stage `frames`: decodes the videos of a shard once, resized, into one flat file.

Training reads any frame of it through a memory map, without decoding: a frame costs one copy of
height x width x channels bytes.
"""

import argparse
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.cli import json_options, run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.npy_file import create_npy, write_at
from sakdn.base.options import parse_options
from sakdn.base.parallel import map_ahead
from sakdn.base.progress import track
from sakdn.data.readers.video import ClipPlan, FramesOptions, plan_clip, read_clip


def main(argv: list[str] | None = None) -> None:
    """Writes the frames of one shard and their index.

    Raises:
        InputError: bad options, or a video that is missing, damaged or truncated.
    """
    parser = argparse.ArgumentParser(prog="python -m sakdn.stages.frames", description=__doc__)
    parser.add_argument("--videos", required=True, help="list of videos of the clips stage (CSV)")
    parser.add_argument("--shard", required=True, help="which shard of the list")
    parser.add_argument("--options", default="{}", type=json_options)
    parser.add_argument("--threads", default=1, type=int, help="clips decoded at a time")
    parser.add_argument("--output", required=True, help="frames to write (.npy)")
    parser.add_argument("--index", required=True, help="index to write (.csv)")
    arguments = parser.parse_args(argv)
    options = parse_options(FramesOptions, arguments.options, "frames")
    videos = _videos_of(arguments.videos, arguments.shard)
    with ThreadPoolExecutor(max(1, arguments.threads)) as pool:
        try:
            store_frames(videos, options, Path(arguments.output), Path(arguments.index), pool)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _videos_of(path: str, shard: str) -> pd.DataFrame:
    try:
        videos = pd.read_csv(path, dtype=str, keep_default_na=False)
        videos = videos.loc[videos["shard"] == shard, ["clip", "video"]]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a list of videos: {error}; run the clips stage") from error
    if videos.empty:
        raise InputError(f"{path}: no clip is in shard {shard}; see data.shards")
    return videos


def store_frames(
    videos: pd.DataFrame,
    options: FramesOptions,
    output: Path,
    index: Path,
    pool: ThreadPoolExecutor,
) -> None:
    """Stores the frames of `videos` (columns clip, video), one clip after another.

    All files are looked at first, which gives every clip its place; the clips are then decoded in
    parallel, each straight to its place, so that memory holds a few blocks of frames whatever the
    number and length of the clips.

    Raises:
        InputError: names the video at fault.
    """
    plans = list(map_ahead(pool, partial(plan_clip, options=options), videos["video"]))
    table = _index(videos["clip"], plans)
    sizes = table["frames"] * table["height"] * table["width"] * table["channels"]
    with atomic_path(index) as temporary_index, atomic_path(output) as temporary:
        table.to_csv(temporary_index, index=False)
        start = create_npy(temporary, (int(sizes.sum()),))
        store = partial(_store_clip, temporary, options)
        places = (start + table["offset"]).tolist()
        done = map_ahead(pool, store, videos["video"], plans, places)
        for _ in track(done, "frames", "clips", len(table)):
            pass


def _index(clips: Iterable[str], plans: list[ClipPlan]) -> pd.DataFrame:
    rows = [
        (clip, len(plan.indices), plan.height, plan.width, plan.channels, plan.fps)
        for clip, plan in zip(clips, plans)
    ]
    table = pd.DataFrame(rows, columns=["clip", "frames", "height", "width", "channels", "fps"])
    sizes = table["frames"] * table["height"] * table["width"] * table["channels"]
    table.insert(1, "offset", np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    return table


def _store_clip(
    temporary: Path, options: FramesOptions, video: str, plan: ClipPlan, place: int
) -> None:
    for block in read_clip(video, plan, options):
        write_at(temporary, place, block)
        place += block.nbytes


if __name__ == "__main__":
    run(main)
