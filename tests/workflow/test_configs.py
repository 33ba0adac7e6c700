"""The shipped configs, the rules' form and the config's documentation."""

import re
from pathlib import Path

import pytest
import yaml
from snake import REPO, rules_of, snakemake, started

CONFIGS = sorted(path.name for path in (REPO / "config").glob("*.yaml"))
PAPER_SIZE = {"utd_mhad.yaml", "berkeley_mhad.yaml", *(n for n in CONFIGS if "mmact" in n)}
OVERLAYS = sorted((REPO / "config/overlays").glob("*.yaml"))
SCHEMA = yaml.safe_load((REPO / "workflow/schemas/config.schema.yaml").read_text())
TARGETS = {"all", "check_data", "download_utd_mhad", "download_weights", "published_weights"}


def rule_texts():
    """Text of each rule, by name."""
    found = {}
    for path in [REPO / "Snakefile", *sorted((REPO / "workflow/rules").glob("*.smk"))]:
        text = path.read_text(encoding="utf-8")
        blocks = re.findall(
            r"^(?:rule|checkpoint) (\w+):\n((?:(?:    .*)?\n)+)", text, re.MULTILINE
        )
        found |= dict(blocks)
    return found


RULES = rule_texts()


def test_the_three_data_sets_are_there():
    assert {"demo.yaml", "utd_mhad.yaml", "utd_mhad_small.yaml"} <= set(CONFIGS)


@pytest.mark.parametrize("name", CONFIGS)
def test_dry_run_of_a_shipped_config_from_another_folder(tmp_path, name):
    config = yaml.safe_load((REPO / "config" / name).read_text())
    done = snakemake(REPO, tmp_path, "-n", "--quiet", "host", config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    jobs = started(done.stdout)
    students = {"none", *config["methods"]}
    assert sum(job.startswith("student ") for job in jobs) == len(students) * len(config["seeds"])
    assert rules_of(jobs) >= {"recordings", "clips", "frames", "gaf", "semantics", "report", "all"}
    assert "/".join(("results", config["name"], "report.html")) in done.stdout
    fetches = {"download_glove", "published_weights"} if name in PAPER_SIZE else set()
    assert rules_of(jobs) & {"download_glove", "published_weights"} == fetches


def folds_of(split):
    """Times that everything is trained; once without folds."""
    folds = split.get("folds", 1)
    return len(split["people"]) if folds == "leave_one_out" else folds


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_dry_run_of_the_command_in_an_overlay(tmp_path, overlay):
    comment = re.sub(r"\\?\n#", " ", overlay.read_text())
    files = re.search(r"compare --cores all --configfile (\S+)\s+(\S+)", comment).groups()
    assert files[1] == f"config/overlays/{overlay.name}"
    command = ["compare", "-n", "--quiet", "host", "--configfile"]
    done = snakemake(REPO, tmp_path, *command, *(str(REPO / file) for file in files))
    assert done.returncode == 0, done.stdout[-3000:]
    base, added = (yaml.safe_load((REPO / file).read_text()) for file in files)
    jobs = started(done.stdout)
    students = {"none", *base["methods"], *added.get("methods", {})}
    seeds = added.get("seeds", base["seeds"])
    trained = len(students) * len(seeds) * folds_of(added.get("split", {}))
    assert sum(job.startswith("student ") for job in jobs) == trained
    assert f"results/{added.get('name', base['name'])}/compare/" in done.stdout


def test_default_config_from_another_folder(tmp_path):
    done = snakemake(REPO, tmp_path, "-n", "--quiet", "host")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "results/demo/report.html" in done.stdout
    assert "demo_data" in started(done.stdout)


WORDS = "resources/glove/glove.6B.100d.subset.txt"


def files_of_vectors(folder):
    """Files that the class vectors depend on, as Snakemake draws them."""
    return snakemake(REPO, folder, "--filegraph", "--", "results/demo/semantics.json").stdout


def test_a_folder_with_words_of_its_own_uses_them(tmp_path):
    words = tmp_path / WORDS
    words.parent.mkdir(parents=True)
    words.write_text("wave 1.0\n")
    drawn = files_of_vectors(tmp_path)
    assert "results/demo/clips.csv" in drawn
    assert WORDS in drawn
    assert str(REPO / WORDS) not in drawn


def test_words_that_come_with_the_checkout_are_no_input(tmp_path):
    drawn = files_of_vectors(tmp_path)
    assert "results/demo/clips.csv" in drawn
    assert WORDS not in drawn


def test_lint_passes(tmp_path):
    done = snakemake(REPO, tmp_path, "--lint")
    assert done.returncode == 0, done.stdout


def test_every_stage_is_a_rule():
    stages = {"demo_data", "recordings", "clips", "frames", "gaf", "semantics", "teacher"}
    assert stages | {"fusion", "knowledge", "student", "evaluate", "compare", "report"} <= set(
        RULES
    )


@pytest.mark.parametrize("name", sorted(RULES))
def test_rule_says_what_it_does(name):
    first = RULES[name].splitlines()[0]
    assert re.fullmatch(r'    """[A-Z].*\."""', first)


@pytest.mark.parametrize("name", sorted(set(RULES) - TARGETS))
def test_rule_declares_everything_a_cluster_needs(name):
    text = RULES[name]
    for directive in (
        "output",
        "log",
        "benchmark",
        "conda",
        "threads",
        "resources",
        "message",
        "shell",
    ):
        assert f"\n    {directive}:" in text, directive
    for amount in ("gpu=", "mem_mb=", "runtime="):
        assert f"\n        {amount}" in text, amount
    assert "python -m sakdn." in text
    assert "> {log:q} 2>&1" in text


@pytest.mark.parametrize("name", sorted(set(RULES) - TARGETS))
def test_rule_reruns_for_its_own_code_and_for_no_device(name):
    text = RULES[name]
    module = re.search(r"python -m (sakdn[.\w]*)", text)[1]
    assert f'code=code("{module}"' in text
    params = re.search(r"\n    params:\n((?:        .*\n)+)", text)
    words = set(re.findall(r"\w+", params[1])) if params else set()
    assert not words & {"threads", "gpu", "gpus", "device", "workers", "resource", "resources"}


def test_environments_that_rules_name_exist():
    for text in RULES.values():
        for path in re.findall(r'conda:\n        "(.*)"', text):
            assert (REPO / "workflow/rules" / Path(path)).resolve().exists()


def keys_of(schema, above=()):
    """Every key of a schema that a user can set, dotted, with its own schema."""
    if above[:1] == ("sensors",) and above[-1] == "gaf":  # the keys of the section gaf once more
        yield ".".join(above), schema
        return
    named = schema.get("additionalProperties")
    if above == ("resources",):  # every rule has the same keys
        named, schema = next(iter(schema["properties"].values())), {}
    if isinstance(named, dict):
        yield from keys_of(named, (*above, "<rule>" if above == ("resources",) else "<name>"))
    for key, value in schema.get("properties", {}).items():
        yield from keys_of(value, (*above, key))
    if not named and not schema.get("properties"):
        yield ".".join(above), schema


def table_of_readme():
    rows = {}
    for line in (REPO / "config/README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 5 and cells[0] != "Key" and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = cells[1:]
    return rows


def test_readme_describes_every_key_and_no_other():
    assert sorted(table_of_readme()) == sorted(key for key, _ in keys_of(SCHEMA))


def test_readme_gives_the_defaults_of_the_schema():
    rows = table_of_readme()
    for key, schema in keys_of(SCHEMA):
        if key.startswith("resources.<rule>."):  # A table of its own has those of each rule.
            assert rows[key][1] == "as above", key
        elif "default" in schema and schema["default"] != {}:
            assert yaml.safe_load(rows[key][1].strip("`")) == schema["default"], key
        assert rows[key][2], f"{key} has no meaning"


BARE = {"threads", "resources.gpu", "wildcards.sensor", "wildcards.method", "wildcards.seed"}
BARE |= {
    "wildcards.shard",
    "params.name",
    "params.policy",
}  # The schema or a rule says what is in them.


@pytest.mark.parametrize(
    "path", sorted((REPO / "workflow/rules").glob("*.smk")), ids=lambda p: p.stem
)
def test_whatever_a_user_may_choose_is_quoted_for_the_shell(path):
    blocks = re.findall(r"\n    shell:\n((?:        .*\n)+)", path.read_text(encoding="utf-8"))
    assert blocks or path.stem == "common"
    used = {field for block in blocks for field in re.findall(r"\{([^}]*)\}", block)}
    assert {field for field in used if not field.endswith(":q")} <= BARE
