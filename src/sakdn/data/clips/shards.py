"""Which clips one frames job decodes."""

import hashlib
from math import ceil

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.options.columns import SPAN

ROOM = 1.25  # Clips that a shard may have, as a multiple of the mean.


def shards_of(table: pd.DataFrame, shards: int) -> list[int]:
    """Spreads the clips over shards of about equal numbers of clips.

    By a digest of its name, so that a clip that is added or removed is no matter to other shards
    than its own. Neither are subjects, labels and split. Only where few clips fell unevenly do some
    go elsewhere: none is left empty, none has a quarter more than the mean. Clips that are spans of
    one video stay together, so that it is decoded once, where there are enough videos.

    Args:
        table: clips that have a video.
        shards: how many.

    Returns:
        Shard 0..shards-1 of each row.

    Raises:
        InputError: more shards than clips.
    """
    if shards > len(table):
        raise InputError(
            f"data.shards: found {shards}, expected at most {len(table)}, the number of clips"
            " that have a video"
        )
    together = SPAN[0] in table and table["video"].nunique() >= shards
    names = table["video" if together else "clip"]
    sizes = names.value_counts(sort=False).to_dict()
    members: list[list[str]] = [[] for _ in range(shards)]
    load, room = [0] * shards, ceil(ROOM * len(table) / shards)
    for name in sorted(sizes, key=_digest):
        first = _digest(name) % shards
        around = [*range(first, shards), *range(first)]
        fitting = (shard for shard in around if load[shard] + sizes[name] <= room)
        shard = next(fitting, load.index(min(load)))
        members[shard].append(name)
        load[shard] += sizes[name]
    while [] in members:
        members[members.index([])].append(max(members, key=len).pop())
    shard_of = {name: shard for shard, each in enumerate(members) for name in each}
    return [shard_of[name] for name in names]


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogateescape")).digest()[:8])
