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
        " --record={params.record:q} > {log:q} 2>&1"


use rule download_utd_mhad as download_glove with:
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
