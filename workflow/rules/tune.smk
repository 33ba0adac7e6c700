rule tune_fold:
    """Write the clips of the training side, some of its people held out as val."""
    input:
        clips=f"{RUN}/clips.csv",
    output:
        f"{RUN}/{{fold}}clips.csv",
    log:
        f"{RUN}/logs/{{fold}}tune_fold.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}tune_fold.tsv"
    wildcard_constraints:
        fold="|".join(layout.tune_folds) or "(?!)",
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.tune_fold"),
        number=layout.fold_number,
        folds=config["tune"]["folds"],
    message:
        "Hold out some of the training people"
    shell:
        "python -m sakdn.stages.tune_fold --clips {input.clips:q} --fold {params.number:q}"
        " --folds {params.folds:q} --output {output:q} > {log:q} 2>&1"


rule tune:
    """Search the weights of the methods on held-out training people."""
    input:
        layout.tried,
    output:
        table=f"{RUN}/tune/table.csv",
        overlay=f"{RUN}/tune/overlay.yaml",
    log:
        f"{RUN}/logs/tune.log",
    benchmark:
        f"{RUN}/benchmarks/tune.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.tune"),
    message:
        "Choose the weights that were best on held-out training people"
    shell:
        "python -m sakdn.stages.tune --models {input:q} --output {output.table:q}"
        " --overlay {output.overlay:q} > {log:q} 2>&1"
