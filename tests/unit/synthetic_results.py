"""A results folder as a run leaves it, with planted accuracies: no training needed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image
from scipy.io import savemat

CLASSES = ("catch", "draw x", "knock", "sit to stand", "tennis swing", "wave")
SENSORS = ("accelerometer", "gyroscope")
SEEDS = (0, 1, 2)
TEST_CLIPS = 60
WRONG = {  # how many of the 60 test clips each seed's network gets wrong
    "teacher_accelerometer": (9, 12, 9),
    "teacher_gyroscope": (12, 15, 12),
    "fusion": (6, 6, 3),
    "student_none": (18, 21, 24),
    "student_soft_target": (18, 21, 24),
    "student_sakdn": (9, 12, 15),
}


def make_results(root: Path, classes: tuple[str, ...] = CLASSES) -> Path:
    """Writes clips, config, curves and evaluations of six models and three seeds below `root`."""
    clips = clips_table(classes)
    clips.to_csv(root / "clips.csv", index=False)
    config = {
        "name": "synthetic",
        "seeds": list(SEEDS),
        "data": {"source": "utd_mhad", "root": "recordings"},
        "sensors": {
            name: {"path": "inertial/{clip}.mat", "variable": "d_iner", "rate_hz": 50}
            | {"columns": [3 * number, 3 * number + 1, 3 * number + 2]}
            for number, name in enumerate(SENSORS)
        },
    }
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    (root / "weights.json").write_text('{"networks": {}}')
    words = {"source": "words.txt", "dimension": 6, "out_of_vocabulary": {"draw x": ["x"]}}
    (root / "semantics.json").write_text(json.dumps(words))
    tested = clips[clips.split == "test"]
    truth = tested.action.to_numpy()
    for model in WRONG:
        for seed in SEEDS:
            predicted = predict(model, seed, truth, len(classes))
            write_evaluation(root, model, seed, tested, predicted, classes)
            write_curves(root, model, seed)
    return root


def clips_table(classes: tuple[str, ...]) -> pd.DataFrame:
    """120 clips: subjects 1 and 3 train, subject 5 val, subjects 2 and 4 test (60)."""
    sides = {1: "train", 3: "train", 5: "val", 2: "test", 4: "test"}
    rows = [
        {"clip": f"a{a + 1}_s{s}_t{t}", "action": a, "action_name": name, "subject": s, "trial": t}
        | {"video": f"video/a{a + 1}_s{s}_t{t}.avi"}
        | dict.fromkeys(SENSORS, f"inertial/a{a + 1}_s{s}_t{t}.mat")
        | {"split": side}
        for s, side in sides.items()
        for a, name in enumerate(classes)
        for t in range(1, 6 if side == "test" else 4)
    ]
    return pd.DataFrame(rows)


def predict(model: str, seed: int, truth: np.ndarray, classes: int) -> np.ndarray:
    """Labels with exactly `WRONG[model][seed]` errors.

    `sakdn` gets nine of the clips right that `none` gets wrong and is otherwise equal;
    `soft_target` errs as often as `none` but on other clips.
    """
    order = np.random.default_rng(100 + seed).permutation(len(truth))
    if model == "student_none":
        wrong = order[: WRONG[model][seed]]
    elif model == "student_sakdn":
        wrong = order[9 : WRONG["student_none"][seed]]
    else:
        rng = np.random.default_rng([len(model), seed])
        wrong = rng.permutation(len(truth))[: WRONG[model][seed]]
    predicted = truth.copy()
    predicted[wrong] = (truth[wrong] + 1 + seed) % classes
    return predicted


def write_evaluation(root, model, seed, tested, predicted, classes) -> None:
    """Writes `metrics.json` and `predictions.csv` of a model and seed."""
    truth = tested.action.to_numpy()
    folder = root / "evaluate" / model / f"seed{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    table = tested[["clip", "action", "subject"]].reset_index(drop=True)
    table["predicted"] = predicted
    one_hot = np.eye(len(classes))[predicted] * 0.7 + 0.3 / len(classes)
    for label in range(len(classes)):
        table[f"p_{label}"] = one_hot[:, label]
    table.to_csv(folder / "predictions.csv", index=False)
    metrics = metrics_json(model, seed, truth, predicted, classes)
    (folder / "metrics.json").write_text(json.dumps(metrics))


def metrics_json(model, seed, truth, predicted, classes) -> dict:
    """The metrics of the contract for these labels."""
    kind, _, rest = model.partition("_")
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    right = np.diag(confusion)
    f1 = 2 * right / (confusion.sum(axis=0) + confusion.sum(axis=1))
    recall = right / confusion.sum(axis=1)
    return {
        "model": model,
        "kind": kind,
        "method": rest if kind == "student" else None,
        "seed": seed,
        "clips": len(truth),
        "accuracy": float(np.mean(truth == predicted)),
        "macro_f1": float(f1.mean()),
        "recall_at_1": 0.6,
        "f_measure": 0.65,
        "per_class": [
            {"action": a, "name": name, "clips": int(confusion[a].sum())}
            | {"recall": float(recall[a]), "f1": float(f1[a])}
            for a, name in enumerate(classes)
        ],
        "confusion": confusion.tolist(),
        "cost": {"wall_s": 100.0 + 10 * seed, "cpu_s": 150.0, "peak_memory_mb": 800.0 + seed},
        "best_epoch": 20 + seed,
        "val_accuracy": 0.75 + 0.05 * seed,
        "provenance": {
            "versions": {"python": "3.13.1", "torch": "2.14.1"},
            "git": {"commit": "0123456789abcdef", "dirty": False},
            "machine": "x86_64 Linux",
            "device": "cpu",
        },
    }


def write_curves(root: Path, model: str, seed: int, epochs: int = 40) -> None:
    """Writes a learning curve where the training stages of a run put theirs."""
    kind, _, rest = model.partition("_")
    folder = root.joinpath(*filter(None, (kind, rest, f"seed{seed}")))
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([len(model), seed])
    epoch = np.arange(1, epochs + 1)
    loss = 1.8 * np.exp(-epoch / 9) + 0.04 * rng.random(epochs)
    table = {
        "epoch": epoch,
        "seconds": 2.5,
        "train_label": 0.8 * loss,
        **({"train_gsdm": 0.15 * loss, "train_signal": 0.05 * loss} if rest == "sakdn" else {}),
        "train_loss": loss,
        "val_loss": loss + 0.3 + 0.1 * rng.random(epochs),
        "val_accuracy": 0.85 - 0.7 * np.exp(-epoch / 7) + 0.05 * rng.random(epochs),
    }
    pd.DataFrame(table).to_csv(folder / "curves.csv", index=False)


def make_media(root: Path) -> None:
    """Writes videos.csv, GAF images of every clip, frames and signal of one test clip.

    The first test clip has no signal; the media are those of the second.
    """
    clips = pd.read_csv(root / "clips.csv")
    names = clips["clip"].tolist()
    incomplete, clip = clips["clip"][clips["split"] == "test"].iloc[:2]
    listed = [*names, "a1_s9_t1"]
    videos = pd.DataFrame({"clip": listed, "video": "x.avi", "shard": 0})
    videos.to_csv(root / "videos.csv", index=False)
    (root / "gaf").mkdir()
    for number, sensor in enumerate(SENSORS):
        angle = np.linspace(0, (3 + number) * np.pi, 32)
        field = np.stack([np.cos(angle[:, None] + angle + p) for p in (0, 1, 2, 3, 4, 5)])
        images = np.broadcast_to(np.uint8(127 * field + 128), (len(names), 1, 6, 32, 32))
        np.save(root / f"gaf/{sensor}.npy", images)
        index = {"clips": names, "windows": [[[0, 1]]] * len(names), "missing": [incomplete]}
        index["options"] = {}
        (root / f"gaf/{sensor}.json").write_text(json.dumps(index | {"options": {}}))
    write_frames(root / "frames", clip)
    write_explained(root / "explain")
    (root / "inertial").mkdir()
    time = np.linspace(0, 3, 150)[:, None]
    savemat(root / f"inertial/{clip}.mat", {"d_iner": np.sin(time * [1, 2, 3, 4, 5, 6])})


def write_explained(folder: Path) -> None:
    """Writes two pictures, and what they show, as the explain stage does."""
    (folder / "pictures").mkdir(parents=True)
    clips = []
    for number, (truth, said) in enumerate([("catch", "catch"), ("draw x", "wave")]):
        clip = f"a{number + 1}_s2_t1"
        verdict = "right" if truth == said else f"wrong, it is {truth}"
        record = {"clip": clip, "title": f"{clip}: the student says {said} ({verdict})"}
        record |= {"picture": f"{number}.png", "student_probability": 0.8 - 0.2 * number}
        record |= {"leads": "lead over wave, in logits: gyroscope +2.1, accelerometer −0.3"}
        record |= {"teachers": None if number else said, "decided": "gyroscope"}
        clips.append(record | {"strongest_frame": 3})
        picture = Image.new("RGB", (1430, 900), (200, 180, 40 * number))
        picture.save(folder / f"pictures/{number}.png", dpi=(110, 110))
    index = {"method": "sakdn", "seed": 0, "clips": clips}
    (folder / "index.json").write_text(json.dumps(index))


def write_frames(folder: Path, clip: str) -> None:
    """Writes a frame shard of one clip: a disc that moves over a gradient."""
    folder.mkdir()
    rows, columns = np.mgrid[:90, :120]
    frames = np.empty((30, 90, 120, 3), dtype=np.uint8)
    for number, frame in enumerate(frames):
        disc = (rows - 45) ** 2 + (columns - 15 - 3 * number) ** 2 < 150
        frame[:] = np.stack([columns, rows + 60, 200 - columns], axis=2)
        frame[disc] = (240, 230, 90)
    np.save(folder / "0.npy", frames.reshape(-1))
    row = {"clip": [clip], "offset": 0, "frames": 30, "height": 90, "width": 120}
    pd.DataFrame(row | {"channels": 3, "fps": 15.0}).to_csv(folder / "0.csv", index=False)
