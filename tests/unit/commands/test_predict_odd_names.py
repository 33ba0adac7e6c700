"""Videos whose names are no text, or as long as names can be, or formulas."""

import os

import numpy as np
import pytest
from PIL import Image
from recordings import write_video
from tiny_student import write_student

from sakdn.__main__ import main
from sakdn.base.cli import run


def predicted(folder, name):
    """Exit status of predicting a video of that name, with a timeline."""
    student = write_student(folder / "student")
    (folder / "videos").mkdir()
    video = write_video(folder / "plain.mp4", frames=12, noise=True)
    video.rename(folder / "videos" / name)
    words = ["predict", str(student), str(folder / "videos"), "--timeline", str(folder / "out")]
    with pytest.raises(SystemExit) as ended:
        run(lambda: main(words))
    return ended.value.code


@pytest.mark.parametrize("name", ["$a_{b$ \\frac.mp4", "座る💥 " + "x" * 240 + ".mp4"])
def test_predict_with_timeline(tmp_path, capfd, name):
    assert predicted(tmp_path, name) == 0
    assert "%" in capfd.readouterr().out
    made = sorted((tmp_path / "out").iterdir())
    assert [path.suffix for path in made] == [".csv", ".png"]
    with Image.open(made[1]) as picture:
        assert np.asarray(picture).std() > 0


def test_a_name_that_is_no_text(tmp_path, capfd):
    assert predicted(tmp_path, os.fsdecode(b"not \xff utf-8.mp4")) == 1
    assert "its name is no text in UTF-8; rename it" in capfd.readouterr().err
