"""The DAG, one thin file a stage."""
