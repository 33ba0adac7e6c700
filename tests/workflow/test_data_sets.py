"""Berkeley MHAD and MMAct through the whole DAG, on small trees in their layouts."""

import json

import pandas as pd
import pytest
from snake import TINY, Run, copy_checkout
from trees import write_berkeley, write_mmact

from sakdn.base.files import read_json
from sakdn.data.clips.recordings import teaching_split

pytestmark = pytest.mark.workflow
STAGES = ("frames", "gaf", "semantics", "teacher", "fusion", "knowledge", "student")
METHODS = {"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}}


def whole_run(folder, options, split, sensors):
    """Runs the DAG with two sensors; the run, its clips table and where its results are."""
    config = {key: TINY[key] for key in ("name", "seeds", *STAGES)}
    config |= {"data": options["data"], "split": split, "methods": METHODS}
    config["sensors"] = {name: options["sensors"][name] for name in sensors}
    config["gaf"] = config["gaf"] | {"windows": {"count": 2}}
    run = Run(copy_checkout(folder / "checkout"), folder / "run")
    run.folder.mkdir()
    done = run.snakemake("--cores", "2", config=config)
    assert done.returncode == 0, done.stdout[-6000:]
    clips = pd.read_csv(run.results / "clips.csv", dtype=str, keep_default_na=False)
    return run.results, clips


def predictions(results, model):
    return pd.read_csv(results / f"evaluate/{model}/seed0/predictions.csv")


@pytest.mark.xdist_group("berkeley")
def test_berkeley_mhad(tmp_path):
    options = write_berkeley(tmp_path / "data", trials=2)
    split = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}
    results, clips = whole_run(tmp_path, options, split, ["shimmer1", "shimmer4"])
    index = read_json(results / "knowledge/fusion/seed0/index.json")
    train = clips[clips["split"] == "train"]
    assert sorted(index["clips"]) == sorted(train["clip"])
    assert len(index["present"]) == train["recording"].nunique() == len(train) / 3
    scored = predictions(results, "fusion").merge(clips[["clip", "recording"]], on="clip")
    assert len(scored) == 12
    assert scored.groupby("recording")["p_0"].nunique().max() == 1
    assert len(predictions(results, "student_sakdn")) == 12
    page = (results / "report.html").read_text()
    assert "36 clips are views of 12 recordings" in page


@pytest.mark.xdist_group("mmact")
def test_mmact_across_views_with_a_sensor_missing(tmp_path):
    options = write_mmact(tmp_path / "data", sessions=2)
    (tmp_path / "data/gyro_clip/subject01/scene1/session1/carrying.csv").unlink()
    split = {"protocol": "cross_view", "train_views": [1], "test_views": [2], "held_out_share": 0.4}
    results, clips = whole_run(tmp_path, options, split, ["phone_accelerometer", "gyroscope"])
    test = set(clips.loc[clips["split"] == "test", "recording"])
    assert test <= set(clips.loc[clips["split"] == "train", "recording"])
    taught = read_json(results / "knowledge/fusion/seed0/index.json")["clips"]
    recordings = clips.set_index("clip")["recording"]
    assert taught
    assert not set(recordings[taught]) & test
    teach = clips[teaching_split(clips) == "train"]
    assert sorted(teach["clip"]) == sorted(taught)
    missing = json.loads((results / "gaf/gyroscope.json").read_text())["missing"]
    assert "subject01_cam1_scene1_session1_carrying" in missing
    page = (results / "report.html").read_text()
    assert f"{len(test)} of its {len(test)} recordings are in train or val as well" in page
    assert "Clips without a sensor: gyroscope" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "train", "test"),
    [("subject", [1], [2]), ("scene", [1], [2]), ("session", [1, 3], [2])],
)
def test_other_protocols_of_mmact(tmp_path, name, train, test):
    options = write_mmact(tmp_path / "data")
    split = {"protocol": f"cross_{name}", f"train_{name}s": train, f"test_{name}s": test}
    results, clips = whole_run(tmp_path, options, split, ["phone_accelerometer", "gyroscope"])
    tested = clips.loc[clips["split"] == "test"]
    column = tested[name].str.removeprefix(name).astype(int)
    assert set(column) == set(test)
    assert sorted(predictions(results, "student_sakdn")["clip"]) == sorted(tested["clip"])
    learnt = clips.loc[clips["split"] != "test", "recording"]
    assert not set(learnt) & set(tested["recording"])
