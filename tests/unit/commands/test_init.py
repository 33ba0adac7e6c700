"""`sakdn init` writes a folder to work in, once, over nothing of the user's."""

from pathlib import Path

import pytest

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.base.resources import CHECKOUT

SHIPPED = [
    path.relative_to(CHECKOUT)
    for part in ("config", "profiles")
    for path in (CHECKOUT / part).rglob("*")
    if path.is_file()
]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_every_config_and_profile_beside_a_snakefile_of_its_own(tmp_path, capsys):
    folder = tmp_path / "a new/place"
    main(["init", str(folder)])
    found = {path.relative_to(folder): content for path, content in contents(folder).items()}
    assert "include: SNAKEFILE" in found.pop(Path("Snakefile")).decode()
    assert found == {path: (CHECKOUT / path).read_bytes() for path in SHIPPED}
    assert f"cd '{folder}'\n  snakemake --cores all" in capsys.readouterr().out


def test_files_that_are_the_same_and_others_beside_them_stay(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/mine.csv").write_text("clip\n")
    main(["init", str(tmp_path)])
    (tmp_path / "Snakefile").unlink()
    capsys.readouterr()
    main(["init", str(tmp_path)])
    assert "1 files written" in capsys.readouterr().out
    assert (tmp_path / "data/mine.csv").read_text() == "clip\n"


def test_where_a_file_is_another_one_nothing_is_written(tmp_path):
    (tmp_path / "config/demo.yaml").mkdir(parents=True)
    (tmp_path / "Snakefile").write_text("rule mine:\n")
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"where Snakefile, config/demo\.yaml should be written"):
        main(["init", str(tmp_path)])
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file: cannot be written: File exists"):
        main(["init", str(tmp_path / "file")])
