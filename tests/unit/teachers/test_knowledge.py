import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_run import CPU, DIM, MAP_SIZES_PX, NAMES, SENSORS, make_run, save_fusion, save_teacher

from sakdn.base.errors import InputError
from sakdn.losses.ablation import ablation_weights, saliency
from sakdn.losses.maps import resize
from sakdn.stages.knowledge import main
from sakdn.teachers.collect import LARGEST_DEVIATION, standard_course
from sakdn.teachers.gaf.course import PARTS, course_path
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.knowledge import KnowledgeStore
from sakdn.teachers.load import load_teacher
from sakdn.teachers.task import SignalBatches

RULE = Path(__file__).parents[3] / "workflow/rules/knowledge.smk"
WINDOWS = 3
LACKS_GYROSCOPE, LACKS_BOTH = 2, 7
WIDTH = sum(size**2 for size in MAP_SIZES_PX)
NAMES_STORED = ("logits", "semantic", "embedding", "saliency", "released", "attention", "maps")


def tell(run, models, folder="know", **options):
    options = {"map_sizes_px": MAP_SIZES_PX, "batch_size": 4} | options
    arguments = ["--clips", run.clips, "--semantics", run.semantics, "--models", *models]
    arguments += ["--gaf", *run.gaf[::-1], "--options", json.dumps(options)]
    path = run.root / folder / "index.json"
    main([*map(str, arguments), "--output", str(path)])
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A run of which one training clip lacks a sensor and one lacks both, and its knowledge."""
    missing = {SENSORS[0]: [LACKS_BOTH], SENSORS[1]: [LACKS_GYROSCOPE, LACKS_BOTH]}
    run = make_run(tmp_path_factory.mktemp("run"), windows=WINDOWS, missing=missing)
    model = save_fusion(run.root / "fusion/model.json")
    return run, model, tell(run, [model])


def stored(path):
    return {name: np.load(path.with_name(f"{name}.npy")) for name in NAMES_STORED}


def test_one_row_a_training_clip_that_has_a_sensor(told):
    run, _, path = told
    index, rows = json.loads(path.read_text()), [r for r in run.rows("train") if r != LACKS_BOTH]
    assert index["clips"] == run.table["clip"].iloc[rows].tolist()
    assert index["sensors"] == list(SENSORS)
    assert index["windows"] == run.windows[rows].tolist()
    assert index["present"] == [[True, row != LACKS_GYROSCOPE] for row in rows]
    widths = {"logits": len(NAMES), "semantic": DIM, "embedding": DIM, "maps": 2 * 16 * 4}
    for name, values in stored(path).items():
        assert values.shape == (len(rows), WINDOWS, len(SENSORS), widths.get(name, WIDTH)), name
        assert values.dtype == (np.float32 if name in ("logits", "semantic", "embedding") else "f2")
    assert not list(path.parent.glob(".*"))


def test_the_rule_lists_every_array():
    rule = RULE.read_text(encoding="utf-8")
    assert sorted(re.findall(r"/(\w+)\.npy\",\n", rule.split("output:")[1])) == sorted(
        (*NAMES_STORED, "course")
    )


def test_courses_are_those_of_the_clips_in_deviations_of_each_sensor(told):
    run, _, path = told
    store = KnowledgeStore(path, run.table["clip"], CPU, ["course"])
    rows = np.array([row for row in run.rows("train") if row != LACKS_BOTH])
    read = store.take(rows[::-1].copy(), np.full(len(rows), 2)).course
    for sensor, images, ours in zip(SENSORS, run.gaf, read, strict=True):
        raw = np.load(course_path(images))[rows[::-1]]
        here = np.array([row != LACKS_GYROSCOPE or sensor == SENSORS[0] for row in rows[::-1]])
        known = raw[here].reshape(-1, raw.shape[-1]).astype(float)
        expected = (raw[here] - known.mean(0)) / known.std(0)
        np.testing.assert_allclose(ours[here], expected, atol=2e-3)
        assert not ours[~here].any()


def test_a_sensor_that_never_moves_and_one_that_spikes_stay_finite():
    still = np.zeros((40, PARTS, 2), np.float32)
    still[:, :, 1] = np.random.default_rng(0).normal(size=(40, PARTS))
    still[3, 4, 1] = 1e6
    sensor = SimpleNamespace(courses=lambda rows: still[rows], present=np.ones(40, bool))
    found = standard_course(sensor, np.arange(40))
    assert not found[:, :, 0].any()
    assert found[3, 4, 1] == LARGEST_DEVIATION
    assert np.isfinite(found).all()


def test_answers_are_those_of_the_clip_and_window_alone(told):
    run, model, path = told
    module, _ = load_teacher(model)
    sensors = [GafImages(images, run.table["clip"]) for images in run.gaf]
    source = SignalBatches(sensors, run.table["action"].to_numpy(), CPU)
    store = KnowledgeStore(path, run.table["clip"], CPU, NAMES_STORED)
    for row in (0, LACKS_GYROSCOPE, 11):
        for window in range(WINDOWS):
            said = store.take(np.array([row]), np.array([window]))
            batch = source.take(np.array([row]), window)
            assert torch.equal(said.present, batch.present)
            streams = module(batch.images, batch.present).streams
            score = sum(stream.logits[:, batch.labels[0]] for stream in streams)
            for place in said.present[0].nonzero()[:, 0].tolist():
                check_answer(streams[place], said.of_sensor(place, slice(None)), score)


def check_answer(stream, said, score):
    for name in ("logits", "semantic", "embedding"):
        torch.testing.assert_close(getattr(said, name), getattr(stream, name), atol=1e-4, rtol=1e-4)
    weights = ablation_weights(stream.taps, score)
    for number, size in enumerate(MAP_SIZES_PX):
        tap = stream.taps[number].detach()
        seen = resize(saliency(tap, weights[number])[:, None], (size, size))[:, 0]
        energy = resize(tap.square().sum(1, keepdim=True), (size, size))[:, 0]
        for found, wanted in ((said.saliency, seen), (said.attention, energy)):
            close(found[number], wanted / wanted.norm().clamp_min(1e-12))
    for found, tap, size in zip(said.maps, stream.taps[-2:], MAP_SIZES_PX[-2:], strict=True):
        close(found, resize(tap.detach(), (size, size)))


def close(found, wanted):
    torch.testing.assert_close(found, wanted, atol=2e-3 * float(wanted.max()), rtol=2e-3)


def test_maps_have_unit_norm_or_say_nothing(told):
    _, _, path = told
    present = np.array(json.loads(path.read_text())["present"])
    bounds = np.cumsum([size**2 for size in MAP_SIZES_PX])[:-1]
    for name in ("saliency", "released", "attention"):
        values = np.load(path.with_name(f"{name}.npy")).astype(float)
        assert values.min() >= 0
        norms = [np.linalg.norm(part, axis=-1) for part in np.split(values, bounds, axis=-1)]
        norms = np.stack(norms, axis=-1)  # [clips, windows, sensors, taps]
        assert np.all((norms == 0) | (np.abs(norms - 1) < 2e-3)), name
        assert not norms[:, :, 1][~present[:, 1]].any()
        said = norms.transpose(0, 2, 1, 3)[present]
        assert said.mean() > {"saliency": 0.4, "released": 0.1, "attention": 0.99}[name]


def test_windows_are_told_apart(told):
    _, _, path = told
    logits = np.load(path.with_name("logits.npy"))
    assert np.abs(logits[:, 0, 0] - logits[:, 1, 0]).max(axis=1).min() > 1e-4


def test_a_clip_that_no_teacher_knows_is_absent(told):
    run, _, path = told
    store = KnowledgeStore(path, run.table["clip"], CPU, ["logits"])
    rows = np.array([LACKS_BOTH, run.rows("val")[0], 0])
    taught = store.take(rows, np.zeros(3, int))
    assert taught.present.tolist() == [[False, False], [False, False], [True, True]]
    assert taught.semantic is None
    assert list(taught.maps) == []


def test_only_what_is_asked_for_is_opened(told):
    run, _, path = told
    store = KnowledgeStore(path, run.table["clip"], CPU, ["logits", "attention"])
    assert set(store.arrays) == {"logits", "attention"}
    assert all(isinstance(array, np.memmap) for array in store.arrays.values())


def test_maps_that_were_not_kept_are_missed_by_name(told):
    run, model, _ = told
    path = tell(run, [model], "small", keep_maps=False)
    kept = stored(path)
    assert kept["maps"].shape[-1] == 0
    assert kept["saliency"].any()
    KnowledgeStore(path, run.table["clip"], CPU, ["attention"])
    with pytest.raises(InputError, match=r"knowledge\.keep_maps: found false, expected true"):
        KnowledgeStore(path, run.table["clip"], CPU, ["maps"])


def test_single_teachers_tell_their_own(told):
    run, *_ = told
    models = [save_teacher(run.root / s / "model.json", s, seed) for seed, s in enumerate(SENSORS)]
    both, second = tell(run, models, "average"), tell(run, models[1:], "second")
    assert json.loads(second.read_text())["sensors"] == [SENSORS[1]]
    told_of = [json.loads(path.read_text())["clips"] for path in (both, second)]
    places = [told_of[0].index(clip) for clip in told_of[1]]
    assert len(places) == 10
    for name in ("logits", "saliency", "maps"):
        ours, alone = stored(both)[name][places, :, 1:], stored(second)[name]
        np.testing.assert_allclose(ours, alone, rtol=2e-3, atol=2e-3)


def test_the_score_that_is_explained_is_an_option(told):
    run, model, path = told
    other = stored(tell(run, [model], "semantic", score="semantic"))
    assert np.array_equal(other["logits"], stored(path)["logits"])
    assert not np.array_equal(other["saliency"], stored(path)["saliency"])


def test_other_windows_or_clips_are_refused(told):
    run, _, path = told
    store = KnowledgeStore(path, run.table["clip"], CPU, ["logits"])
    store.check_windows(run.windows)
    with pytest.raises(InputError, match=r"saw other windows than gaf\.windows"):
        store.check_windows(run.windows[:, ::-1])
    with pytest.raises(InputError, match="is not in the clips table"):
        KnowledgeStore(path, run.table["clip"].iloc[1:], CPU, ["logits"])


def test_an_array_that_cannot_be_read_is_named(told, tmp_path):
    run, _, path = told
    (tmp_path / "index.json").write_text(path.read_text())
    with pytest.raises(InputError, match=r"logits\.npy: cannot be read"):
        KnowledgeStore(tmp_path / "index.json", run.table["clip"], CPU, ["logits"])


def test_a_teacher_that_diverged_is_refused(told):
    run, model, _ = told
    broken = run.root / "broken/model.json"
    broken.parent.mkdir()
    broken.write_text(model.read_text())
    weights = load_file(model.with_suffix(".safetensors"))
    name = next(name for name in weights if name.endswith("classifier.weight"))
    weights[name] = weights[name] * float("nan")
    save_file(weights, broken.with_suffix(".safetensors"))
    with pytest.raises(InputError, match="teachers' logits are not finite"):
        tell(run, [broken], "diverged")
    assert not (run.root / "diverged/index.json").exists()


def test_no_training_clip_with_a_sensor_is_refused(tmp_path):
    missing = {sensor: list(range(12)) for sensor in SENSORS}
    run = make_run(tmp_path, missing=missing)
    with pytest.raises(InputError, match="no training clip has any of the sensors"):
        tell(run, [save_fusion(tmp_path / "fusion/model.json")])
