"""Which clips one frames job decodes."""

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.options.columns import SPAN


def shards_of(table: pd.DataFrame, shards: int) -> list[int]:
    """Spreads the clips over shards of about equal numbers of clips.

    Subjects stay whole (largest first, each into the emptiest shard). Where there are more shards
    than subjects, clips are dealt one by one. The split has no part in it, so that a new split
    decodes nothing again. Clips that are spans of one video stay together, so that it is decoded
    once, where there are enough videos.

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
    columns = ("subject", "video", "clip") if SPAN[0] in table else ("subject", "clip")
    groups = next(table[name] for name in columns if table[name].nunique() >= shards)
    counts = groups.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    load = [0] * shards
    chosen: dict[str, int] = {}
    for group, count in counts.items():
        chosen[str(group)] = load.index(min(load))
        load[chosen[str(group)]] += int(count)
    return [chosen[group] for group in groups]
