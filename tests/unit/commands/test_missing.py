"""What is not there is said at once: before PyTorch, which takes seconds to import."""

import subprocess
import sys
from pathlib import Path

import pytest

from sakdn.base.errors import InputError
from sakdn.students.folder import network_file

EXAMPLE = Path(__file__).parents[3] / "examples/onnx_predict.py"


@pytest.fixture
def run(tmp_path):
    """A run's folder with two students, as far as one looks for them."""
    for method in ("none", "sakdn"):
        folder = tmp_path / f"demo/student/{method}/seed0"
        folder.mkdir(parents=True)
        (folder / "model.json").write_text("{}")
    return tmp_path / "demo"


def test_the_folder_of_a_run_names_its_students(run):
    with pytest.raises(InputError) as error:
        network_file(run, "student")
    assert str(error.value) == (
        f"{run}: holds 2 students, expected one; name {run}/student/none/seed0,"
        f" {run}/student/sakdn/seed0"
    )
    with pytest.raises(
        InputError, match=f"sakdn: holds 1 student; name {run}/student/sakdn/seed0$"
    ):
        network_file(run / "student/sakdn", "student")
    assert (
        network_file(run / "student/none/seed0", "student") == run / "student/none/seed0/model.json"
    )


def test_a_folder_without_a_student_and_none_at_all(tmp_path):
    with pytest.raises(InputError, match=r"found no model\.json, expected the folder of a student"):
        network_file(tmp_path, "student")
    with pytest.raises(InputError, match=r"gone: no such folder or file"):
        network_file(tmp_path / "gone", "student")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "gone", "a.mp4"], "gone: no such folder or file"),
        (["predict", "demo", "a.mp4"], "demo: holds 2 students"),
        (["predict", "demo/student/none/seed0", "a.mp4"], "a.mp4: no such file"),
        (["export", "gone", "--to", "onnx"], "gone: no such folder or file"),
        (["explain", "gone", "--output", "x"], "gone: no such folder; name the folder of a"),
    ],
)
def test_what_is_missing_needs_no_pytorch(run, words, said):
    script = (
        "import sys, sakdn.__main__ as m\n"
        "try: m.main(sys.argv[1:])\n"
        "except Exception as e: print(e, sorted({'torch', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=run.parent)
    assert done.stdout.startswith(said)
    assert done.stdout.endswith("[]\n")


def test_the_example_has_help():
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("usage: onnx_predict.py [-h] student video")
