rule evaluate:
    """Score a trained model, teacher, fusion or student, on the test clips."""
    input:
        unpack(layout.evaluated),
        clips=f"{RUN}/{{fold}}clips.csv",
    output:
        metrics=f"{RUN}/{{fold}}evaluate/{{model}}/seed{{seed}}/metrics.json",
        predictions=f"{RUN}/{{fold}}evaluate/{{model}}/seed{{seed}}/predictions.csv",
    log:
        f"{RUN}/logs/{{fold}}evaluate_{{model}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}evaluate_{{model}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("evaluate")
    resources:
        mem_mb=machine.growing("evaluate", "mem_mb"),
        runtime=machine.growing("evaluate", "runtime"),
        gpu=machine.gpus("evaluate"),
    params:
        code=code("sakdn.stages.evaluate"),
    message:
        "Score {wildcards.model}, seed {wildcards.seed}, on the test clips"
    shell:
        "python -m sakdn.stages.evaluate --model {input.model:q} --clips {input.clips:q}"
        " --gaf {input.images:q} --frames {input.frames:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --output {output.metrics:q} --predictions {output.predictions:q} > {log:q} 2>&1"
