"""Every file of the reference's arrays, checked by its kind.

The folder is named by SAKDN_ORACLES (default: `oracles` in the shared folder beside the
repository). A file of an unknown kind fails.
"""

import os
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest

from oracles.clips import check_clips
from oracles.gaf import check_authors_jpeg, check_gaf, check_gaf_jpeg
from oracles.gsdm import check_gsdm
from oracles.losses import check_kd_losses
from oracles.metrics import check_metrics
from oracles.networks import (
    check_bninception,
    check_bninception_names,
    check_fusion,
    check_teacher,
    check_teacher_names,
    check_trn,
)
from oracles.sampling import check_crop_sampling, check_frame_sampling, check_pixels

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[3] / "shared"))
ORACLES = Path(os.environ.get("SAKDN_ORACLES", SHARED / "oracles"))
JPEG = SHARED / "gaf" / "a1_s1_t1_GASF_a.jpg"
NOT_ARRAYS = {"README.md"}

# The first pattern that fits decides.
KINDS: dict[str, Callable[[Path], None]] = {
    "fusion_*.npz": check_fusion,
    "trn_*.npz": check_trn,
    "kd_losses_*.npz": check_kd_losses,
    "gsdm_*.npz": check_gsdm,
    "bninception_names*.json": check_bninception_names,
    "bninception_*.npz": check_bninception,
    "gaf_*_jpeg_decoded.npz": check_gaf_jpeg,
    "gaf_*.npz": check_gaf,
    "clips_*.csv.gz": check_clips,
    "teacher_*_names*.json": check_teacher_names,
    "teacher_*.npz": check_teacher,
    "frame_sampling_*.npz": check_frame_sampling,
    "crop_*.npz": check_crop_sampling,
    "pixels_*.npz": check_pixels,
    "metrics_*.npz": check_metrics,
}


def check_of(name: str) -> Callable[[Path], None]:
    """The check for a file called `name`."""
    for pattern, check in KINDS.items():
        if fnmatch(name, pattern):
            return check
    pytest.fail(f"{name}: unknown kind; known: {', '.join(KINDS)}")


def files() -> list[Path]:
    return sorted(path for path in ORACLES.glob("*") if path.name not in NOT_ARRAYS)


def test_folder_has_arrays() -> None:
    if not ORACLES.is_dir():
        pytest.skip(f"no folder {ORACLES}; set SAKDN_ORACLES")
    assert files(), f"{ORACLES}: no arrays"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_oracle(path: Path) -> None:
    check_of(path.name)(path)


@pytest.mark.parametrize("name", ["strange_seed0.npz", "kd_losses_seed0.pkl", "notes.txt"])
def test_unknown_kind_fails(name: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="unknown kind"):
        check_of(name)


def test_authors_jpeg() -> None:
    oracle = ORACLES / "gaf_a1_s1_t1.npz"
    if not JPEG.is_file() or not oracle.is_file():
        pytest.skip(f"no {JPEG} or no {oracle}")
    check_authors_jpeg(JPEG, oracle)
