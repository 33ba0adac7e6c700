import hashlib
import json
import os
import re
import shlex
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

BASE = Path(workflow.basedir)
SOURCE = BASE / "src"
sys.path.insert(0, str(SOURCE))

from sakdn.plan.config import check_config
from sakdn.base.errors import InputError
from sakdn.base.files import check_writable
from sakdn.base.sources import module_sources

STARTED = time.time()
SCHEMA = BASE / "workflow/schemas/config.schema.yaml"
try:
    check_config(config, SCHEMA)
    check_writable(Path.cwd())  # Where Snakemake itself would end in a traceback.
except InputError as error:
    raise WorkflowError(str(error))
validate(config, str(SCHEMA))

# What lies in the checkout's resources/ is found from any working directory, which may have its own.
for section, key in (("data", "classes"), ("semantics", "vectors"), ("student", "weights")):
    path = config[section][key]
    if path and path.startswith("resources/") and not Path(path).exists():
        config[section][key] = str(BASE / path)

RUN = f"results/{config['name']}"
ROOT = config["data"]["root"]
SENSORS = sorted(config["sensors"])
METHODS = {"none": {"loss": "none"}} | config["methods"]
SEEDS = config["seeds"]
SHARDS = range(config["data"]["shards"])
EXPLAINED = config["explain"]["method"] or ("sakdn" if "sakdn" in METHODS else "none")
MODELS = [
    *(f"teacher_{sensor}" for sensor in SENSORS),
    "fusion",
    *(f"student_{method}" for method in METHODS),
]
# Memory: half as much again as the largest run measured on small networks, plus Snakemake's own on
# a cluster; for networks that of a GPU's libraries too.
DEFAULT_RESOURCES = {
    "demo_data": {"threads": 2, "mem_mb": 1000, "runtime": 20, "gpu": 0},
    "check": {"threads": 8, "mem_mb": 2000, "runtime": 240, "gpu": 0},
    "clips": {"threads": 1, "mem_mb": 1000, "runtime": 30, "gpu": 0},
    "frames": {"threads": 1, "mem_mb": 1000, "runtime": 240, "gpu": 0},
    "gaf": {"threads": 1, "mem_mb": 1500, "runtime": 120, "gpu": 0},
    "semantics": {"threads": 1, "mem_mb": 500, "runtime": 60, "gpu": 0},
    "teacher": {"threads": 1, "mem_mb": 3000, "runtime": 480, "gpu": 1},
    "fusion": {"threads": 1, "mem_mb": 3000, "runtime": 480, "gpu": 1},
    "knowledge": {"threads": 1, "mem_mb": 3000, "runtime": 120, "gpu": 1},
    "student": {"threads": 1, "mem_mb": 4000, "runtime": 1440, "gpu": 1},
    "evaluate": {"threads": 1, "mem_mb": 3000, "runtime": 60, "gpu": 1},
    "explain": {"threads": 1, "mem_mb": 3000, "runtime": 30, "gpu": 1},
    "report": {"threads": 1, "mem_mb": 1000, "runtime": 30, "gpu": 0},
}

# Jobs find the package in this checkout and, without conda, the Python that runs Snakemake. What
# they are run with as a whole is kept beside each result; no job depends on it.
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")])),
    SAKDN_CONFIG=json.dumps(config),
)
# A signal to all processes of a job leaves its shell and its log to the end, so that the stage can
# save what it has and say so.
PREFIX = "set -euo pipefail; trap : TERM; tee() {{ trap '' INT TERM; command tee \"$@\"; }}; "
if not workflow.deployment_settings.deployment_method:
    PREFIX += f"export PATH={shlex.quote(os.path.dirname(sys.executable))}:$PATH; "
shell.prefix(PREFIX)


wildcard_constraints:
    sensor="|".join(SENSORS),
    method="|".join(METHODS),
    source="|".join(["fusion", "average", *SENSORS]),
    seed=r"\d+",
    shard=r"\d+",


def resource(rule, name):
    """Resource of a rule: the config's, else the default above."""
    return config["resources"][rule].get(name, DEFAULT_RESOURCES[rule][name])


def gpus(rule):
    """GPUs of a rule; none on a workstation without one, so that its jobs share the cores."""
    wanted = resource(rule, "gpu")
    # Told by --jobs without --cores: which executor it will be is not known before the rules are.
    on_cluster = workflow.nodes is not None or workflow.remote_exec
    if on_cluster:
        return wanted
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return 0 if hidden else min(wanted, len(list(Path(os.sep, "dev").glob("nvidia[0-9]*"))))


def growing(rule, name):
    """Resource that grows with every attempt, for retries on a cluster."""

    def amount(wildcards, attempt):
        return resource(rule, name) * attempt

    return amount


def code(module):
    """Source files that a stage's result depends on: its module and all it imports."""
    return module_sources(module, SOURCE)


def verbatim(value):
    """A value of the user's own as a parameter of a rule: braces in it are no wildcards."""

    def of(wildcards):
        return value

    return of


def as_json(options):
    """Options of a stage as the value of its --options."""
    return verbatim(json.dumps(options, sort_keys=True))


def tables():
    """Files of the user's own that say what the clips are."""
    if config["data"]["source"] == "demo":
        return []
    paths = [config["data"][key] for key in ("table", "classes")]
    return [path for path in paths if path and Path(path).exists()]


def clips_options(wildcards):
    """Options of the clips table; how signals become images does not concern it."""
    sensors = {
        name: {key: value for key, value in sensor.items() if key != "gaf"}
        for name, sensor in config["sensors"].items()
    }
    sections = {"data": config["data"], "split": config["split"], "sensors": sensors}
    return as_json(sections)(wildcards)


def check_options(wildcards):
    """Options of the data check: of what a run does with signals only what it does with NaN."""
    aside = ("on_bad_clip", "shards", "demo")
    data = {key: value for key, value in config["data"].items() if key not in aside}
    sensors = {}
    for name, sensor in config["sensors"].items():
        gaf = config["gaf"] | sensor.get("gaf", {})
        sensors[name] = sensor | {"gaf": {"nan": gaf.get("nan", "error")}}
    return as_json({"data": data, "split": config["split"], "sensors": sensors})(wildcards)


def bad_clips():
    """Table that says which clips are bad, where such clips are dropped."""
    return f"{RUN}/check/problems.csv" if config["data"]["on_bad_clip"] == "drop" else []


def looked_again(wildcards):
    """Table of the data check, made anew: no rule sees that a recording changed."""
    # Beside other targets what follows from the clips that it drops would be made anew as well.
    if not bad_clips() or len(workflow.dag_settings.targets) == 1:
        workflow.dag.forcerules.add(rules.data_problems.rule)
    return f"{RUN}/check/problems.csv"


def checked():
    """Digest of what the data check found, if only the report, which shows it, depends on it."""
    path = Path(RUN, "check/problems.csv")
    if bad_clips() or not path.exists():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def gaf_options(wildcards):
    """GAF options of a sensor: those of the run, overridden by its own."""
    sensor = config["sensors"][wildcards.sensor]
    aside = ("path", "images", "gaf")
    signal = {key: value for key, value in sensor.items() if key not in aside}
    options = {"signal": signal, "images": bool(sensor["images"])}
    return as_json(options | config["gaf"] | sensor.get("gaf", {}))(wildcards)


def method_options(wildcards):
    """Options of a student's method."""
    return as_json(METHODS[wildcards.method])(wildcards)


def taught_by(wildcards):
    """Knowledge that a method distils; none for the video alone."""
    method = METHODS[wildcards.method]
    if method["loss"] == "none":
        return []
    return f"{RUN}/knowledge/{method.get('teacher', 'fusion')}/seed{wildcards.seed}/index.json"


def knowledge_models(wildcards):
    """Networks that a knowledge source asks: the fusion, one teacher or all of them."""
    return teacher_models(wildcards.source, wildcards.seed)


def teacher_models(source, seed):
    """The fusion, one teacher or, for `average`, all of them."""
    if source == "fusion":
        return f"{RUN}/fusion/seed{seed}/model.json"
    sensors = SENSORS if source == "average" else [source]
    return expand(f"{RUN}/teacher/{{sensor}}/seed{seed}/model.json", sensor=sensors)


def curves():
    """Learning curves of every network of the run."""
    folders = [
        *(f"teacher/{sensor}" for sensor in SENSORS),
        "fusion",
        *(f"student/{method}" for method in METHODS),
    ]
    return expand(f"{RUN}/{{folder}}/seed{{seed}}/curves.csv", folder=folders, seed=SEEDS)


def print_errors():
    """Repeats, last on the screen, what the jobs that failed in this run said is wrong."""
    for path in sorted([*Path("logs").glob("*.log"), *Path(RUN, "logs").glob("*.log")]):
        if path.exists() and path.stat().st_mtime >= STARTED:
            text = path.read_text(encoding="utf-8", errors="replace")
            message = re.search("^error: .*", text, re.MULTILINE | re.DOTALL)
            if message:
                print(f"\n{path}\n{message[0].rstrip()}\n", file=sys.stderr)


def print_summary(table, page):
    """Shows the comparison and where the report is."""
    if Path(table).exists():
        print(f"\n{Path(table).read_text(encoding='utf-8')}")
    if Path(page).exists():
        print(f"Report: {Path(page).resolve()}")
