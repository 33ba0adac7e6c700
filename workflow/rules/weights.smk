rule weights:
    """Note down the weights that networks start from; refuse what does not fit."""
    input:
        **STARTS,
    output:
        f"{RUN}/weights.json",
    log:
        f"{RUN}/logs/weights.log",
    benchmark:
        f"{RUN}/benchmarks/weights.tsv"
    priority: 2
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("weights")
    resources:
        mem_mb=machine.growing("weights", "mem_mb"),
        runtime=machine.growing("weights", "runtime"),
        gpu=machine.gpus("weights"),
    params:
        code=code("sakdn.stages.weights"),
        options=as_json(weights_options(config)),
    message:
        "Check the weights that networks start from"
    shell:
        "python -m sakdn.stages.weights --options {params.options:q} --output {output:q}"
        " > {log:q} 2>&1"
