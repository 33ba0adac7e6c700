import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import learning_rows

SPLIT = ["train", "val", "test", "train"]


def test_rows_that_have_the_sensor():
    rows = learning_rows(SPLIT, np.array([True, True, False, False]), "sensor wrist")
    assert {side: found.tolist() for side, found in rows.items()} == {
        "train": [0],
        "val": [1],
        "test": [],
    }


@pytest.mark.parametrize(("present", "side"), [([0, 1, 1, 0], "train"), ([1, 0, 1, 1], "val")])
def test_a_side_without_the_sensor_is_named(present, side):
    with pytest.raises(InputError, match=f"sensor wrist: no {side} clip has the sensor"):
        learning_rows(SPLIT, np.array(present, bool), "sensor wrist")
