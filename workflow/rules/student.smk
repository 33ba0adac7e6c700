rule student:
    """Train the video network, alone or taught by what the teachers know."""
    input:
        clips=f"{RUN}/{{fold}}clips.csv",
        frames=layout.frames("npy"),
        index=layout.frames("csv"),
        knowledge=layout.taught_by,
        alone=layout.second_opinion,
        semantics=f"{RUN}/semantics.json",
        weights=STARTS["student"],
    output:
        model=f"{RUN}/{{fold}}student/{{method}}/seed{{seed}}/model.json",
        weights=f"{RUN}/{{fold}}student/{{method}}/seed{{seed}}/model.safetensors",
        curves=report(
            f"{RUN}/{{fold}}student/{{method}}/seed{{seed}}/curves.csv",
            caption="../report/curves.rst",
            category="Learning curves",
            labels={"network": "student {method}", "seed": "{seed}"},
        ),
    log:
        f"{RUN}/logs/{{fold}}student_{{method}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}student_{{method}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("student")
    resources:
        mem_mb=machine.growing("student", "mem_mb"),
        runtime=machine.growing("student", "runtime"),
        gpu=machine.gpus("student"),
    params:
        code=code("sakdn.stages.student"),
        options=student_options(config),
        method=chosen("method", layout.methods | layout.trials),
        windows=as_json(config["gaf"].get("windows", {})),
        frames=as_json(config["frames"]),
        state=layout.state,
    message:
        "Train the student {wildcards.method}, seed {wildcards.seed}"
    shell:
        "python -m sakdn.stages.student --clips {input.clips:q} --frames {input.frames:q}"
        " --knowledge {input.knowledge:q} --alone {input.alone:q} --semantics {input.semantics:q}"
        " --options {params.options:q} --name {wildcards.method} --method {params.method:q}"
        " --windows {params.windows:q} --frame-options {params.frames:q}"
        " --state {params.state:q}"
        " --seed {wildcards.seed} --threads {threads} --gpus {resources.gpu}"
        " --output {output.model:q} > {log:q} 2>&1"
