rule fusion:
    """Join the teachers of all sensors by SPAMFM and train them on together."""
    input:
        clips=f"{RUN}/{{fold}}clips.csv",
        images=layout.images("npy"),
        index=layout.images("json"),
        teachers=expand(
            f"{RUN}/{{{{fold}}}}teacher/{{sensor}}/seed{{{{seed}}}}/model.json", sensor=SENSORS
        ),
        semantics=f"{RUN}/semantics.json",
    output:
        model=f"{RUN}/{{fold}}fusion/seed{{seed}}/model.json",
        weights=f"{RUN}/{{fold}}fusion/seed{{seed}}/model.safetensors",
        curves=report(
            f"{RUN}/{{fold}}fusion/seed{{seed}}/curves.csv",
            caption="../report/curves.rst",
            category="Learning curves",
            labels={"network": "fusion", "seed": "{seed}"},
        ),
    log:
        f"{RUN}/logs/{{fold}}fusion_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}fusion_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("fusion")
    resources:
        mem_mb=machine.growing("fusion", "mem_mb"),
        runtime=machine.growing("fusion", "runtime"),
        gpu=machine.gpus("fusion"),
    params:
        code=code("sakdn.stages.fusion"),
        options=as_json(config["fusion"]),
        state=layout.state,
    message:
        "Train the fusion of all teachers, seed {wildcards.seed}"
    shell:
        "python -m sakdn.stages.fusion --clips {input.clips:q} --gaf {input.images:q}"
        " --teachers {input.teachers:q} --semantics {input.semantics:q}"
        " --options {params.options:q} --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} > {log:q} 2>&1"
