rule semantics:
    """Embed the class names with word vectors."""
    input:
        clips=f"{RUN}/clips.csv",
        vectors=[local(path) for path in own(config["semantics"]["vectors"])],
    output:
        f"{RUN}/semantics.json",
    log:
        f"{RUN}/logs/semantics.log",
    benchmark:
        f"{RUN}/benchmarks/semantics.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("semantics")
    resources:
        mem_mb=machine.growing("semantics", "mem_mb"),
        runtime=machine.growing("semantics", "runtime"),
        gpu=machine.gpus("semantics"),
    params:
        code=code("sakdn.stages.semantics", config["semantics"]["vectors"]),
        vectors=verbatim(config["semantics"]["vectors"]),
        options=as_json(without(config["semantics"], "vectors")),
    message:
        "Embed the class names"
    shell:
        "python -m sakdn.stages.semantics --clips {input.clips:q} --vectors={params.vectors:q}"
        " --options {params.options:q} --output {output:q} > {log:q} 2>&1"
