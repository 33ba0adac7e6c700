rule data_problems:
    """Read every file of the data set once, whole, and list what is wrong with it."""
    input:
        demo="data/demo/manifest.json" if config["data"]["source"] == "demo" else [],
        tables=tables(),
        code=code("sakdn.stages.data_problems"),
    output:
        problems=f"{RUN}/check/problems.csv",
        summary=f"{RUN}/check/summary.json",
    log:
        f"{RUN}/logs/data_problems.log",
    benchmark:
        f"{RUN}/benchmarks/data_problems.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("check", "threads")
    resources:
        mem_mb=growing("check", "mem_mb"),
        runtime=growing("check", "runtime"),
        gpu=gpus("check"),
    params:
        options=check_options,
    shell:
        "python -m sakdn.stages.data_problems --options {params.options:q} --processes {threads}"
        " --output {output.problems:q} --summary {output.summary:q} 2>&1 | tee {log:q}"


rule check_data:
    """Say what is wrong with the data; fail if a clip is bad and data.on_bad_clip is error."""
    input:
        looked_again,
    log:
        f"{RUN}/logs/check_data.log",
    localrule: True
    conda:
        "../../envs/sakdn.yaml"
    params:
        policy=config["data"]["on_bad_clip"],
    shell:
        "python -m sakdn.stages.check_data --problems {input:q} --on-bad-clip {params.policy}"
        " 2>&1 | tee {log:q}"
