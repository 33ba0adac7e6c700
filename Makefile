# Two commands: `make demo` and `make test`. Everything they need is installed into .venv.
PYTHON ?= python3
# Another PyTorch than the lock file's, from PyTorch's own index: `make demo TORCH=cpu` (or cu126, …).
TORCH ?=
VENV := .venv
BIN := $(VENV)/bin
SNAKEMAKE := $(BIN)/snakemake
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder
export UV_COMPILE_BYTECODE := 1
export NUMBA_DISABLE_JIT := 1

.PHONY: demo tune test test-slow test-slurm slurm bench dag schema lint lock clean
demo: $(VENV)/.installed
	$(SNAKEMAKE) --cores all

# Searches weights on held-out training people: make tune CONFIG=config/utd_mhad_small.yaml
tune: $(VENV)/.installed
	$(SNAKEMAKE) --cores all tune $(if $(CONFIG),--configfile $(CONFIG))

test: $(VENV)/.installed
	$(PYTEST) -n 2 -m "not slow and not slurm"

test-slow: $(VENV)/.installed
	$(PYTEST) -n 2 -m slow

# On a Slurm of its own, which this starts and stops.
test-slurm: $(VENV)/.slurm
	sh tests/cluster/install_slurm.sh
	$(PYTEST) -m slurm tests/cluster

# What `snakemake --workflow-profile profiles/slurm` needs besides.
slurm: $(VENV)/.slurm

# How fast the stages are on this machine, against the bare libraries; needs the demo's recordings.
bench: $(VENV)/.installed data/demo/manifest.json
	$(BIN)/python -m sakdn.commands.bench

data/demo/manifest.json: | $(VENV)/.installed
	$(SNAKEMAKE) --cores all -- $@

# The picture in the README; needs graphviz.
dag: $(VENV)/.installed
	$(SNAKEMAKE) --rulegraph 2>/dev/null | tred | dot -Tsvg > docs/dag.svg

# The JSON schema of configs and the table of keys in config/README.md, from the options' classes.
schema: $(VENV)/.installed
	$(BIN)/python -m sakdn.plan.schema

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(SNAKEMAKE) --lint

# uv comes from its own small lock file; it then installs the rest, with hashes checked.
$(VENV)/.installed: envs/requirements.lock envs/uv.lock.txt pyproject.toml
	$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f'Python 3.11 to 3.13 is needed, found {v}; set PYTHON=')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r envs/uv.lock.txt
ifdef TORCH
	$(BIN)/uv pip install -q --python $(BIN)/python --torch-backend $(TORCH) --group dev -e .
else
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r envs/requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	touch $@

$(VENV)/.slurm: $(VENV)/.installed envs/slurm.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r envs/slurm.lock
	touch $@

# Renews the lock files from pyproject.toml: the same versions for every Python, and in both.
lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group dev pyproject.toml -o envs/requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --constraint envs/requirements.lock --group slurm -o envs/slurm.lock
	$(BIN)/python envs/conda_env.py
	echo uv | $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header - \
	  -o envs/uv.lock.txt

clean:
	rm -rf $(VENV) data results benchmarks logs .snakemake
