import json
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

BASE = Path(workflow.basedir)
SOURCE = BASE / "src"
sys.path.insert(0, str(SOURCE))

from sakdn.config import check_config
from sakdn.errors import InputError
from sakdn.sources import module_sources

SCHEMA = BASE / "workflow/schemas/config.schema.yaml"
try:
    check_config(config, SCHEMA)
except InputError as error:
    raise WorkflowError(str(error))
validate(config, str(SCHEMA))

RUN = f"results/{config['name']}"
ROOT = config["data"]["root"]
SENSORS = sorted(config["sensors"])
METHODS = {"none": {"loss": "none"}} | config["methods"]
SEEDS = config["seeds"]
SHARDS = range(config["data"]["shards"])
MODELS = [
    *(f"teacher_{sensor}" for sensor in SENSORS),
    "fusion",
    *(f"student_{method}" for method in METHODS),
]
DEFAULT_RESOURCES = {
    "demo_data": {"threads": 2, "mem_mb": 1000, "runtime": 20, "gpu": 0},
    "clips": {"threads": 2, "mem_mb": 1000, "runtime": 30, "gpu": 0},
    "frames": {"threads": 1, "mem_mb": 1500, "runtime": 240, "gpu": 0},
    "gaf": {"threads": 1, "mem_mb": 1500, "runtime": 120, "gpu": 0},
    "semantics": {"threads": 1, "mem_mb": 500, "runtime": 60, "gpu": 0},
    "teacher": {"threads": 1, "mem_mb": 2000, "runtime": 480, "gpu": 1},
    "fusion": {"threads": 1, "mem_mb": 2000, "runtime": 480, "gpu": 1},
    "knowledge": {"threads": 1, "mem_mb": 2000, "runtime": 120, "gpu": 1},
    "student": {"threads": 1, "mem_mb": 2000, "runtime": 1440, "gpu": 1},
    "evaluate": {"threads": 1, "mem_mb": 2000, "runtime": 60, "gpu": 1},
    "report": {"threads": 1, "mem_mb": 1500, "runtime": 30, "gpu": 0},
}

# Jobs find the package in this checkout and, without conda, the Python that runs Snakemake.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")])
)
if not workflow.deployment_settings.deployment_method:
    shell.prefix(f"export PATH={shlex.quote(os.path.dirname(sys.executable))}:$PATH; ")


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
    if workflow.non_local_exec or workflow.remote_exec:
        return wanted
    return min(wanted, len(list(Path("/dev").glob("nvidia[0-9]*"))))


def growing(rule, name):
    """Resource that grows with every attempt, for retries on a cluster."""

    def amount(wildcards, attempt):
        return resource(rule, name) * attempt

    return amount


def code(module):
    """Source files that a stage's result depends on: its module and all it imports."""
    return module_sources(module, SOURCE)


def as_json(options):
    """Options of a stage as the value of its --options, whatever braces they hold."""

    def text(wildcards):
        return json.dumps(options, sort_keys=True)

    return text


def gaf_options(wildcards):
    """GAF options of a sensor: those of the run, overridden by its own."""
    sensor = config["sensors"][wildcards.sensor]
    signal = {key: sensor[key] for key in ("variable", "columns", "rate_hz")}
    return as_json({"signal": signal} | config["gaf"] | sensor.get("gaf", {}))(wildcards)


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
    if wildcards.source == "fusion":
        return f"{RUN}/fusion/seed{wildcards.seed}/model.json"
    sensors = SENSORS if wildcards.source == "average" else [wildcards.source]
    return expand(f"{RUN}/teacher/{{sensor}}/seed{wildcards.seed}/model.json", sensor=sensors)


def curves():
    """Learning curves of every network of the run."""
    folders = [
        *(f"teacher/{sensor}" for sensor in SENSORS),
        "fusion",
        *(f"student/{method}" for method in METHODS),
    ]
    return expand(f"{RUN}/{{folder}}/seed{{seed}}/curves.csv", folder=folders, seed=SEEDS)


def print_summary(table, page):
    """Shows the comparison and where the report is."""
    if Path(table).exists():
        print("\n" + Path(table).read_text(encoding="utf-8"))
    if Path(page).exists():
        print(f"Report: {Path(page).resolve()}")
