"""`snakemake check_data`, and runs that drop what it finds to be bad."""

import csv

import pytest
from snake import REPO, Run, rules_of, started, tiny


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings of the demo, made by its rule."""
    run = Run(REPO, tmp_path_factory.mktemp("checked"))
    done = run.snakemake("--cores", "2", "data/demo/manifest.json", config=tiny())
    assert done.returncode == 0, done.stdout[-3000:]
    return run


def of_files(**changes):
    """The config, with the recordings as somebody's own, so that no rule makes them again."""
    data = {"source": "utd_mhad", "root": "data/demo", "classes": "data/demo/classes.txt"}
    return tiny(data=data | changes)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_default_run_makes_no_deep_check(made):
    assert "data_problems" not in rules_of(made.planned(tiny()))
    assert "data_problems" in rules_of(made.planned(of_files(on_bad_clip="drop")))


def test_bad_clip_is_found_then_dropped(made):
    done = made.snakemake("--cores", "2", "check_data", config=of_files())
    assert done.returncode == 0, done.stdout[-3000:]
    assert rules_of(started(done.stdout)) == {"data_problems", "check_data"}
    video = made.folder / "data/demo/RGB/a1_s1_t2_color.avi"
    whole = video.read_bytes()
    video.write_bytes(whole[:-400])

    done = made.snakemake("--cores", "2", "check_data", config=of_files())
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    end = done.stdout[done.stdout.rindex("logs/check_data.log\nerror: ") :]
    assert "1 clips cannot be used:\n  a1_s1_t2: damaged: RGB/a1_s1_t2_color.avi: found " in end
    (problem,) = rows_of(made.results / "check/problems.csv")
    assert (problem["clip"], problem["severity"]) == ("a1_s1_t2", "error")

    target = "results/tiny/clips.csv"
    done = made.snakemake("--cores", "2", target, config=of_files(on_bad_clip="drop"))
    assert done.returncode == 0, done.stdout[-3000:]
    assert rules_of(started(done.stdout)) == {"recordings", "clips"}
    (dropped,) = rows_of(made.results / "dropped.csv")
    assert dropped["clip"] == "a1_s1_t2"
    clips = {row["clip"] for row in rows_of(made.results / "clips.csv")}
    assert len(clips) == 23
    assert "a1_s1_t2" not in clips
    video.write_bytes(whole)


def test_it_looks_again_whenever_it_is_asked(made):
    config, clips = of_files(on_bad_clip="drop"), "results/tiny/clips.csv"
    video = made.folder / "data/demo/RGB/a2_s2_t1_color.avi"
    whole = video.read_bytes()
    assert made.snakemake("--cores", "2", "check_data", clips, config=config).returncode == 0
    for content, words in ((whole[:-400], "1 clips cannot be used"), (whole, ": 0 problems")):
        video.write_bytes(content)
        done = made.snakemake("--cores", "2", "check_data", config=of_files())
        assert (done.returncode == 0) == (content == whole), done.stdout[-3000:]
        assert words in (made.results / "logs/check_data.log").read_text()
        done = made.snakemake("--cores", "2", clips, config=config)
        assert rules_of(started(done.stdout)) == {"recordings", "clips"}
        kept = {row["clip"] for row in rows_of(made.results / "clips.csv")}
        assert ("a2_s2_t1" in kept) == (content == whole)


def test_looking_again_without_news_runs_nothing_else(made):
    config, clips = of_files(on_bad_clip="drop"), "results/tiny/clips.csv"
    assert made.snakemake("--cores", "2", clips, config=config).returncode == 0
    done = made.snakemake("--cores", "2", "check_data", config=config)
    assert rules_of(started(done.stdout)) == {"check_data"}
    for target in (clips, "all"):
        done = made.snakemake("-n", "--quiet", "host", target, config=config)
        assert not {"data_problems", "recordings", "clips"} & rules_of(started(done.stdout))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("download_berkeley_mhad", "tele-immersion.citris-uc.org/berkeley_mhad"),
        ("download_mmact", "mmact19.github.io"),
    ],
)
def test_data_that_have_to_be_asked_for(made, target, words):
    done = made.snakemake("--cores", "1", target, config=tiny())
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert words in done.stdout[done.stdout.rindex("\nerror: ") :]
    assert "to data/" in done.stdout
