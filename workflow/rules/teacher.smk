rule teacher:
    """Train the network of one sensor on its images and the class vectors."""
    input:
        clips=f"{RUN}/{{fold}}clips.csv",
        images=layout.images("npy", "{sensor}"),
        index=layout.images("json", "{sensor}"),
        semantics=f"{RUN}/semantics.json",
        weights=STARTS["teacher"],
    output:
        model=f"{RUN}/{{fold}}teacher/{{sensor}}/seed{{seed}}/model.json",
        weights=f"{RUN}/{{fold}}teacher/{{sensor}}/seed{{seed}}/model.safetensors",
        curves=report(
            f"{RUN}/{{fold}}teacher/{{sensor}}/seed{{seed}}/curves.csv",
            caption="../report/curves.rst",
            category="Learning curves",
            labels={"network": "teacher {sensor}", "seed": "{seed}"},
        ),
    log:
        f"{RUN}/logs/{{fold}}teacher_{{sensor}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}teacher_{{sensor}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("teacher")
    resources:
        mem_mb=machine.growing("teacher", "mem_mb"),
        runtime=machine.growing("teacher", "runtime"),
        gpu=machine.gpus("teacher"),
    params:
        code=code("sakdn.stages.teacher"),
        options=as_json(config["teacher"]),
        state=layout.state,
    message:
        "Train the teacher of {wildcards.sensor}, seed {wildcards.seed}"
    shell:
        "python -m sakdn.stages.teacher --clips {input.clips:q} --gaf {input.images:q}"
        " --semantics {input.semantics:q} --options {params.options:q} --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} > {log:q} 2>&1"
