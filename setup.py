"""Puts the workflow into the wheel, as `sakdn/checkout`; all else is said in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PARTS = ("Snakefile", "config", "envs/sakdn.yaml", "profiles", "resources", "workflow")
# Jobs in an environment of their own (`--sdm conda`) must find the package and none of its
# neighbours, whose versions are others there.
ALONE = '''"""The package around this folder, without what is installed beside it."""

from pathlib import Path

__path__ = [str(Path(__file__).parents[3])]
'''


class BuildWithWorkflow(build_py):
    """Modules first, then what lies beside `src` in a checkout."""

    def run(self) -> None:
        """Builds into `build_lib`; an editable install reads the checkout itself."""
        if self.editable_mode:
            super().run()
            return
        target = Path(self.build_lib, "sakdn/checkout")
        # An earlier build may have left what is gone since.
        shutil.rmtree(target.parent, ignore_errors=True)
        super().run()
        for part in PARTS:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if Path(part).is_dir() else shutil.copy2
            copy(part, target / part)
        package = target / "src/sakdn"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(ALONE, encoding="utf-8")


setup(cmdclass={"build_py": BuildWithWorkflow})
