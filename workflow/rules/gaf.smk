rule gaf:
    """Turn a sensor's signals into Gramian angular field images."""
    input:
        clips=f"{RUN}/clips.csv",
        code=code("sakdn.stages.gaf"),
    output:
        images=f"{RUN}/gaf/{{sensor}}.npy",
        courses=f"{RUN}/gaf/{{sensor}}.course.npy",
        index=f"{RUN}/gaf/{{sensor}}.json",
    log:
        f"{RUN}/logs/gaf_{{sensor}}.log",
    benchmark:
        f"{RUN}/benchmarks/gaf_{{sensor}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("gaf", "threads")
    resources:
        mem_mb=growing("gaf", "mem_mb"),
        runtime=growing("gaf", "runtime"),
        gpu=gpus("gaf"),
    params:
        root=verbatim(ROOT),
        options=gaf_options,
    shell:
        "python -m sakdn.stages.gaf --clips {input.clips:q} --root={params.root:q}"
        " --sensor {wildcards.sensor} --options {params.options:q} --processes {threads}"
        " --output {output.images:q} --index {output.index:q} 2>&1 | tee {log:q}"
