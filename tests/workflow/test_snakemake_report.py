"""`snakemake --report`: what it holds, with captions."""

import json
import zipfile

import pytest
from snake import tiny

pytestmark = pytest.mark.workflow


def test_it_holds_the_page_the_curves_and_the_explanations(whole, tmp_path):
    done = whole.snakemake("--report", str(tmp_path / "run.zip"), config=tiny())
    assert done.returncode == 0, done.stdout[-3000:]
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        names = [name.rsplit("/", 1)[-1] for name in archive.namelist()]
        text = archive.read("run/report.html").decode()
    explained = json.loads((whole.results / "explain/index.json").read_text())["clips"]
    assert names.count("curves.csv") == 6
    assert sum(name.endswith(".png") for name in names) == len(explained) > 0
    assert {"figure.svg", "gains.svg", "table.md"} <= set(names)
    assert names.count("report.html") == 2  # Snakemake's and the run's
    for words in ("Report page", "Learning curves", "Explanations", "Comparison", "a row an epoch"):
        assert words in text
