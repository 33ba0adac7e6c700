rule frames:
    """Decode the videos of a shard once, resize and store them."""
    input:
        recordings=RECORDINGS,
        # Once the list is written Snakemake sees whether the shard's part of it is another.
        rows=lambda wildcards: checkpoints.recordings.get().output.lists[int(wildcards.shard)],
        # `auto` looks at all of them; `ancient` marks its argument.
        videos=ancient(f"{RUN}/videos.csv"),
    output:
        frames=f"{RUN}/frames/{{shard}}.npy",
        index=f"{RUN}/frames/{{shard}}.csv",
    log:
        f"{RUN}/logs/frames_{{shard}}.log",
    benchmark:
        f"{RUN}/benchmarks/frames_{{shard}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("frames")
    resources:
        mem_mb=machine.growing("frames", "mem_mb"),
        runtime=machine.growing("frames", "runtime"),
        gpu=machine.gpus("frames"),
    params:
        code=code("sakdn.stages.frames"),
        options=as_json(config["frames"]),
        news=recordings.news("frames_{shard}"),
        noted=recordings.noted("frames_{shard}"),
    message:
        "Decode the videos of shard {wildcards.shard}"
    shell:
        "python -m sakdn.stages.frames --videos {input.videos:q} --shard {wildcards.shard}"
        " --options {params.options:q} --threads {threads}"
        " --news={params.news:q} --noted {params.noted:q}"
        " --output {output.frames:q} --index {output.index:q} > {log:q} 2>&1"
