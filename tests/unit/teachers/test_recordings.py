"""The views of a recording share its images and what teachers say of it."""

import numpy as np
import pandas as pd
import torch

from sakdn.base.files import write_json
from sakdn.data.clips.recordings import teaching_split
from sakdn.teachers.collect import told_of
from sakdn.teachers.gaf.stored import ClipArray, GafImages
from sakdn.teachers.knowledge import KnowledgeStore

CLIPS = pd.DataFrame(
    {
        "clip": ["a1", "a2", "b1", "b2", "c1", "c2", "d1"],
        "recording": ["a", "a", "b", "b", "c", "c", "d"],
        "video": "v.mp4",
        "split": ["train", "train", "train", "test", "train", "train", "val"],
    }
)


def test_who_teaches():
    assert teaching_split(CLIPS).tolist() == ["train", "", "", "test", "train", "", "val"]


def test_knowledge_of_a_recording_is_about_all_its_training_views():
    rows = np.flatnonzero(teaching_split(CLIPS) == "train")
    assert told_of(CLIPS, rows) == {"clips": ["a1", "a2", "c1", "c2"], "places": [0, 0, 1, 1]}


def test_knowledge_is_read_back_by_view(tmp_path):
    rows = np.array([0, 4])
    windows = np.array([[[0.0, 1.0], [0.2, 0.8]], [[0.0, 1.0], [0.1, 0.7]]])
    index = told_of(CLIPS, rows) | {
        "sensors": ["acc"],
        "present": [[True], [True]],
        "windows": windows.tolist(),
        "options": {},
    }
    write_json(tmp_path / "index.json", index)
    values = np.arange(4, dtype=np.float32).reshape(2, 2, 1, 1)  # recording, window, sensor
    np.save(tmp_path / "logits.npy", values)
    clips, device = CLIPS["clip"].tolist(), torch.device("cpu")
    store = KnowledgeStore(tmp_path / "index.json", clips, device, ["logits"])
    taught = store.take(np.arange(7), np.array([1, 1, 1, 1, 0, 1, 1]))
    known = taught.present[:, 0]
    assert known.tolist() == [True, True, False, False, True, True, False]
    assert taught.logits[known].flatten().tolist() == [1, 1, 2, 3]
    store.check_windows(windows[[0, 0, 0, 0, 1, 1, 1]])


def test_images_are_read_by_row_of_the_table(tmp_path):
    stored = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1, 1)
    images = ClipArray(stored, np.array([0, 0, 1, 1, 2, 2, 3]))
    assert images.shape == (7, 1, 1, 1, 1)
    assert images[np.array([6, 1, 3]), 0].flatten().tolist() == [3, 0, 1]
    assert images[5].item() == 2
    np.save(tmp_path / "acc.npy", stored)
    index = {"clips": ["a", "b", "c", "d"], "windows": [[[0, 1]]] * 4, "missing": ["b"]}
    index["options"] = {}
    write_json(tmp_path / "acc.json", index)
    gaf = GafImages(tmp_path / "acc.npy", ["a", "b", "c", "d"])
    assert gaf.images[np.arange(4), 0].flatten().tolist() == [0, 1, 2, 3]
    assert gaf.present.tolist() == [True, False, True, True]
