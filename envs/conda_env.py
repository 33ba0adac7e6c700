"""Writes sakdn.yaml from requirements.lock, both beside this file; `make lock` runs it.

Snakemake copies the environment file alone to where conda reads it, so that it cannot refer to the
lock. The package itself is no part of it: jobs find it in the checkout, by PYTHONPATH.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
HEAD = """\
# Made from requirements.lock by `make lock`; for `snakemake --sdm conda`. Without it the rules use
# the Python that runs Snakemake.
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pip
  - pip:
"""


def conda_env(lock: str) -> str:
    """The environment file with all packages of a lock, their versions and markers."""
    pinned = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?==[^\\\n]+?) *\\?$", lock, re.MULTILINE)
    return HEAD + "".join(f'      - "{line}"\n' for line in pinned)


if __name__ == "__main__":
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    (HERE / "sakdn.yaml").write_text(conda_env(lock), encoding="utf-8")
