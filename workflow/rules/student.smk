rule student:
    """Train the video network, alone or taught by what the teachers know."""
    input:
        clips=f"{RUN}/clips.csv",
        frames=expand(f"{RUN}/frames/{{shard}}.npy", shard=SHARDS),
        index=expand(f"{RUN}/frames/{{shard}}.csv", shard=SHARDS),
        knowledge=taught_by,
        semantics=f"{RUN}/semantics.json",
        code=code("sakdn.stages.student"),
    output:
        model=f"{RUN}/student/{{method}}/seed{{seed}}/model.json",
        weights=f"{RUN}/student/{{method}}/seed{{seed}}/model.safetensors",
        curves=f"{RUN}/student/{{method}}/seed{{seed}}/curves.csv",
    log:
        f"{RUN}/logs/student_{{method}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/student_{{method}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("student", "threads")
    resources:
        mem_mb=growing("student", "mem_mb"),
        runtime=growing("student", "runtime"),
        gpu=gpus("student"),
    params:
        options=as_json(config["student"]),
        method=method_options,
        windows=as_json(config["gaf"].get("windows", {})),
        frames=as_json(config["frames"]),
        state=f"{RUN}/state/student_{{method}}_seed{{seed}}.safetensors",
    shell:
        "python -m sakdn.stages.student --clips {input.clips:q} --frames {input.frames:q}"
        " --knowledge {input.knowledge:q} --semantics {input.semantics:q}"
        " --options {params.options:q} --name {wildcards.method} --method {params.method:q}"
        " --windows {params.windows:q} --frame-options {params.frames:q}"
        " --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} 2>&1 | tee {log:q}"
