rule data_problems:
    """Read every file of the data set once, whole, and list what is wrong with it."""
    input:
        recordings=RECORDINGS,
        tables=TABLES,
    output:
        problems=f"{RUN}/check/problems.csv",
        summary=f"{RUN}/check/summary.json",
    log:
        f"{RUN}/logs/data_problems.log",
    benchmark:
        f"{RUN}/benchmarks/data_problems.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("check")
    resources:
        mem_mb=machine.growing("check", "mem_mb"),
        runtime=machine.growing("check", "runtime"),
        gpu=machine.gpus("check"),
    params:
        code=code("sakdn.stages.data_problems", config["data"]["classes"]),
        options=as_json(check_options(config)),
        news=recordings.news("check"),
        noted=recordings.noted("check"),
    message:
        "Read every file of the data set, whole"
    shell:
        "python -m sakdn.stages.data_problems --options {params.options:q} --processes {threads}"
        " --news={params.news:q} --noted {params.noted:q}"
        " --output {output.problems:q} --summary {output.summary:q} > {log:q} 2>&1"


rule check_data:
    """Say what is wrong with the data; fail if a clip is bad and data.on_bad_clip is error."""
    input:
        f"{RUN}/check/problems.csv",
    log:
        f"{RUN}/logs/check_data.log",
    localrule: True
    conda:
        "../../envs/sakdn.yaml"
    params:
        policy=config["data"]["on_bad_clip"],
    message:
        "Say what is wrong with the data"
    shell:
        "python -m sakdn.stages.check_data --problems {input:q} --on-bad-clip {params.policy}"
        " 2>&1 | tee {log:q}"
