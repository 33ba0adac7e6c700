rule compare_models:
    """Compare every model with the student alone, on the same clips and seeds."""
    input:
        metrics=expand(
            f"{RUN}/evaluate/{{model}}/seed{{seed}}/metrics.json", model=MODELS, seed=SEEDS
        ),
        predictions=expand(
            f"{RUN}/evaluate/{{model}}/seed{{seed}}/predictions.csv", model=MODELS, seed=SEEDS
        ),
        dropped=f"{RUN}/dropped.csv",
        code=code("sakdn.stages.compare"),
    output:
        table=f"{RUN}/compare/table.csv",
        markdown=report(
            f"{RUN}/compare/table.md", caption="../report/table.rst", category="Comparison"
        ),
        figure=report(
            f"{RUN}/compare/figure.svg", caption="../report/accuracy.rst", category="Comparison"
        ),
        gains=report(
            f"{RUN}/compare/gains.svg", caption="../report/gains.rst", category="Comparison"
        ),
        tests=f"{RUN}/compare/tests.json",
    log:
        f"{RUN}/logs/compare.log",
    benchmark:
        f"{RUN}/benchmarks/compare.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("report", "threads")
    resources:
        mem_mb=growing("report", "mem_mb"),
        runtime=growing("report", "runtime"),
        gpu=gpus("report"),
    shell:
        "python -m sakdn.stages.compare --metrics {input.metrics:q} --predictions {input.predictions:q}"
        " --dropped {input.dropped:q}"
        " --baseline student_none --output-table {output.table:q}"
        " --output-markdown {output.markdown:q} --output-figure {output.figure:q}"
        " --output-gains {output.gains:q} --output-tests {output.tests:q} 2>&1 | tee {log:q}"


rule effective_config:
    """Save the configuration that the run has, defaults included."""
    input:
        code=code("sakdn.stages.effective_config"),
    output:
        f"{RUN}/config.yaml",
    log:
        f"{RUN}/logs/effective_config.log",
    benchmark:
        f"{RUN}/benchmarks/effective_config.tsv"
    localrule: True
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=growing("report", "mem_mb"),
        runtime=growing("report", "runtime"),
        gpu=gpus("report"),
    params:
        config=as_json(config),
    shell:
        "python -m sakdn.stages.effective_config --config {params.config:q} --output {output:q}"
        " 2>&1 | tee {log:q}"


rule page:
    """Write the report: one HTML page that needs no network."""
    input:
        clips=f"{RUN}/clips.csv",
        videos=f"{RUN}/videos.csv",
        dropped=f"{RUN}/dropped.csv",
        problems=bad_clips(),
        config=f"{RUN}/config.yaml",
        curves=curves(),
        metrics=rules.compare_models.input.metrics,
        compared=rules.compare_models.output,
        gaf=expand(f"{RUN}/gaf/{{sensor}}.{{suffix}}", sensor=SENSORS, suffix=["npy", "json"]),
        frames=expand(f"{RUN}/frames/{{shard}}.{{suffix}}", shard=SHARDS, suffix=["npy", "csv"]),
        explained=rules.explain.output,
        code=code("sakdn.stages.report"),
        template=str(SOURCE / "sakdn/results/report/report.html.j2"),
    output:
        f"{RUN}/report.html",
    log:
        f"{RUN}/logs/report.log",
    benchmark:
        f"{RUN}/benchmarks/report.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("report", "threads")
    resources:
        mem_mb=growing("report", "mem_mb"),
        runtime=growing("report", "runtime"),
        gpu=gpus("report"),
    params:
        root=verbatim(ROOT),
        folder=subpath(input.config, parent=True),
        checked=checked(),
    shell:
        "python -m sakdn.stages.report --clips {input.clips:q} --videos {input.videos:q}"
        " --dropped {input.dropped:q} --check-dir {params.folder:q}/check"
        " --config {input.config:q} --curves {input.curves:q} --metrics {input.metrics:q}"
        " --compare-dir {params.folder:q}/compare --gaf-dir {params.folder:q}/gaf"
        " --frames-dir {params.folder:q}/frames --explain-dir {params.folder:q}/explain"
        " --root={params.root:q} --output {output:q} 2>&1 | tee {log:q}"
