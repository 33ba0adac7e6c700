"""What becomes of downloaded archives, damaged and malicious ones too."""

import io
import stat
import zipfile

import pytest
from archive_server import archive

from sakdn.base.errors import InputError
from sakdn.data.datasets import fetch as fetching


def test_archive_with_a_damaged_member(server, download):
    content = bytearray(archive())
    content[100] ^= 1
    server.content = bytes(content)
    with pytest.raises(InputError, match=r"Inertial/a1_s1_t1_inertial.mat in it is damaged"):
        download()


def test_flat_archive_gets_a_folder_for_recordings_and_none_for_words(server, download, tmp_path):
    server.content = archive(folder="")
    assert (download() / "Inertial/b.txt").exists()
    assert (download("glove") / "b.txt").exists()


def test_archive_that_leads_out_of_its_folder(server, download, tmp_path):
    server.content = archive(folder="../")
    with pytest.raises(InputError, match=r"\.\./a1_s1_t1_inertial.mat leads out of its folder"):
        download()
    assert not (tmp_path / "a1_s1_t1_inertial.mat").exists()


def zipped(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return file.getvalue()


def test_archive_that_swells_beyond_the_free_room(server, download, monkeypatch):
    server.content = zipped(("Inertial/zeros", bytes(10**6)))
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: type("", (), {"free": 10**5})())
    with pytest.raises(InputError, match=r"unpacked it has 1000000 bytes, but 100000 are free"):
        download()


def test_link_in_an_archive_becomes_a_plain_file_and_leads_nowhere(server, download, tmp_path):
    link = zipfile.ZipInfo("Inertial/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    server.content = zipped((link, str(tmp_path)), ("Inertial/link/x", "y"))
    with pytest.raises(InputError, match="cannot be written"):
        download()
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "data/Inertial/link").is_symlink()


@pytest.mark.parametrize("name", ["/etc/sakdn.txt", "a/../../sakdn.txt"])
def test_paths_in_an_archive_that_lead_out(server, download, tmp_path, name):
    server.content = zipped((name, "x"))
    with pytest.raises(InputError, match="leads out of its folder"):
        download()
    assert list(tmp_path.rglob("sakdn.txt")) == []
