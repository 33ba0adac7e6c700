"""A full disk and a folder that may not be written: one message, nothing lost, nothing half."""

import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import torch
from stages import Stages

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.npy_file import create_npy

STAGES = (
    "frames",
    "gaf",
    "teacher",
    "fusion",
    "knowledge",
    "student",
    "evaluate",
    "explain",
    "compare",
    "report",
)
TRAINED = ("teacher", "fusion", "student")
SIZE = 2**25
FULL = r": cannot be written: No space left on device; free space, then run the same command again$"
CLOSED = (
    r": cannot be written: Read-only file system; make the folder writable, then run the same"
    r" command again$"
)


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    return Stages(tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="module")
def calm(stages, tmp_path_factory):
    """Runs a stage where there is room, once; where it wrote."""
    top, done = tmp_path_factory.mktemp("calm"), set()

    def folder(stage):
        if stage not in done:
            torch.manual_seed(0)
            stages.main(stage, top / stage)
            done.add(stage)
        return top / stage

    return folder


class SmallDisk:
    """A file system in memory."""

    def __init__(self, path):
        self.path, self.filler = path, path / "filler"

    def leave(self, room):
        """Fills it but for so many bytes."""
        self.filler.unlink(missing_ok=True)
        free = os.statvfs(self.path)
        with self.filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_bsize - room))

    def mount(self, *options):
        words = ["mount", *options, "tmpfs", str(self.path)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def files(self):
        return {path for path in self.path.rglob("*") if path.is_file()} - {self.filler}


@pytest.fixture
def disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk")
    disk.path.mkdir()
    done = disk.mount("-t", "tmpfs", "-o", f"size={SIZE}")
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk.path)], check=True)


def used(folder):
    """Bytes of disk blocks that the files of a folder take."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("stage", STAGES)
def test_full_disk_is_one_message_and_nothing_half(stages, calm, disk, stage):
    expected, output = calm(stage), disk.path / "out"
    for room in {0, used(expected) // 2}:
        disk.leave(room)
        with pytest.raises(InputError, match=f"^{output}/.*{FULL}"):
            stages.main(stage, output)
        assert not [path for path in disk.files() if path.name.endswith(".tmp")]
        for path in disk.files():
            whole = expected / path.relative_to(output)
            assert not whole.exists() or path.stat().st_size == whole.stat().st_size
    disk.filler.unlink()
    stages.main(stage, output)
    found = sorted(path.relative_to(output) for path in disk.files())
    assert found == sorted(p.relative_to(expected) for p in expected.rglob("*") if p.is_file())
    for path in found:
        if path.suffix in (".npy", ".safetensors", ".svg", ".html"):
            assert (output / path).read_bytes() == (expected / path).read_bytes(), path


@pytest.mark.parametrize("stage", STAGES)
def test_read_only_folder_is_one_message(stages, disk, stage):
    assert disk.mount("-o", "remount,ro").returncode == 0
    with pytest.raises(InputError, match=f"^{disk.path}/.*{CLOSED}"):
        stages.main(stage, disk.path / "out")


@pytest.mark.parametrize("stage", TRAINED)
def test_training_whose_result_found_no_room_is_not_repeated(stages, calm, disk, stage, capsys):
    words = stages.command(stage, disk.path / "out")
    state = calm(stage).parent / f"{stage}.state"
    words[words.index("--state") + 1] = str(state)
    main = sys.modules[f"sakdn.stages.{stage}"].main
    disk.leave(0)
    with pytest.raises(InputError, match=FULL):
        main(words)
    assert state.exists()
    disk.filler.unlink()
    capsys.readouterr()
    main(words)
    said = capsys.readouterr().err
    assert "resumes after epoch 2\n" in said
    assert "loss" not in said
    weights = "x/model.safetensors"
    assert (disk.path / "out" / weights).read_bytes() == (calm(stage) / weights).read_bytes()
    assert not state.exists()


def test_a_state_that_finds_no_room_leaves_the_one_before(disk):
    path = disk.path / "state"
    path.write_bytes(b"before")
    disk.leave(0)
    with pytest.raises(InputError, match=FULL), atomic_path(path) as temporary:
        temporary.write_bytes(b"x" * 10**6)
    assert path.read_bytes() == b"before"
    assert disk.files() == {path}


def test_room_is_taken_before_the_work_begins(disk):
    with pytest.raises(InputError, match=FULL), atomic_path(disk.path / "a.npy") as temporary:
        create_npy(temporary, (SIZE,))
    assert disk.files() == set()


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32])
def test_a_created_array_is_zero(tmp_path, dtype):
    start = create_npy(tmp_path / "a.npy", (3, 4), dtype)
    found = np.load(tmp_path / "a.npy")
    assert found.dtype == dtype
    assert found.shape == (3, 4)
    assert not found.any()
    assert (tmp_path / "a.npy").stat().st_size == start + found.nbytes


@pytest.fixture
def limited():
    """No file may grow beyond 64 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("stage", STAGES)
def test_a_limit_of_file_sizes_is_one_message(stages, tmp_path, capsys, limited, stage):
    with pytest.raises(InputError) as error:
        stages.main(stage, tmp_path / "out")
    assert str(error.value).startswith(f"{tmp_path / 'out'}/")
    assert str(error.value).endswith(
        ": cannot be written: File too large; raise the limit of file sizes (ulimit -f), then run"
        " the same command again"
    )
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.endswith(".tmp")]
