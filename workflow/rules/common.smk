import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Ours, whoever imports this workflow as a module: `workflow.basedir` is the importer's.
BASE = Path(workflow.current_basedir.get_path_or_uri(secret_free=False)).parents[1]
sys.path.insert(0, str(BASE / "src"))

from sakdn.base.errors import InputError
from sakdn.base.files import check_writable
from sakdn.plan.config import load_config
from sakdn.plan.inputs import check_weights, code, own, own_tables, refuse_misfits
from sakdn.plan.endings import print_errors, print_made
from sakdn.plan.internals import hear_sigterm, look_less, put_screen
from sakdn.plan.layout import DEMO, Layout, checked, published_weights, words_file
from sakdn.plan.machine import Machine, environment, shell_prefix
from sakdn.plan.recordings import Recordings
from sakdn.plan.options import (
    as_json,
    check_options,
    chosen,
    clips_options,
    fold_options,
    gaf_options,
    recordings_options,
    student_options,
    verbatim,
    weights_options,
    without,
)
from sakdn.options.weights import FOLDER, NAME

screen = put_screen(workflow)
try:
    config.update(load_config(config))
    check_weights(config)
    check_writable(Path.cwd())  # Where Snakemake itself would end in a traceback.
except InputError as error:
    raise WorkflowError(str(error))

layout = Layout(config)
RUN, SENSORS, SEEDS, EXPLAINED = layout.run, layout.sensors, layout.seeds, layout.explained
# `local`: files of the user's own, which a module's prefix, for results, does not move.
TABLES = [local(path) for path in own_tables(config)]
RECORDINGS = local(DEMO) if config["data"]["source"] == "demo" else []
WORDS = words_file(config)
STARTS = {role: [local(path) for path in own(*files)] for role, files in layout.starts.items()}
# Below a module's prefix, once the rules are known.
recordings = Recordings(config, lambda: str(Path(rules.clips.output.clips).parent))
BAD_CLIPS = f"{RUN}/check/problems.csv" if config["data"]["on_bad_clip"] == "drop" else []

# Told by --jobs without --cores: which executor it will be is not known before the rules are.
on_cluster = workflow.nodes is not None or workflow.remote_exec
machine = Machine(config["resources"], on_cluster)
os.environ.update(environment(BASE / "src", config, on_cluster))
own_python = not workflow.deployment_settings.deployment_method
shell.prefix(shell_prefix(Path(sys.executable) if own_python else None))
# Not by an input of what is long: Snakemake (9.27) overlooks what else has changed of a job that is
# behind an `ancient` input made anew, and any other input would run teachers again.
if getattr(workflow, "is_main_process", True):
    try:
        refuse_misfits(weights_options(config), Path(f"{RUN}/weights.json"))
    except InputError as error:
        raise WorkflowError(str(error))


wildcard_constraints:
    sensor="|".join(SENSORS),
    method="|".join(map(re.escape, layout.methods | layout.trials)),
    model="|".join(layout.models),
    source="|".join(["fusion", "average", *SENSORS]),
    seed=r"\d+",
    fold="|".join([*layout.folds, *layout.tune_folds]),
    shard=r"\d+",
    backbone=r"(timm/)?[\w.-]+",
    weights=NAME.pattern,
