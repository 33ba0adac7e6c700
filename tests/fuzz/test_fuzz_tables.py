"""Clips tables and label files: read and written back the same, or refused in one message."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from spoil import CODINGS, ENDS, ODD, damaged, file_of, mostly, or_refused

from sakdn.data.clips.split import with_split
from sakdn.data.clips.table import read_table, sensors_of, write_table
from sakdn.data.datasets.labels import labels_of_numbers, labels_of_words, read_names
from sakdn.data.datasets.user_table import read_user_table
from sakdn.options.data import DataOptions
from sakdn.options.split import SplitOptions

COLUMNS = ["clip", "action", "action_name", "subject", "trial", "video", "acc", "split"]
NAMES = ["sit down", "stand up", "jeté, haut", '"quoted"', "$(touch x)", "<b>"]
GOOD = "\n".join(
    [
        ",".join(COLUMNS),
        *(f"c{n},{n % 2},{NAMES[n % 2]},s{n % 4},{n},v/{n}.mp4,a/{n}.csv,train" for n in range(8)),
        "x,0,sit down,s9,1,v/x.mp4,,test",
        "y,1,stand up,s9,1,v/x.mp4,,val",
    ]
).encode()


def check(content):
    with file_of(content, "clips.csv") as path:
        table = or_refused(lambda: read_table(path), str(path))
        if table is None:
            return
        assert set(COLUMNS[:4]) <= set(table)
        assert sorted(table["action"].unique()) == list(range(table["action"].nunique()))
        write_table(table, path)
        pd.testing.assert_frame_equal(read_table(path), table[list(read_table(path))])
        check_own(path, table)


def check_own(path, table):
    """The same as a user's table, with a split."""
    data = DataOptions(source="table", root=str(path.parent), table=str(path))
    own = or_refused(lambda: read_user_table(data, sensors_of(table)), str(path))
    if own is None:
        return
    for column in ("video", *sensors_of(own)):
        assert not own[column].str.startswith(("/", "..")).any()
    split = or_refused(lambda: with_split(own, SplitOptions(protocol="column")), "split")
    assert split is None or {"train", "val", "test"} == set(split["split"])


@st.composite
def tables(draw):
    label = st.integers(0, 2)
    rows = []
    for number in range(draw(st.integers(0, 10))):
        action = draw(label)
        good = [f"c{number}", str(action), NAMES[action], f"s{number % 3}", "1"]
        good += [f"v{number}.mp4", draw(st.sampled_from(["", "a.csv"])), "train"]
        rows.append([draw(mostly(st.just(cell))) for cell in good])
    header = [draw(mostly(st.just(name), st.sampled_from([*COLUMNS, "", "é"]))) for name in COLUMNS]
    lines = [draw(mostly(st.just(row), st.lists(ODD, max_size=9))) for row in [header, *rows]]
    quoted = draw(st.booleans())
    cells = [
        ['"' + cell.replace('"', '""') + '"' if quoted else cell for cell in row] for row in lines
    ]
    return draw(ENDS).join(map(",".join, cells)).encode(draw(CODINGS), "replace")


@given(tables())
def test_tables(content):
    check(content)


@given(damaged([GOOD]))
def test_damaged_tables(content):
    check(content)


@given(damaged([b"wave\nsit down\nstand up\n", "\ufeffjeté\r\nhaut\r\n".encode()]))
def test_label_files(content):
    with file_of(content, "classes.txt") as path:
        names = or_refused(lambda: read_names(str(path)), str(path))
        if names is None:
            return
        assert all(name == name.strip() != "" for name in names)
        words = or_refused(
            lambda: labels_of_words(["wave", "sit down"], names, str(path)), str(path)
        )
        assert words is None or words == [names.index("wave"), names.index("sit down")]
        numbers = pd.Series([1, 2, 2, 3])
        labels = or_refused(lambda: labels_of_numbers(numbers, names, str(path)), str(path))
        assert labels in (None, [0, 1, 1, 2])
