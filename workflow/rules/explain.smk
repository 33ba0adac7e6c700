rule explain:
    """Draw what a student and its teachers look at in chosen clips."""
    input:
        clips=f"{RUN}/{layout.folds[0]}clips.csv",
        frames=layout.frames("npy"),
        frames_index=layout.frames("csv"),
        images=layout.images("npy", fold=layout.folds[0]),
        images_index=layout.images("json", fold=layout.folds[0]),
        student=f"{RUN}/{layout.folds[0]}student/{EXPLAINED}/seed{SEEDS[0]}/model.json",
        weights=f"{RUN}/{layout.folds[0]}student/{EXPLAINED}/seed{SEEDS[0]}/model.safetensors",
        teachers=layout.explained_teachers(),
        predictions=f"{RUN}/{layout.folds[0]}evaluate/student_{EXPLAINED}/seed{SEEDS[0]}/predictions.csv",
    output:
        index=f"{RUN}/explain/index.json",
        pictures=report(
            directory(f"{RUN}/explain/pictures"),
            patterns=["{clip}.png"],
            caption="../report/explain.rst",
            category="Explanations",
            labels={"clip": "{clip}"},
        ),
    log:
        f"{RUN}/logs/explain.log",
    benchmark:
        f"{RUN}/benchmarks/explain.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("explain")
    resources:
        mem_mb=machine.growing("explain", "mem_mb"),
        runtime=machine.growing("explain", "runtime"),
        gpu=machine.gpus("explain"),
    params:
        code=code("sakdn.stages.explain"),
        root=verbatim(config["data"]["root"]),
        sensors=as_json(config["sensors"]),
        options=as_json(without(config["explain"], "method")),
    message:
        "Draw what student and teachers look at"
    shell:
        "python -m sakdn.stages.explain --clips {input.clips:q} --frames {input.frames:q}"
        " --gaf {input.images:q} --student {input.student:q} --teachers {input.teachers:q}"
        " --predictions {input.predictions:q} --root={params.root:q}"
        " --sensors {params.sensors:q} --options {params.options:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --pictures {output.pictures:q} --output {output.index:q} > {log:q} 2>&1"
