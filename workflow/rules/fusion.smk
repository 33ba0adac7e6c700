rule fusion:
    """Join the teachers of all sensors by SPAMFM and train them on together."""
    input:
        clips=f"{RUN}/clips.csv",
        images=expand(f"{RUN}/gaf/{{sensor}}.npy", sensor=SENSORS),
        index=expand(f"{RUN}/gaf/{{sensor}}.json", sensor=SENSORS),
        teachers=expand(f"{RUN}/teacher/{{sensor}}/seed{{{{seed}}}}/model.json", sensor=SENSORS),
        semantics=f"{RUN}/semantics.json",
        code=code("sakdn.stages.fusion"),
    output:
        model=f"{RUN}/fusion/seed{{seed}}/model.json",
        weights=f"{RUN}/fusion/seed{{seed}}/model.safetensors",
        curves=f"{RUN}/fusion/seed{{seed}}/curves.csv",
    log:
        f"{RUN}/logs/fusion_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/fusion_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("fusion", "threads")
    resources:
        mem_mb=growing("fusion", "mem_mb"),
        runtime=growing("fusion", "runtime"),
        gpu=gpus("fusion"),
    params:
        options=as_json(config["fusion"]),
        state=f"{RUN}/state/fusion_seed{{seed}}.safetensors",
    shell:
        "python -m sakdn.stages.fusion --clips {input.clips:q} --gaf {input.images:q}"
        " --teachers {input.teachers:q} --semantics {input.semantics:q}"
        " --options {params.options:q} --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} 2>&1 | tee {log:q}"
