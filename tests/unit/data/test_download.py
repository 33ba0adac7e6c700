"""Downloads from a server on loopback that misbehaves as real ones do."""

import hashlib
import json

import pytest
from archive_server import archive

from sakdn.base.errors import InputError
from sakdn.data.datasets import fetch as fetching
from sakdn.options.download import SHA256
from sakdn.stages.download import main


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_downloads_records_and_unpacks(server, download, tmp_path, capsys):
    folder = download()
    assert (folder / "Inertial/a1_s1_t1_inertial.mat").read_text() == "one" * 1000
    assert files_of(folder) == [
        "Inertial/a1_s1_t1_inertial.mat",
        "Inertial/b.txt",
        "archives/Inertial.zip",
    ]
    record = json.loads((tmp_path / "downloads.json").read_text())
    assert record[server.url]["bytes"] == len(server.content)
    assert len(record[server.url]["sha256"]) == 64
    assert "Inertial.zip: 1 MiB" in capsys.readouterr().err


def test_second_call_asks_for_nothing_and_mends_what_was_deleted(server, download):
    folder = download()
    (folder / "Inertial/b.txt").unlink()
    download()
    assert server.asked == [None]
    assert (folder / "Inertial/b.txt").stat().st_size == 256 * 40


def test_goes_on_where_the_connection_was_cut(server, download):
    server.cuts = [4000, 3000]
    folder = download()
    assert server.asked == [None, "bytes=4000-", "bytes=7000-"]
    assert (folder / "archives/Inertial.zip").read_bytes() == server.content
    assert files_of(folder / "archives") == ["Inertial.zip"]


def test_goes_on_after_being_killed(server, download, monkeypatch):
    server.cuts = [4000]
    monkeypatch.setattr(fetching.time, "sleep", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        download()
    folder = download()
    assert server.asked == [None, "bytes=4000-"]
    assert (folder / "archives/Inertial.zip").read_bytes() == server.content


def test_goes_on_without_a_tag(server, download):
    server.cuts, server.tag = [4000], None
    folder = download()
    assert server.asked == [None, "bytes=4000-"]
    assert (folder / "archives/Inertial.zip").read_bytes() == server.content


def test_server_without_ranges_is_asked_for_all_again(server, download):
    server.cuts, server.ranges = [4000], False
    folder = download()
    assert (folder / "archives/Inertial.zip").read_bytes() == server.content


def test_starts_anew_when_the_file_changes_between_two_tries(server, download, monkeypatch):
    server.cuts = [4000]

    def change(_):
        server.content, server.tag = archive("two"), '"2"'

    monkeypatch.setattr(fetching.time, "sleep", change)
    folder = download()
    assert (folder / "archives/Inertial.zip").read_bytes() == archive("two")


def test_server_that_always_cuts_is_given_up_and_keeps_the_part(server, download, tmp_path):
    server.cuts = [4000, 0, 0, 0, 0, 0, 0]
    with pytest.raises(InputError, match=r"cut off.*run again later"):
        download()
    assert (tmp_path / "data/archives/Inertial.zip.new.part").stat().st_size == 4000
    assert not (tmp_path / "downloads.json").exists()
    server.cuts = []
    assert (download() / "archives/Inertial.zip").read_bytes() == server.content


def test_passing_trouble_of_the_server_is_waited_out(server, download):
    server.statuses = [503, 502]
    assert (download() / "Inertial/b.txt").exists()


def test_missing_file_is_not_asked_for_twice(server, download):
    server.statuses = [404]
    with pytest.raises(InputError, match=r"answers 404 .*correct the address under `download`"):
        download()
    assert server.asked == [None]


@pytest.mark.parametrize(
    "content", [archive()[:5000], b"<html>Log in first</html>"], ids=["truncated", "page"]
)
def test_truncated_file_and_wrong_page_leave_nothing(server, download, tmp_path, content):
    server.content = content
    with pytest.raises(InputError, match=r"truncated or not a zip archive"):
        download()
    assert files_of(tmp_path) == []
    server.content = archive()
    assert (download() / "Inertial/b.txt").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive("two"), r"found [0-9a-f]{64} sha256, expected [0-9a-f]{64} as at the first"),
        (archive("longer"), r"found \d+ bytes, expected \d+ as at the first download"),
        (archive()[:5000], r"found 5000 bytes, expected \d+"),
    ],
    ids=["other content", "other size", "truncated"],
)
def test_later_download_must_be_the_first_ones_file(server, download, tmp_path, content, words):
    folder = download()
    kept = (folder / "archives/Inertial.zip").rename(tmp_path / "kept.zip")
    server.content = content
    with pytest.raises(InputError, match=words):
        download()
    assert list((folder / "archives").iterdir()) == []
    server.content = kept.read_bytes()
    download()


def test_archive_that_was_changed_on_disk(server, download):
    target = download() / "archives/Inertial.zip"
    target.write_bytes(archive("two"))
    with pytest.raises(InputError, match=r"sha256.*delete it to download http"):
        download()
    assert target.read_bytes() == archive("two")


def test_words_are_where_the_run_expects_them(server, tmp_path):
    server.content = archive(folder="", name="glove.840B.300d.txt")
    options = json.dumps({"folder": str(tmp_path / "glove"), "urls": [server.url]})
    words = ["--name=glove", "--options", options, f"--record={tmp_path / 'downloads.json'}"]
    main([*words, f"--output={tmp_path / 'glove/glove.840B.300d.txt'}"])
    assert (tmp_path / "glove/glove.840B.300d.txt").exists()
    with pytest.raises(InputError, match=r"other\.txt: is not in the archives of download\.glove"):
        main([*words, f"--output={tmp_path / 'glove/other.txt'}"])


def test_archive_whose_checksum_is_known(server, download, monkeypatch):
    monkeypatch.setitem(SHA256, server.url, "0" * 64)
    with pytest.raises(InputError, match=r"found sha256 [0-9a-f]{64}, expected one .* 0{64}"):
        download("glove")
    monkeypatch.setitem(SHA256, server.url, hashlib.sha256(server.content).hexdigest())
    assert (download("glove") / "Inertial/b.txt").exists()


def test_full_disk_is_said_before_anything_comes(server, download, monkeypatch):
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: type("", (), {"free": 100})())
    with pytest.raises(InputError, match=r"bytes are needed and not free"):
        download()


def test_nobody_at_the_address(server, download):
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match=r"no connection.*run again later"):
        download()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("berkeley_mhad", ("tele-immersion.citris-uc.org", "here/Camera/Cluster01", "here/Acc")),
        ("mmact", ("mmact19.github.io", "here/video/subject1", "here/acc_phone_clip")),
    ],
)
def test_data_that_have_to_be_asked_for(tmp_path, name, words):
    options = json.dumps({"folder": "here"})
    with pytest.raises(InputError) as error:
        main(["--name", name, "--options", options, "--record", str(tmp_path / "r.json")])
    assert [word for word in words if word not in str(error.value)] == []
