rule fold:
    """Write the clips table as it is when one fold is tested and the others train."""
    input:
        clips=f"{RUN}/clips.csv",
    output:
        f"{RUN}/{{fold}}clips.csv",
    log:
        f"{RUN}/logs/{{fold}}fold.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}fold.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.fold"),
        number=layout.fold_number,
        options=as_json(fold_options(config)),
    message:
        "Split the clips"
    shell:
        "python -m sakdn.stages.fold --clips {input.clips:q} --fold {params.number:q}"
        " --options {params.options:q} --output {output:q} > {log:q} 2>&1"


rule join_folds:
    """Join what all folds say of a model and seed: every clip is tested once."""
    input:
        metrics=layout.joined("metrics.json"),
        predictions=layout.joined("predictions.csv"),
    output:
        metrics=f"{RUN}/evaluate/{{model}}/seed{{seed}}/metrics.json",
        predictions=f"{RUN}/evaluate/{{model}}/seed{{seed}}/predictions.csv",
    log:
        f"{RUN}/logs/join_folds_{{model}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/join_folds_{{model}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=machine.growing("report", "mem_mb"),
        runtime=machine.growing("report", "runtime"),
        gpu=machine.gpus("report"),
    params:
        code=code("sakdn.stages.join_folds"),
    message:
        "Join the folds of {wildcards.model}, seed {wildcards.seed}"
    shell:
        "python -m sakdn.stages.join_folds --metrics {input.metrics:q}"
        " --predictions {output.predictions:q} --output {output.metrics:q} > {log:q} 2>&1"
