"""Where a run's results lie, and which of them a job needs."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.base.sources import data_digest
from sakdn.options.download import WORDS
from sakdn.options.methods import MethodOptions
from sakdn.options.split import SplitOptions
from sakdn.options.weights import is_name, weights_file
from sakdn.plan.job_words import fold_number
from sakdn.plan.options import gaf_options

DEMO = "data/demo/manifest.json"
ROLES = ("student", "teacher")


class Layout:
    """Files of a run, below the working directory.

    Methods that take `wildcards` are input functions of rules.

    Attributes:
        run: folder of the run's results.
        sensors: names, sorted.
        methods: options of every method; `none`, the student alone, is always one of them.
        trials: options of what the search for weights tries, by names such as `sakdn-0.3`.
        tune_folds: folders of its folds; none with cross-validation, where everybody is tested.
        explained: the method whose student is explained.
        models: names of all that is evaluated.
        folds: folders of the folds below `run`, such as `fold0/`; one empty name without folds.
        starts: file of weights that students and teachers start from, in a list; empty for none.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Takes a checked config."""
        self.run = f"results/{config['name']}"
        self.sensors = sorted(config["sensors"])
        self.methods = {"none": {"loss": "none"}} | config["methods"]
        self.seeds = config["seeds"]
        self.shards = range(config["data"]["shards"])
        preferred = "sakdn" if "sakdn" in self.methods else "none"
        self.explained = config["explain"]["method"] or preferred
        self.folds = _folds(config["split"])
        self.trials = {"none": self.methods["none"]} | _trials(config)
        self.tune_folds = [f"tune/fold{n}/" for n in range(config["tune"]["folds"])]
        if any(self.folds):
            self.tune_folds = []
        self._tune_seeds = config["tune"]["seeds"]
        self._shares_images = any(self.folds) and _shares_images(config)
        self.models = [model.replace("/", "_") for model in self._trained()]
        self.starts = {role: _starts(config[role]) for role in ROLES}

    def _trained(self) -> list[str]:
        teachers = [f"teacher/{sensor}" for sensor in self.sensors]
        return [*teachers, "fusion", *(f"student/{method}" for method in self.methods)]

    def curves(self) -> list[str]:
        """Learning curves of every network of the run."""
        return [
            f"{self.run}/{fold}{model}/seed{seed}/curves.csv"
            for model, seed, fold in product(self._trained(), self.seeds, self.folds)
        ]

    def frames(self, suffix: str) -> list[str]:
        """The frame shards (`npy`) or their indexes (`csv`)."""
        return [f"{self.run}/frames/{shard}.{suffix}" for shard in self.shards]

    def images(self, suffix: str, *sensors: str, fold: str = "{fold}") -> list[str]:
        """GAF images (`npy`), indexes (`json`) or courses of sensors, of all if none is named.

        Folds share those that no training clip scales.
        """
        folder = f"{self.run}/{'' if self._shares_images else fold}gaf"
        return [f"{folder}/{sensor}.{suffix}" for sensor in sensors or self.sensors]

    def of_folds(self) -> list[str]:
        """What every fold comes to; nothing without folds."""
        return [
            f"{self.run}/{fold}evaluate/{model}/seed{seed}/metrics.json"
            for fold, model, seed in product(filter(None, self.folds), self.models, self.seeds)
        ]

    def tried(self, wildcards: Any) -> list[str]:
        """Every student of the search for weights.

        Raises:
            InputError: everybody is tested, so that nobody is left to search with.
        """
        if not self.tune_folds:
            raise InputError(
                "split.protocol: found cross_validation, which tests everybody; search weights with"
                " a split that has training people of its own"
            )
        return [
            f"{self.run}/{fold}student/{trial}/seed{seed}/model.json"
            for trial, fold, seed in product(self.trials, self.tune_folds, self._tune_seeds)
        ]

    def fold_number(self, wildcards: Any) -> str:
        """Number of the fold of a job."""
        return fold_number(wildcards.fold)

    def joined(self, file: str) -> list[str]:
        """A file of the evaluation of a model and seed in every fold."""
        return [f"{self.run}/{fold}evaluate/{{model}}/seed{{seed}}/{file}" for fold in self.folds]

    def taught_by(self, wildcards: Any) -> list[str]:
        """Knowledge that a student's method distils; none for what asks no teacher."""
        method = (self.methods | self.trials)[wildcards.method]
        if not parse_options(MethodOptions, method, f"methods.{wildcards.method}").needs():
            return []
        source = method.get("teacher", "fusion")
        return [f"{self.run}/{wildcards.fold}knowledge/{source}/seed{wildcards.seed}/index.json"]

    def second_opinion(self, wildcards: Any) -> list[str]:
        """The student alone, for a method that asks it too."""
        method = (self.methods | self.trials)[wildcards.method]
        alone = f"{self.run}/{wildcards.fold}student/none/seed{wildcards.seed}/model.json"
        return [alone] if method.get("second_opinion") else []

    def knowledge_models(self, wildcards: Any) -> list[str]:
        """Networks that a knowledge source asks."""
        return self.teachers(wildcards.source, wildcards.seed, wildcards.fold)

    def explained_teachers(self) -> list[str]:
        """Teachers of the student that is explained."""
        source = self.methods[self.explained].get("teacher", "fusion")
        return self.teachers(source, self.seeds[0], self.folds[0])

    def teachers(self, source: str, seed: int | str, fold: str) -> list[str]:
        """The fusion, one teacher or, for `average`, all of them."""
        run = f"{self.run}/{fold}"
        if source == "fusion":
            return [f"{run}fusion/seed{seed}/model.json"]
        sensors = self.sensors if source == "average" else [source]
        return [f"{run}teacher/{sensor}/seed{seed}/model.json" for sensor in sensors]

    def trained(self, file: str) -> list[str]:
        """A file of every network of a fold and seed, in the order of `models`."""
        return [f"{self.run}/{{fold}}{model}/seed{{seed}}/{file}" for model in self._trained()]

    def scored(self, file: str) -> list[str]:
        """A file of the evaluation of each, in the same order."""
        return [f"{self.run}/{{fold}}evaluate/{model}/seed{{seed}}/{file}" for model in self.models]

    def state(self, wildcards: Any, output: Any) -> str:
        """Where a training keeps what it needs to go on; below where its results are written."""
        before, run, model = str(Path(output.model).parent).rpartition(f"{self.run}/")
        return f"{before}{run}state/{model.replace('/', '_')}.safetensors"


def _folds(split: Mapping[str, Any]) -> list[str]:
    options = parse_options(SplitOptions, split, "split")
    return [f"fold{number}/" for number in options.folds_run] or [""]


def _trials(config: Mapping[str, Any]) -> dict[str, Any]:
    """Every method that has weights with every share."""
    trials: dict[str, Any] = {}
    for name in config["tune"]["methods"] or config["methods"]:
        method = config["methods"][name]
        for share in config["tune"]["shares"]:
            weights = parse_options(MethodOptions, method, f"methods.{name}").at_share(share)
            if weights:
                trials[f"{name}-{share:g}"] = method | weights
    return trials


def _shares_images(config: Mapping[str, Any]) -> bool:
    """Whether images do not depend on which clips train."""
    return all(
        options["images"] or options["scaling"] == "clip"
        for options in gaf_options(config).values()
    )


def _starts(section: Mapping[str, Any]) -> list[str]:
    file = weights_file(section["backbone"], section["weights"])
    return [file] if file else []


def published_weights(config: Mapping[str, Any]) -> list[str]:
    """Files of the weights that a config names, which are downloaded."""
    named = [config[role] for role in ROLES if is_name(config[role]["weights"])]
    return [file for section in named for file in _starts(section)]


def words_file(config: Mapping[str, Any]) -> str:
    """File of word vectors that is downloaded: that of the config if it lies in that folder."""
    folder = config["download"]["glove"]["folder"]
    vectors = config["semantics"]["vectors"]
    return vectors if Path(vectors).parent == Path(folder) else f"{folder}/{WORDS}"


def checked(config: Mapping[str, Any], problems: Path | str) -> str:
    """Digest of what the data check found, if only the report, which shows it, depends on it.

    Args:
        config: checked.
        problems: table of the data check, if it was run.
    """
    of_clips = config["data"]["on_bad_clip"] == "drop"
    return "" if of_clips or not Path(problems).exists() else data_digest(Path(problems))
