rule evaluate_teacher:
    """Score a sensor's network on the test clips."""
    input:
        model=f"{RUN}/teacher/{{sensor}}/seed{{seed}}/model.json",
        weights=f"{RUN}/teacher/{{sensor}}/seed{{seed}}/model.safetensors",
        clips=f"{RUN}/clips.csv",
        images=f"{RUN}/gaf/{{sensor}}.npy",
        index=f"{RUN}/gaf/{{sensor}}.json",
        code=code("sakdn.stages.evaluate"),
    output:
        metrics=f"{RUN}/evaluate/teacher_{{sensor}}/seed{{seed}}/metrics.json",
        predictions=f"{RUN}/evaluate/teacher_{{sensor}}/seed{{seed}}/predictions.csv",
    log:
        f"{RUN}/logs/evaluate_teacher_{{sensor}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/evaluate_teacher_{{sensor}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("evaluate", "threads")
    resources:
        mem_mb=growing("evaluate", "mem_mb"),
        runtime=growing("evaluate", "runtime"),
        gpu=gpus("evaluate"),
    shell:
        "python -m sakdn.stages.evaluate --model {input.model:q} --clips {input.clips:q}"
        " --gaf {input.images:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --output {output.metrics:q} --predictions {output.predictions:q} 2>&1 | tee {log:q}"


rule evaluate_fusion:
    """Score the fused teachers on the test clips."""
    input:
        model=f"{RUN}/fusion/seed{{seed}}/model.json",
        weights=f"{RUN}/fusion/seed{{seed}}/model.safetensors",
        clips=f"{RUN}/clips.csv",
        images=expand(f"{RUN}/gaf/{{sensor}}.npy", sensor=SENSORS),
        index=expand(f"{RUN}/gaf/{{sensor}}.json", sensor=SENSORS),
        code=code("sakdn.stages.evaluate"),
    output:
        metrics=f"{RUN}/evaluate/fusion/seed{{seed}}/metrics.json",
        predictions=f"{RUN}/evaluate/fusion/seed{{seed}}/predictions.csv",
    log:
        f"{RUN}/logs/evaluate_fusion_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/evaluate_fusion_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("evaluate", "threads")
    resources:
        mem_mb=growing("evaluate", "mem_mb"),
        runtime=growing("evaluate", "runtime"),
        gpu=gpus("evaluate"),
    shell:
        "python -m sakdn.stages.evaluate --model {input.model:q} --clips {input.clips:q}"
        " --gaf {input.images:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --output {output.metrics:q} --predictions {output.predictions:q} 2>&1 | tee {log:q}"


rule evaluate_student:
    """Score a student, from video alone, on the test clips."""
    input:
        model=f"{RUN}/student/{{method}}/seed{{seed}}/model.json",
        weights=f"{RUN}/student/{{method}}/seed{{seed}}/model.safetensors",
        clips=f"{RUN}/clips.csv",
        frames=expand(f"{RUN}/frames/{{shard}}.npy", shard=SHARDS),
        index=expand(f"{RUN}/frames/{{shard}}.csv", shard=SHARDS),
        code=code("sakdn.stages.evaluate"),
    output:
        metrics=f"{RUN}/evaluate/student_{{method}}/seed{{seed}}/metrics.json",
        predictions=f"{RUN}/evaluate/student_{{method}}/seed{{seed}}/predictions.csv",
    log:
        f"{RUN}/logs/evaluate_student_{{method}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/evaluate_student_{{method}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("evaluate", "threads")
    resources:
        mem_mb=growing("evaluate", "mem_mb"),
        runtime=growing("evaluate", "runtime"),
        gpu=gpus("evaluate"),
    shell:
        "python -m sakdn.stages.evaluate --model {input.model:q} --clips {input.clips:q}"
        " --frames {input.frames:q}"
        " --threads {threads} --gpus {resources.gpu}"
        " --output {output.metrics:q} --predictions {output.predictions:q} 2>&1 | tee {log:q}"
