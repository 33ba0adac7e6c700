rule teacher:
    """Train the network of one sensor on its images and the class vectors."""
    input:
        clips=f"{RUN}/clips.csv",
        images=f"{RUN}/gaf/{{sensor}}.npy",
        index=f"{RUN}/gaf/{{sensor}}.json",
        semantics=f"{RUN}/semantics.json",
        code=code("sakdn.stages.teacher"),
    output:
        model=f"{RUN}/teacher/{{sensor}}/seed{{seed}}/model.json",
        weights=f"{RUN}/teacher/{{sensor}}/seed{{seed}}/model.safetensors",
        curves=f"{RUN}/teacher/{{sensor}}/seed{{seed}}/curves.csv",
    log:
        f"{RUN}/logs/teacher_{{sensor}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/teacher_{{sensor}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("teacher", "threads")
    resources:
        mem_mb=growing("teacher", "mem_mb"),
        runtime=growing("teacher", "runtime"),
        gpu=gpus("teacher"),
    params:
        options=as_json(config["teacher"]),
        state=f"{RUN}/state/teacher_{{sensor}}_seed{{seed}}.safetensors",
    shell:
        "python -m sakdn.stages.teacher --clips {input.clips:q} --gaf {input.images:q}"
        " --semantics {input.semantics:q} --options {params.options:q} --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} 2>&1 | tee {log:q}"
