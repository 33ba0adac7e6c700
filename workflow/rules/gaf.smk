rule gaf:
    """Turn a sensor's signals into Gramian angular field images."""
    input:
        clips=f"{RUN}/{{fold}}clips.csv",
    output:
        images=f"{RUN}/{{fold}}gaf/{{sensor}}.npy",
        courses=f"{RUN}/{{fold}}gaf/{{sensor}}.course.npy",
        index=f"{RUN}/{{fold}}gaf/{{sensor}}.json",
    log:
        f"{RUN}/logs/{{fold}}gaf_{{sensor}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}gaf_{{sensor}}.tsv"
    wildcard_constraints:
        fold="|".join(["", *layout.folds, *layout.tune_folds]),  # Without one where all folds share the images.
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("gaf")
    resources:
        mem_mb=machine.growing("gaf", "mem_mb"),
        runtime=machine.growing("gaf", "runtime"),
        gpu=machine.gpus("gaf"),
    params:
        code=code("sakdn.stages.gaf"),
        root=verbatim(config["data"]["root"]),
        options=chosen("sensor", gaf_options(config)),
        news=recordings.news("{fold}gaf_{sensor}"),
        noted=recordings.noted("{fold}gaf_{sensor}"),
    message:
        "Turn the signals of {wildcards.sensor} into images"
    shell:
        "python -m sakdn.stages.gaf --clips {input.clips:q} --root={params.root:q}"
        " --sensor {wildcards.sensor} --options {params.options:q} --processes {threads}"
        " --news={params.news:q} --noted {params.noted:q}"
        " --output {output.images:q} --index {output.index:q} > {log:q} 2>&1"
