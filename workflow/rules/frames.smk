rule frames:
    """Decode the videos of a shard once, resize and store them."""
    input:
        videos=f"{RUN}/videos.csv",
        code=code("sakdn.stages.frames"),
    output:
        frames=f"{RUN}/frames/{{shard}}.npy",
        index=f"{RUN}/frames/{{shard}}.csv",
    log:
        f"{RUN}/logs/frames_{{shard}}.log",
    benchmark:
        f"{RUN}/benchmarks/frames_{{shard}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("frames", "threads")
    resources:
        mem_mb=growing("frames", "mem_mb"),
        runtime=growing("frames", "runtime"),
        gpu=gpus("frames"),
    params:
        options=as_json(config["frames"]),
    shell:
        "python -m sakdn.stages.frames --videos {input.videos:q} --shard {wildcards.shard}"
        " --options {params.options:q} --threads {threads}"
        " --output {output.frames:q} --index {output.index:q} 2>&1 | tee {log:q}"
