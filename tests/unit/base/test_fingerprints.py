import os

from sakdn.base.fingerprints import (
    Kept,
    content_of,
    fingerprint,
    fingerprints,
    look_at,
    news,
    read_kept,
    write_kept,
)


def keep(folder, told=""):
    paths = [str(folder / name) for name in ("a.avi", "images")]
    write_kept(folder / "kept.json", Kept(told, "listed", fingerprints(paths)))
    return folder / "kept.json"


def recordings(tmp_path):
    (tmp_path / "a.avi").write_bytes(b"one")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/1.png").write_bytes(b"1")
    return tmp_path


def test_nothing_is_told_until_a_content_changes(tmp_path):
    folder = recordings(tmp_path)
    assert news(folder / "kept.json") == ""
    kept = keep(folder)
    for path in (folder / "a.avi", folder / "images/1.png"):
        os.utime(path, (1, 1))
    assert news(kept, "listed") == news(kept) == ""
    assert read_kept(kept).recordings[str(folder / "a.avi")].look == look_at(folder / "a.avi")


def test_each_change_tells_something_else_and_once_told_is_told(tmp_path):
    folder = recordings(tmp_path)
    kept, told = keep(folder), set()
    for path in (folder / "a.avi", folder / "images/1.png", folder / "images/2.png"):
        path.write_bytes(b"another")
        told.add(news(kept))
    (folder / "a.avi").unlink()
    told |= {news(kept), news(kept, "others")}
    assert len(told) == 5
    assert "" not in told
    last = news(kept)
    assert last == news(kept)
    assert news(keep(folder, last)) == last


def test_where_all_recordings_are_gone_nothing_is_told(tmp_path):
    folder = recordings(tmp_path)
    kept = keep(folder, "before")
    (folder / "a.avi").unlink()
    (folder / "images").rename(folder / "elsewhere")
    assert news(kept) == "before"


def test_what_has_size_and_date_of_before_is_not_read_again(tmp_path):
    path = recordings(tmp_path) / "a.avi"
    first = fingerprint(str(path))
    assert fingerprint(str(path), {str(path): first._replace(content="known")}).content == "known"
    os.utime(path, (1, 1))
    assert fingerprint(str(path), {str(path): first._replace(content="known")}).content == (
        content_of(str(path))
    )
    assert fingerprint(str(tmp_path / "none")) == ("", "")


def test_a_damaged_note_is_none(tmp_path):
    (tmp_path / "kept.json").write_text('{"told": 1}')
    assert read_kept(tmp_path / "kept.json") is None
    assert news(tmp_path / "kept.json") == ""
