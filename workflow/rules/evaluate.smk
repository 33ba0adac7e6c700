rule evaluate:
    """Score all models of a seed, teachers, fusion and students, on the test clips."""
    input:
        models=layout.trained("model.json"),
        weights=layout.trained("model.safetensors"),
        clips=f"{RUN}/{{fold}}clips.csv",
        images=layout.images("npy"),
        images_index=layout.images("json"),
        frames=layout.frames("npy"),
        frames_index=layout.frames("csv"),
    output:
        metrics=layout.scored("metrics.json"),
        predictions=layout.scored("predictions.csv"),
    log:
        f"{RUN}/logs/{{fold}}evaluate_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}evaluate_seed{{seed}}.tsv"
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
        "Score all models of seed {wildcards.seed} on the test clips"
    shell:
        "python -m sakdn.stages.evaluate --model {input.models:q} --clips {input.clips:q}"
        " --gaf {input.images:q} --frames {input.frames:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --output {output.metrics:q} --predictions {output.predictions:q} > {log:q} 2>&1"
