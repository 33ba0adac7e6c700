rule knowledge:
    """Run the frozen teachers once over the training clips and store what they say."""
    input:
        clips=f"{RUN}/{{fold}}clips.csv",
        images=layout.images("npy"),
        index=layout.images("json"),
        courses=layout.images("course.npy"),
        models=layout.knowledge_models,
        semantics=f"{RUN}/semantics.json",
    output:
        index=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/index.json",
        logits=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/logits.npy",
        semantic=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/semantic.npy",
        embedding=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/embedding.npy",
        course=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/course.npy",
        saliency=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/saliency.npy",
        released=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/released.npy",
        attention=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/attention.npy",
        maps=f"{RUN}/{{fold}}knowledge/{{source}}/seed{{seed}}/maps.npy",
    log:
        f"{RUN}/logs/{{fold}}knowledge_{{source}}_seed{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/{{fold}}knowledge_{{source}}_seed{{seed}}.tsv"
    conda:
        "../../envs/sakdn.yaml"
    threads: machine.threads("knowledge")
    resources:
        mem_mb=machine.growing("knowledge", "mem_mb"),
        runtime=machine.growing("knowledge", "runtime"),
        gpu=machine.gpus("knowledge"),
    params:
        code=code("sakdn.stages.knowledge"),
        options=as_json(config["knowledge"]),
    message:
        "Ask {wildcards.source} about the training clips, seed {wildcards.seed}"
    shell:
        "python -m sakdn.stages.knowledge --clips {input.clips:q} --gaf {input.images:q}"
        " --models {input.models:q} --semantics {input.semantics:q} --options {params.options:q}"
        " --threads {threads} --gpus {resources.gpu} --output {output.index:q} > {log:q} 2>&1"
