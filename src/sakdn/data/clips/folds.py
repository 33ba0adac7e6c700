"""Folds of people: each is tested once, by networks that never saw any of its people."""

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import with_video
from sakdn.data.clips.val import SHARE, WHOLE_SUBJECTS_FROM, val_rows
from sakdn.data.readers.natural import natural_key
from sakdn.options.columns import FOLD
from sakdn.options.split import SplitOptions


def with_folds(table: pd.DataFrame, options: SplitOptions) -> pd.DataFrame:
    """Adds column `fold`, the number of the fold in which a clip is tested.

    People are dealt to the folds in turn, in natural order of their names or as `people` has them.

    Returns:
        The clips of the people in use, index 0..n-1.

    Raises:
        InputError: no such column, somebody listed without clips, or fewer people than folds.
    """
    if options.by not in table:
        raise InputError(f"split.by: the clips have no column {options.by}; add it")
    there = sorted(table[options.by].unique(), key=natural_key)
    people = [str(name) for name in options.people or there]
    for name in people:
        if name not in there:
            raise InputError(
                f"split.people: no clip of {options.by} {name!r}; there are {', '.join(there)};"
                " correct it"
            )
    if len(people) < options.fold_count:
        raise InputError(
            f"split.folds: found {options.fold_count}, but there are {len(people)} {options.by}s;"
            " take fewer folds"
        )
    table = table[table[options.by].isin(people)].reset_index(drop=True)
    numbers = {name: str(place % options.fold_count) for place, name in enumerate(people)}
    return table.assign(**{FOLD: table[options.by].map(numbers)})


def held_out(table: pd.DataFrame, number: int, folds: int) -> list[str]:
    """People of training fold `number` of `folds`, dealt in turn in the natural order of names.

    Raises:
        InputError: fewer people than folds.
    """
    people = sorted(table["subject"].unique(), key=natural_key)
    if len(people) < folds:
        raise InputError(
            f"tune.folds: found {folds}, but {len(people)} people train; take fewer folds"
        )
    return people[number::folds]


def split_of_fold(table: pd.DataFrame, number: int, by: str) -> pd.Series:
    """Side of each clip of a table with folds when fold `number` is tested.

    `val` is of people who do not train where at least four are left: those that come after the
    fold's in the order of names, so that over the folds all serve. Else it is one in five of the
    recordings of each action.
    """
    tested = table[FOLD].astype(int) == number
    split = pd.Series("train", index=table.index).mask(tested, "test")
    names = sorted(table[by].unique(), key=natural_key)
    last = max(place for place, name in enumerate(names) if name in set(table.loc[tested, by]))
    seen = set(table.loc[~tested & with_video(table), by])
    after = [name for name in names[last + 1 :] + names[:last] if name in seen]
    if len(after) >= WHOLE_SUBJECTS_FROM:
        chosen = after[: max(1, round(len(after) * SHARE))]
        return split.mask(~tested & table[by].isin(chosen), "val")
    split[val_rows(table.assign(split=split), unseen_people=False)] = "val"
    return split
