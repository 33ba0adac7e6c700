"""SAKDN: distil wearable sensors into a video classifier, from recordings to report."""

from snakemake.utils import min_version

min_version("9.8")

if "data" not in config:

    configfile: f"{workflow.basedir}/config/demo.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/frames.smk"
include: "workflow/rules/gaf.smk"
include: "workflow/rules/semantics.smk"
include: "workflow/rules/teacher.smk"
include: "workflow/rules/fusion.smk"
include: "workflow/rules/knowledge.smk"
include: "workflow/rules/student.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


rule all:
    """Everything, up to the report; a frame shard that was deleted is made again."""
    default_target: True
    input:
        f"{RUN}/report.html",
        expand(f"{RUN}/frames/{{shard}}.npy", shard=SHARDS),
    localrule: True


rule compare:
    """Train and evaluate every method, then write the comparison."""
    input:
        f"{RUN}/compare/table.md",
    localrule: True


onstart:
    # Snakemake's limit of jobs a second makes it look at all waiting jobs every second, once more
    # for each job that has ended: a third of a core after 80 of them.
    workflow.scheduler.job_rate_limiter = None


onsuccess:
    print_summary(f"{RUN}/compare/table.md", f"{RUN}/report.html")


onerror:
    print_errors()
