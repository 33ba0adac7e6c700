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


rule clips:
    """Find and check every recording; write who does what, where, on which side of the split."""
    input:
        recordings=RECORDINGS,
        tables=TABLES,
        problems=BAD_CLIPS,
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
    threads: machine.threads("clips")
    resources:
        mem_mb=machine.growing("clips", "mem_mb"),
        runtime=machine.growing("clips", "runtime"),
        gpu=machine.gpus("clips"),
    params:
        code=code("sakdn.stages.clips", config["data"]["classes"]),
        options=as_json(clips_options(config)),
        news=recordings.news("clips"),
        noted=recordings.noted("clips"),
    message:
        "Find the recordings and split them"
    shell:
        "python -m sakdn.stages.clips --options {params.options:q} --processes {threads}"
        " --news={params.news:q} --noted {params.noted:q}"
        " --problems {input.problems:q} --dropped {output.dropped:q}"
        " --output {output.clips:q} --videos {output.videos:q} > {log:q} 2>&1"
