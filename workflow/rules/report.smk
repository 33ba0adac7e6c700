rule compare:
    """Compare every model with the student alone, on the same clips and seeds."""
    input:
        metrics=expand(
            f"{RUN}/evaluate/{{model}}/seed{{seed}}/metrics.json", model=layout.models, seed=SEEDS
        ),
        predictions=expand(
            f"{RUN}/evaluate/{{model}}/seed{{seed}}/predictions.csv",
            model=layout.models,
            seed=SEEDS,
        ),
        dropped=f"{RUN}/dropped.csv",
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
    threads: machine.threads("report")
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.compare"),
    message:
        "Compare all models with the student alone"
    shell:
        "python -m sakdn.stages.compare --metrics {input.metrics:q} --predictions {input.predictions:q}"
        " --dropped {input.dropped:q}"
        " --baseline student_none --output-table {output.table:q}"
        " --output-markdown {output.markdown:q} --output-figure {output.figure:q}"
        " --output-gains {output.gains:q} --output-tests {output.tests:q} > {log:q} 2>&1"


rule effective_config:
    """Save the configuration that the run has, defaults included."""
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
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.effective_config"),
        config=as_json(config),
    message:
        "Save the configuration"
    shell:
        "python -m sakdn.stages.effective_config --config {params.config:q} --output {output:q}"
        " > {log:q} 2>&1"


rule report:
    """Write the report: one HTML page that needs no network."""
    input:
        clips=f"{RUN}/{layout.folds[0]}clips.csv",
        videos=f"{RUN}/videos.csv",
        dropped=f"{RUN}/dropped.csv",
        problems=BAD_CLIPS,
        config=f"{RUN}/config.yaml",
        weights=f"{RUN}/weights.json",
        semantics=f"{RUN}/semantics.json",
        curves=layout.curves(),
        metrics=rules.compare.input.metrics,
        compared=rules.compare.output,
        images=layout.images("npy", fold=layout.folds[0])[0],
        gaf=layout.images("npy", fold=layout.folds[0]) + layout.images("json", fold=layout.folds[0]),
        frames=layout.frames("npy") + layout.frames("csv"),
        explained=rules.explain.output,
    output:
        report(f"{RUN}/report.html", caption="../report/page.rst", category="Report page"),
    log:
        f"{RUN}/logs/report.log",
    benchmark:
        f"{RUN}/benchmarks/report.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("report")
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.report"),
        root=verbatim(config["data"]["root"]),
        folder=subpath(input.config, parent=True),
        gaf=subpath(input.images, parent=True),
        checked=verbatim(checked(config, rules.data_problems.output.problems)),
        changed="" if BAD_CLIPS else recordings.changed("check"),
    message:
        "Write the report"
    shell:
        "python -m sakdn.stages.report --clips {input.clips:q} --videos {input.videos:q}"
        " --dropped {input.dropped:q} --check-dir {params.folder:q}/check --since-checked={params.changed:q}"
        " --weights {input.weights:q} --semantics {input.semantics:q}"
        " --config {input.config:q} --curves {input.curves:q} --metrics {input.metrics:q}"
        " --compare-dir {params.folder:q}/compare --gaf-dir {params.gaf:q}"
        " --frames-dir {params.folder:q}/frames --explain-dir {params.folder:q}/explain"
        " --root={params.root:q} --output {output:q} > {log:q} 2>&1"
