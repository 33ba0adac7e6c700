rule demo_data:
    """Make the demo recordings: videos and wearable signals of an animated figure."""
    input:
        code=code("sakdn.stages.demo_data"),
    output:
        "data/demo/manifest.json",
    log:
        "logs/demo_data.log",
    benchmark:
        "benchmarks/demo_data.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("demo_data", "threads")
    resources:
        mem_mb=growing("demo_data", "mem_mb"),
        runtime=growing("demo_data", "runtime"),
        gpu=gpus("demo_data"),
    params:
        options=as_json(config["data"]["demo"]),
    shell:
        "python -m sakdn.stages.demo_data --options {params.options:q} --processes {threads}"
        " --output {output:q} 2>&1 | tee {log:q}"


rule clips:
    """Find and check every recording; write who does what, where, on which side of the split."""
    input:
        demo="data/demo/manifest.json" if config["data"]["source"] == "demo" else [],
        tables=tables(),
        problems=bad_clips(),
        code=code("sakdn.stages.clips"),
    output:
        clips=f"{RUN}/clips.csv",
        videos=f"{RUN}/videos.csv",
        dropped=f"{RUN}/dropped.csv",
    log:
        f"{RUN}/logs/clips.log",
    benchmark:
        f"{RUN}/benchmarks/clips.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: resource("clips", "threads")
    resources:
        mem_mb=growing("clips", "mem_mb"),
        runtime=growing("clips", "runtime"),
        gpu=gpus("clips"),
    params:
        options=clips_options,
    shell:
        "python -m sakdn.stages.clips --options {params.options:q}"
        " --problems {input.problems:q} --dropped {output.dropped:q}"
        " --output {output.clips:q} --videos {output.videos:q} 2>&1 | tee {log:q}"
