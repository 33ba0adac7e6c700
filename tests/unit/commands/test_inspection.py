import json
import shutil

import numpy as np
import pytest
from recordings import arguments
from tiny_run import MAP_SIZES_PX, make_run, save_fusion, save_teacher
from tiny_student import write_student

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.stages.knowledge import main as knowledge


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    made = make_run(tmp_path_factory.mktemp("run"), missing={"gyroscope": [3]}, windows=2)
    for path in made.gaf:
        index = json.loads(path.with_suffix(".json").read_text())
        index["options"] = {"field": "summation", "scaling": "dataset", "resize": "paa"}
        path.with_suffix(".json").write_text(json.dumps(index))
    write_student(made.root / "student")
    teacher = save_teacher(made.root / "teacher/model.json", "gyroscope")
    for path in (teacher, save_fusion(made.root / "fusion/model.json")):
        about = json.loads(path.read_text()) | {"options": {"epochs": 4}}
        path.write_text(json.dumps(about))
    words = arguments(
        clips=made.clips,
        models=made.root / "fusion/model.json",
        semantics=made.semantics,
        options={"map_sizes_px": MAP_SIZES_PX},
        output=made.root / "knowledge/index.json",
    )
    knowledge([*words, "--gaf", *map(str, made.gaf)])
    return made


def words_of(capsys, *paths):
    main(["inspect", *map(str, paths)])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        (
            "clips.csv",
            [
                "clips table 24 clips of 3 actions, 1 subject (1)",
                "val: 6 clips of 1 subject (1)",
                "sensors: accelerometer (24 clips), gyroscope (23 clips)",
                "actions: bend (8), clap (8), wave (8)",
            ],
        ),
        ("0.npy", ["frame shard 24 clips", "RGB, 18 x 18 px", "(median 6", "15 frames a second"]),
        (
            "gyroscope.npy",
            [
                "Gramian angular field images of the gyroscope",
                "24 clips of 24 recordings, 2 windows each",
                "1 clip without signal",
                "3 channels of 32 x 32 px",
                "field summation, scaling dataset",
            ],
        ),
        (
            "student",
            [
                "student sakdn, seed 0, 3 actions",
                "sees 4 frames of 28 x 28 px; backbone small of width 4, head trn",
                "by fusion",
                "frames stored in rgb, short side 32 px",
                "training clips have 20 frames at 15 frames a second",
                "kept epoch 1 of 4, right on 50.0% of the validation clips",
                "actions: bend, clap, wave",
            ],
        ),
        ("teacher/model.json", ["teacher of the gyroscope", "images of 3 channels, 32 x 32 px"]),
        ("fusion", ["fused teachers of accelerometer, gyroscope", "SPAMFM compares with: self"]),
        (
            "knowledge",
            [
                "knowledge of accelerometer, gyroscope 12 training clips, 2 windows each",
                "saliency 44, semantic 6",
                "saliency maps of 4, 4, 2, 2, 2 px, of the class score",
            ],
        ),
    ],
)
def test_says_what_is_in_there(run, capsys, path, sentences):
    words = words_of(capsys, run.root / path)
    for sentence in sentences:
        assert sentence in words


def test_counts_the_weights(run, capsys):
    from sakdn.students.load import load_student

    module, _ = load_student(run.root / "student/model.json")
    count = sum(values.numel() for values in module.state_dict().values())
    assert f"{count:,} values" in words_of(capsys, run.root / "student")


def test_a_folder_is_described_whole(run, capsys):
    words = words_of(capsys, run.root)
    for title in ("clips table", "frame shard", "student sakdn", "knowledge of", "images of the"):
        assert title in words


def test_bad_paths(run, tmp_path):
    with pytest.raises(InputError, match="nowhere: no such file"):
        main(["inspect", str(tmp_path / "nowhere")])
    with pytest.raises(InputError, match="found nothing to describe; expected clips tables"):
        main(["inspect", str(tmp_path)])
    shutil.copytree(run.root / "student", tmp_path / "student")
    (tmp_path / "student/model.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match=r"model.safetensors: not readable as weights"):
        main(["inspect", str(tmp_path)])
    np.save(tmp_path / "gyroscope.npy", np.zeros(3))
    (tmp_path / "gyroscope.json").write_text("{")
    with pytest.raises(InputError, match=r"gyroscope.json: not JSON"):
        main(["inspect", str(tmp_path / "gyroscope.npy")])
