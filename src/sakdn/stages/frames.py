"""Stage `frames`: decodes the videos of a shard once, resized, into one flat file.

Training reads any frame of it through a memory map: stored raw, a frame costs one copy of
height x width x channels bytes; stored as JPEG, a tenth of the space and decoding.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from sakdn.base.cli import add_news, json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.fingerprints import Kept, fingerprints, read_kept, write_kept
from sakdn.base.options import parse_options
from sakdn.base.sources import code_digest
from sakdn.data.clips.spans import spans_of
from sakdn.options.columns import SPAN
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.earlier import Earlier, digest_of
from sakdn.students.frames.format import with_format
from sakdn.students.frames.store import store_frames

EXAMPLE = r"""--videos results/demo/videos.csv --shard 0 --options '{"short_side_px": 64}' \
    --output results/demo/frames/0.npy --index results/demo/frames/0.csv"""


def main(argv: list[str] | None = None) -> None:
    """Writes the frames of one shard and their index.

    Raises:
        InputError: bad options, or a video that is missing, damaged or truncated.
    """
    parser = new_parser("stages.frames", __doc__, EXAMPLE)
    parser.add_argument("--videos", required=True, help="list of the recordings stage (CSV)")
    parser.add_argument("--shard", required=True, help="which shard of the list")
    parser.add_argument("--options", default="{}", type=json_options)
    parser.add_argument("--threads", default=1, type=int, help="clips decoded at a time")
    parser.add_argument("--output", required=True, help="frames to write (.npy)")
    parser.add_argument("--index", required=True, help="index to write (.csv)")
    add_news(parser)
    arguments = parser.parse_args(argv)
    options = parse_options(FramesOptions, arguments.options, "frames")
    videos = _videos_of(arguments.videos)
    options = with_format(options, videos)
    mine = videos[videos["shard"] == arguments.shard]
    if mine.empty:
        raise InputError(
            f"{arguments.videos}: no clip is in shard {arguments.shard}; see data.shards"
        )
    noted, output, index = arguments.noted, Path(arguments.output), Path(arguments.index)
    before = read_kept(noted) if noted else None
    recordings = fingerprints(mine["video"], before and before.recordings) if noted else {}
    contents = {video: each.content for video, each in recordings.items()}
    made_with = digest_of(options.model_dump_json(), code_digest("sakdn.stages.frames"))
    earlier = Earlier(noted and noted.parents[1] / "frames", made_with, contents)
    with ThreadPoolExecutor(max(1, arguments.threads)) as pool:
        try:
            pieces = store_frames(mine, options, output, index, pool, earlier)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if noted:
        write_kept(noted, Kept(arguments.news, "", recordings))
        names = {shard: f"{digest_of(rows.to_csv())}-{shard}" for shard, rows in _shards(videos)}
        named = zip(mine["video"], spans_of(mine), pieces)
        earlier.keep(names[arguments.shard], output, named, names.values())


def _shards(videos: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each shard, numbered from 0."""
    for shard, rows in videos[videos["shard"] != ""].groupby("shard"):
        yield str(shard), rows.reset_index(drop=True)


def _videos_of(path: str) -> pd.DataFrame:
    try:
        videos = pd.read_csv(path, dtype=str, keep_default_na=False)
        wanted = ("clip", "video", "shard", *SPAN)
        return videos[[name for name in wanted if name not in SPAN or name in videos]]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: not a list of videos: {error}; run the recordings stage"
        ) from error


if __name__ == "__main__":
    run(main)
