"""SAKDN: distil wearable sensors into a video classifier, from recordings to report."""

from snakemake.utils import min_version

min_version("9.8")

if "data" not in config:

    configfile: f"{workflow.current_basedir.get_path_or_uri(secret_free=False)}/config/demo.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/frames.smk"
include: "workflow/rules/gaf.smk"
include: "workflow/rules/semantics.smk"
include: "workflow/rules/teacher.smk"
include: "workflow/rules/fusion.smk"
include: "workflow/rules/knowledge.smk"
include: "workflow/rules/student.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/report.smk"


if any(layout.folds):

    include: "workflow/rules/folds.smk"


report: "workflow/report/workflow.rst"


rule all:
    """Everything, up to the report; a frame shard or a fold that was deleted is made again."""
    default_target: True
    input:
        f"{RUN}/report.html",
        layout.frames("npy"),
        layout.of_folds(),
    localrule: True


onstart:
    look_less(workflow)
    hear_sigterm(workflow)


onsuccess:
    print_made(screen, f"{RUN}/compare/table.md", f"{RUN}/report.html")


onerror:
    print_errors(screen, "logs", f"{RUN}/logs")
