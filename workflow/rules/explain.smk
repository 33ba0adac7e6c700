rule explain:
    """Draw what a student and its teachers look at in chosen clips."""
    input:
        clips=f"{RUN}/clips.csv",
        frames=expand(f"{RUN}/frames/{{shard}}.npy", shard=SHARDS),
        frames_index=expand(f"{RUN}/frames/{{shard}}.csv", shard=SHARDS),
        images=expand(f"{RUN}/gaf/{{sensor}}.npy", sensor=SENSORS),
        images_index=expand(f"{RUN}/gaf/{{sensor}}.json", sensor=SENSORS),
        student=f"{RUN}/student/{EXPLAINED}/seed{SEEDS[0]}/model.json",
        weights=f"{RUN}/student/{EXPLAINED}/seed{SEEDS[0]}/model.safetensors",
        teachers=teacher_models(METHODS[EXPLAINED].get("teacher", "fusion"), SEEDS[0]),
        predictions=f"{RUN}/evaluate/student_{EXPLAINED}/seed{SEEDS[0]}/predictions.csv",
        code=code("sakdn.stages.explain"),
    output:
        index=f"{RUN}/explain/index.json",
        pictures=directory(f"{RUN}/explain/pictures"),
    log:
        f"{RUN}/logs/explain.log",
    benchmark:
        f"{RUN}/benchmarks/explain.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("explain", "threads")
    resources:
        mem_mb=growing("explain", "mem_mb"),
        runtime=growing("explain", "runtime"),
        gpu=gpus("explain"),
    params:
        root=verbatim(ROOT),
        sensors=as_json(config["sensors"]),
        options=as_json({k: v for k, v in config["explain"].items() if k != "method"}),
    shell:
        "python -m sakdn.stages.explain --clips {input.clips:q} --frames {input.frames:q}"
        " --gaf {input.images:q} --student {input.student:q} --teachers {input.teachers:q}"
        " --predictions {input.predictions:q} --root={params.root:q}"
        " --sensors {params.sensors:q} --options {params.options:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --pictures {output.pictures:q} --output {output.index:q} 2>&1 | tee {log:q}"
