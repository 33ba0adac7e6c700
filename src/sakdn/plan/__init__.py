"""What the Snakefile asks before anything runs."""
