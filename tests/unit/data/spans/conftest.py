import pandas as pd
import pytest
from long_recordings import COLUMNS, SPANS, write_long


@pytest.fixture(scope="session")
def long(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    for who in "abcd":
        write_long(folder, who)
    return folder


@pytest.fixture
def root(long, tmp_path):
    """Four people, a long video and a signal each, and four clips of each."""
    folder = tmp_path / "data"
    folder.mkdir()
    for path in long.iterdir():
        (folder / path.name).symlink_to(path)
    rows = [
        (f"{who}{n}", n % 2, ["wave", "jump"][n % 2], who, f"{who}.mp4", *span, f"{who}.csv")
        for who in "abcd"
        for n, span in enumerate(SPANS)
    ]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "clips.csv", index=False)
    return folder
