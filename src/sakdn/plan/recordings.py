"""Whether the recordings that a run has read are still the same: each rule is told of news.

Snakemake sees a parameter change; that of a rule changes only with what the rule itself reads.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sakdn.base.fingerprints import news, read_kept
from sakdn.base.options import parse_options
from sakdn.data.datasets.listing import listing
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

SEARCHING = ("recordings", "check")  # What looks for recordings, and so may find others.


class Recordings:
    """What the jobs of a run read; each file is looked at once a call of Snakemake."""

    def __init__(self, config: Mapping[str, Any], folder: Callable[[], str]) -> None:
        """Takes a checked config, and what says where the results are once rules are known."""
        self._config, self._folder = config, folder
        self._news, self._listing = cache(self._look), cache(self._list)

    def news(self, name: str) -> Callable[[Any], str]:
        """Function of a parameter: what a job is told, another text once its recordings changed.

        Args:
            name: what the rule reads, such as `frames_{shard}`.
        """

        def of(wildcards: Any) -> str:
            return self._news(self._place(name, wildcards))

        return of

    def noted(self, name: str) -> Callable[[Any, Any], str]:
        """Function of a parameter: where a job notes down what it has read."""

        def of(wildcards: Any, output: Any) -> str:  # With `output` the place has no part in it.
            return self._place(name, wildcards)

        return of

    def changed(self, name: str) -> Callable[[Any], str]:
        """Function of a parameter: `changed` where there are news for a job, else empty."""

        def of(wildcards: Any) -> str:
            kept = read_kept(self._place(name, wildcards))
            told = kept.told if kept else ""
            return "changed" if self.news(name)(wildcards) != told else ""

        return of

    def _place(self, name: str, wildcards: Any) -> str:
        return f"{self._folder()}/state/recordings/{name.format(**dict(wildcards.items()))}.json"

    def _look(self, place: str) -> str:
        found = self._listing() if Path(place).stem in SEARCHING else ""
        return news(Path(place), found)

    def _list(self) -> str:
        data = parse_options(DataOptions, self._config["data"], "data")
        sensors = {
            name: parse_options(SensorOptions, values, f"sensors.{name}")
            for name, values in self._config["sensors"].items()
        }
        return listing(data, sensors)
