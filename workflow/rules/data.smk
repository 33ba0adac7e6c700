rule demo_data:
    """Make the demo recordings: videos and wearable signals of an animated figure."""
    output:
        local(DEMO),
    log:
        "logs/demo_data.log",
    benchmark:
        "benchmarks/demo_data.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("demo_data")
    resources:
        mem_mb=machine.growing("demo_data", "mem_mb"),
        runtime=machine.growing("demo_data", "runtime"),
        gpu=machine.gpus("demo_data"),
    params:
        code=code("sakdn.stages.demo_data"),
        options=as_json(config["data"]["demo"]),
    message:
        "Make the demo recordings"
    shell:
        "python -m sakdn.stages.demo_data --options {params.options:q} --processes {threads}"
        " --output {output:q} > {log:q} 2>&1"


checkpoint recordings:
    """Find every recording and look whether it can be used; list the videos."""
    input:
        recordings=RECORDINGS,
        # Labels and split in them are no matter; `news` sees the rest. `ancient` marks its argument.
        tables=[ancient(local(path)) for path in own_tables(config)],
        problems=BAD_CLIPS,
    output:
        videos=f"{RUN}/videos.csv",
        lists=expand(f"{RUN}/videos/{{shard}}.csv", shard=layout.shards),
        dropped=f"{RUN}/dropped.csv",
    log:
        f"{RUN}/logs/recordings.log",
    benchmark:
        f"{RUN}/benchmarks/recordings.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("clips")
    resources:
        mem_mb=machine.growing("clips", "mem_mb"),
        runtime=machine.growing("clips", "runtime"),
        gpu=machine.gpus("clips"),
    params:
        code=code("sakdn.stages.recordings"),
        options=as_json(recordings_options(config)),
        news=recordings.news("recordings"),
        noted=recordings.noted("recordings"),
        lists=lambda wildcards, output: str(Path(output.lists[0]).parent),
    message:
        "Find the recordings"
    shell:
        "python -m sakdn.stages.recordings --options {params.options:q} --processes {threads}"
        " --news={params.news:q} --noted {params.noted:q}"
        " --problems {input.problems:q} --dropped {output.dropped:q}"
        " --videos {output.videos:q} --lists {params.lists:q} > {log:q} 2>&1"


rule clips:
    """Write who does what, where, on which side of the split."""
    input:
        videos=f"{RUN}/videos.csv",
        tables=TABLES,
        problems=BAD_CLIPS,
    output:
        clips=f"{RUN}/clips.csv",
    log:
        f"{RUN}/logs/clips.log",
    benchmark:
        f"{RUN}/benchmarks/clips.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: 1
    resources:
        mem_mb=machine.growing("clips", "mem_mb"),
        runtime=machine.growing("clips", "runtime"),
        gpu=machine.gpus("clips"),
    params:
        code=code("sakdn.stages.clips", config["data"]["classes"]),
        options=as_json(clips_options(config)),
    message:
        "Split the clips"
    shell:
        "python -m sakdn.stages.clips --options {params.options:q} --videos {input.videos:q}"
        " --problems {input.problems:q} --output {output.clips:q} > {log:q} 2>&1"
