import pickle

import numpy as np
import pandas as pd
import pytest
from decoded import read_frames
from recordings import arguments, write_depth, write_video

from sakdn.base.errors import InputError
from sakdn.stages.frames import main
from sakdn.students.frames.stored import FrameStore


@pytest.fixture
def videos(tmp_path):
    write_video(tmp_path / "one.mp4", frames=4)
    write_video(tmp_path / "two.avi", frames=6, width=24, height=48)
    write_depth(tmp_path / "d.mat")
    rows = [("a", "one.mp4", 0), ("b", "two.avi", 1), ("c", "d.mat", 0), ("d", "two.avi", 0)]
    table = pd.DataFrame(rows, columns=["clip", "video", "shard"])
    table["video"] = [str(tmp_path / name) for name in table["video"]]
    table.to_csv(tmp_path / "videos.csv", index=False)
    return tmp_path


def run_stage(folder, shard, threads=1, **options):
    options = {"short_side_px": 16} | options
    main(
        arguments(
            videos=folder / "videos.csv",
            shard=shard,
            options=options,
            threads=threads,
            output=folder / f"{shard}.npy",
            index=folder / f"{shard}.csv",
        )
    )
    return folder / f"{shard}.npy"


def test_stage_and_store(videos):
    store = FrameStore([run_stage(videos, 0), run_stage(videos, 1)])
    assert store.clips == ["a", "c", "d", "b"]
    assert len(store) == 4
    assert [store.length(clip) for clip in "abcd"] == [4, 6, 5, 6]
    assert store.size("b") == (32, 16, 3)
    for clip, name in (("a", "one.mp4"), ("b", "two.avi"), ("c", "d.mat"), ("d", "two.avi")):
        expected = read_frames(videos / name, short_side_px=16)
        np.testing.assert_array_equal(store.frames(clip, [2, 0, 2]), expected[[2, 0, 2]])
    with pytest.raises(IndexError):
        store.frames("a", [4])
    with pytest.raises(KeyError):
        store.length("nobody")


def test_index_is_the_contract_s(videos):
    run_stage(videos, 0, color="grey")
    index = pd.read_csv(videos / "0.csv")
    assert list(index) == ["clip", "offset", "frames", "height", "width", "channels", "fps"]
    assert index["fps"].tolist()[0] == 15
    assert np.isnan(index["fps"][1])
    sizes = index["frames"] * index["height"] * index["width"]
    assert index["offset"].tolist() == [0, *sizes.cumsum()[:-1]]
    assert np.load(videos / "0.npy").shape == (sizes.sum(),)


def test_threads_change_nothing(videos):
    one = run_stage(videos, 0).read_bytes()
    assert run_stage(videos, 0, threads=3).read_bytes() == one


def test_frames_are_copies_and_the_store_travels(videos):
    store = FrameStore([run_stage(videos, 0)])
    frames = store.frames("a", [0, 1])
    frames[:] = 0
    assert store.frames("a", [0]).any()
    sent = pickle.dumps(store)
    assert len(sent) < 2000
    np.testing.assert_array_equal(pickle.loads(sent).frames("c", [1]), store.frames("c", [1]))


def psnr_db(found, expected):
    return 10 * np.log10(255**2 / max(1e-6, np.mean((found.astype(float) - expected) ** 2)))


@pytest.mark.parametrize("color", ["rgb", "grey"])
def test_frames_as_jpeg(videos, color):
    path = run_stage(videos, 0, store="jpeg", color=color)
    one = path.read_bytes()
    assert run_stage(videos, 0, threads=3, store="jpeg", color=color).read_bytes() == one
    index = pd.read_csv(videos / "0.csv")
    sizes = [list(map(int, text.split())) for text in index["jpeg_bytes"]]
    assert list(map(len, sizes)) == index["frames"].tolist() == [4, 5, 6]
    assert index["offset"].tolist() == [0, *np.cumsum(list(map(sum, sizes)))[:-1]]
    assert np.load(path).shape == (sum(map(sum, sizes)),)
    store = pickle.loads(pickle.dumps(FrameStore([path])))
    for clip, name in (("a", "one.mp4"), ("c", "d.mat"), ("d", "two.avi")):
        expected = read_frames(videos / name, short_side_px=16, color=color)
        found = store.frames(clip, [3, 0, 3])
        assert found.shape == expected[[3, 0, 3]].shape
        assert psnr_db(found, expected[[3, 0, 3]]) > 30
        window = slice(2, 9), slice(1, 12)
        assert np.array_equal(store.frames(clip, [3], window), found[:1, 2:9, 1:12])
    worse = run_stage(videos, 0, store="jpeg", color=color, jpeg_quality=20).stat().st_size
    assert worse < len(one)


def test_a_damaged_store_of_jpegs_is_refused(videos):
    path = run_stage(videos, 0, store="jpeg")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + bytes(9))
    assert FrameStore([path]).frames("a", [0]).any()
    start = (
        len(whole)
        - pd.read_csv(videos / "0.csv")["jpeg_bytes"].str.split().explode().astype(int).sum()
    )
    path.write_bytes(whole[:start] + bytes(60) + whole[start + 60 :])
    with pytest.raises(InputError, match=r"0\.npy: damaged: frame 0 of clip a: .*; delete it"):
        FrameStore([path]).frames("a", [0])
    path.write_bytes(whole)
    index = (videos / "0.csv").read_text()
    (videos / "0.csv").write_text(index.replace(",16,", ",17,", 1))
    with pytest.raises(InputError, match=r"frame 0 of clip a: found \(16, 21, 3\), expected \(17"):
        FrameStore([path]).frames("a", [0])
    (videos / "0.csv").write_text(index.rstrip() + "9999\n")
    with pytest.raises(InputError, match=r"0\.npy: damaged: it ends within clip d"):
        FrameStore([path])


@pytest.mark.parametrize(("limit_gb", "store"), [(17e-6, "jpeg"), (40e-6, "raw")])
def test_auto_goes_by_the_size_of_all_shards(videos, monkeypatch, limit_gb, store):
    monkeypatch.setattr("sakdn.students.frames.format.RAW_LIMIT_GB", limit_gb)
    for shard in range(2):
        run_stage(videos, shard)
        assert ("jpeg_bytes" in pd.read_csv(videos / f"{shard}.csv")) == (store == "jpeg")


def test_auto_looks_past_clips_without_video_and_bad_ones_of_other_shards(videos):
    table = pd.read_csv(videos / "videos.csv", dtype=str)
    table.loc[1, "video"] = str(videos / "gone.avi")
    lacking = pd.DataFrame([{"clip": "e", "video": "", "shard": ""}])
    pd.concat([lacking, table]).to_csv(videos / "videos.csv", index=False)
    run_stage(videos, 0)
    assert pd.read_csv(videos / "0.csv")["clip"].tolist() == ["a", "c", "d"]


def test_stage_with_a_bad_video_leaves_nothing(videos):
    (videos / "two.avi").write_bytes(b"")
    with pytest.raises(InputError, match=r"two\.avi: is empty"):
        run_stage(videos, 0)
    assert not list(videos.glob("0.*")) + list(videos.glob(".*"))


def test_stage_with_a_video_that_breaks_while_decoding_leaves_nothing(videos, monkeypatch):
    def broken(*_):
        yield np.zeros((1, 16, 21, 3), np.uint8)
        raise InputError("one.mp4: cannot be decoded")

    monkeypatch.setattr("sakdn.students.frames.store.read_clip", broken)
    with pytest.raises(InputError, match="cannot be decoded"):
        run_stage(videos, 0, threads=2)
    assert not list(videos.glob("0.*")) + list(videos.glob(".*"))


def test_unknown_shard_and_no_list(videos):
    with pytest.raises(InputError, match="no clip is in shard 7"):
        run_stage(videos, 7)
    (videos / "videos.csv").write_text("clip,film\na,b\n")
    with pytest.raises(InputError, match=r"videos\.csv: not a list of videos"):
        run_stage(videos, 0)


def test_store_of_broken_or_doubled_shards(videos):
    path = run_stage(videos, 0)
    with pytest.raises(InputError, match="clip a is in another shard too"):
        FrameStore([path, path])
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=r"0\.npy: cannot be read"):
        FrameStore([path])
    (videos / "0.csv").write_text("clip\na\n")
    with pytest.raises(InputError, match=r"0\.csv: not an index of frames"):
        FrameStore([path])
    with pytest.raises(InputError, match=r"9\.csv: cannot be read"):
        FrameStore([videos / "9.npy"])
