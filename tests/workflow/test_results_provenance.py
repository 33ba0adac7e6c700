"""Every result says what made it."""

import json

import pytest
import yaml
from snake import TINY

pytestmark = pytest.mark.workflow
NETWORKS = [
    "teacher/accelerometer",
    "teacher/gyroscope",
    "fusion",
    *(f"student/{method}" for method in TINY["methods"]),
]
COSTS = ("wall_s", "cpu_s", "peak_memory_mb")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def check(made, results):
    assert made["device"].startswith("CPU ")
    assert made["device"].endswith(", 1 thread")
    assert {"python", "torch", "numpy", "snakemake"} <= set(made["versions"])
    assert made["git"] == {}  # the copy of the checkout is no repository
    assert made["config"] == yaml.safe_load((results / "config.yaml").read_text())


def test_trained_networks(whole):
    for network in NETWORKS:
        about = read(whole.results / network / "seed0/model.json")
        check(about["provenance"], whole.results)
        assert len(about["provenance"]["date"]) == len("2026-01-31")
        assert all(about["cost"][key] > 0 for key in COSTS)
        assert about["seed"] == 0
        assert about["options"]["epochs"] == TINY[about["kind"]]["epochs"]


def test_knowledge(whole):
    index = read(whole.results / "knowledge/fusion/seed0/index.json")
    check(index["provenance"], whole.results)
    assert all(index["cost"][key] > 0 for key in COSTS)


def test_metrics_say_how_they_and_their_network_were_made(whole):
    for network in NETWORKS:
        about = read(whole.results / network / "seed0/model.json")
        name = network.replace("/", "_")
        metrics = read(whole.results / f"evaluate/{name}/seed0/metrics.json")
        check(metrics["provenance"], whole.results)
        assert metrics["cost"] == about["cost"]
        assert metrics["provenance"]["training"]["date"] == about["provenance"]["date"]
        assert metrics["provenance"]["training"]["device"] == about["provenance"]["device"]


def test_report_shows_each_fact_once(whole):
    page = (whole.results / "report.html").read_text(encoding="utf-8")
    assert page.count("versions torch<") == 1
    assert page.count("training date<") == 1
    assert "training device" not in page
