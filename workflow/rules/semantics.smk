rule semantics:
    """Embed the class names with word vectors."""
    input:
        clips=f"{RUN}/clips.csv",
        vectors=config["semantics"]["vectors"],
        code=code("sakdn.stages.semantics"),
    output:
        f"{RUN}/semantics.json",
    log:
        f"{RUN}/logs/semantics.log",
    benchmark:
        f"{RUN}/benchmarks/semantics.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("semantics", "threads")
    resources:
        mem_mb=growing("semantics", "mem_mb"),
        runtime=growing("semantics", "runtime"),
        gpu=gpus("semantics"),
    params:
        options=as_json({k: v for k, v in config["semantics"].items() if k != "vectors"}),
    shell:
        "python -m sakdn.stages.semantics --clips {input.clips:q} --vectors={input.vectors:q}"
        " --options {params.options:q} --output {output:q} 2>&1 | tee {log:q}"
