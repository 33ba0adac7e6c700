"""Every stage on a run in miniature: its `main`, its arguments, and where it writes."""

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pandas as pd
from unit.recordings import arguments, write_signal, write_video
from unit.synthetic_results import SEEDS, WRONG, make_media, make_results
from unit.tiny_run import (
    ABOUT_STUDENT,
    MAP_SIZES_PX,
    SENSORS,
    make_run,
    save,
    save_fusion,
    save_teacher,
    seasoned,
    some_clips,
    tiny_student,
)

TRAINING = {"epochs": 2, "batch_size": 4}
SIGNAL = {"variable": "d_iner", "columns": [0, 1, 2], "rate_hz": 50}


@dataclass
class Stages:
    """Inputs of all stages below `root`."""

    root: Path

    def __post_init__(self):
        self.run = make_run(self.root / "run")
        for sensor in SENSORS:
            save_teacher(self.path(f"teacher_{sensor}/model.json"), sensor)
        save_fusion(self.path("fusion/model.json"))
        save(self.path("student/model.json"), seasoned(tiny_student(), some_clips()), ABOUT_STUDENT)
        for path in self.run.gaf:
            index = json.loads(path.with_suffix(".json").read_text())
            path.with_suffix(".json").write_text(
                json.dumps(index | {"options": {"field": "summation"}})
            )
        signal = write_signal(self.path("signal.mat"))
        self.run.table[[*SENSORS]] = signal.name
        self.run.write_table()
        video = write_video(self.path("video.mp4"), noise=True, width=64, height=64)
        videos = pd.DataFrame({"clip": ["a", "b"], "video": str(video), "shard": "0"})
        videos.to_csv(self.path("videos.csv"), index=False)
        (self.root / "results").mkdir()
        make_media(make_results(self.root / "results"))
        self.main("compare", self.root / "results/compare")

    def path(self, name):
        return self.run.root / name

    def main(self, stage, output):
        """Runs a stage, in this process, with its outputs below `output`."""
        module = import_module(f"sakdn.stages.{stage}")
        return module.main(self.command(stage, output))

    def command(self, stage, output):
        """Arguments of a stage."""
        words = getattr(self, f"_{stage}")(output)
        return [str(word) for word in words]

    def _frames(self, output):
        named = {"videos": self.path("videos.csv"), "shard": 0, "output": output / "0.npy"}
        return arguments(**named, index=output / "0.csv", options={"short_side_px": 48})

    def _gaf(self, output):
        named = {"clips": self.run.clips, "root": self.run.root, "sensor": SENSORS[0]}
        options = {"signal": SIGNAL, "image_size_px": 32}
        return arguments(**named, options=options, output=output / "a.npy", index=output / "a.json")

    def _training(self, output, options):
        common = {"clips": self.run.clips, "semantics": self.run.semantics, "seed": 0}
        files = {"state": output / "state/x.safetensors", "output": output / "x/model.json"}
        return arguments(**common, **files, options=TRAINING | options)

    def _teacher(self, output):
        return [*self._training(output, {"width": 2}), "--gaf", self.run.gaf[0]]

    def _fusion(self, output):
        teachers = [self.path(f"teacher_{sensor}/model.json") for sensor in SENSORS]
        return [*self._training(output, {}), "--gaf", *self.run.gaf, "--teachers", *teachers]

    def _student(self, output):
        options = {"size_px": 16, "width": 4, "segments": 2}
        words = arguments(name="none", method={"loss": "none"})
        return [*self._training(output, options), *words, "--frames", *self.run.frames]

    def _knowledge(self, output):
        named = {"clips": self.run.clips, "models": self.path("fusion/model.json")}
        named |= {"semantics": self.run.semantics, "options": {"map_sizes_px": MAP_SIZES_PX}}
        return [*arguments(**named, output=output / "index.json"), "--gaf", *self.run.gaf]

    def _evaluate(self, output):
        model = self.path(f"teacher_{SENSORS[1]}/model.json")
        named = {"clips": self.run.clips, "model": model, "gaf": self.run.gaf[1]}
        files = {"output": output / "metrics.json", "predictions": output / "predictions.csv"}
        return arguments(**named, **files)

    def _explain(self, output):
        models = {name: self.path(f"{name}/model.json") for name in ("student", "fusion")}
        named = {"clips": self.run.clips, "student": models["student"], "root": self.run.root}
        named |= {"teachers": models["fusion"], "predictions": "none.csv"}
        named["sensors"] = dict.fromkeys(SENSORS, SIGNAL | {"path": "x"})
        named["options"] = {"clips": self.run.table["clip"].iloc[:1].tolist()}
        files = {"output": output / "index.json", "pictures": output / "pictures"}
        stores = ["--frames", *self.run.frames, "--gaf", *self.run.gaf]
        return [*arguments(**named, **files), *stores]

    def _compare(self, output):
        folders = [
            self.root / f"results/evaluate/{model}/seed{seed}" for model in WRONG for seed in SEEDS
        ]
        kinds = {"table": "csv", "markdown": "md", "figure": "svg", "gains": "svg", "tests": "json"}
        return [
            *["--metrics", *(folder / "metrics.json" for folder in folders)],
            *["--predictions", *(folder / "predictions.csv" for folder in folders)],
            *(f"--output-{name}={output / name}.{kind}" for name, kind in kinds.items()),
        ]

    def _report(self, output):
        top = self.root / "results"
        named = {"clips": "clips.csv", "videos": "videos.csv", "config": "config.yaml"}
        named |= {"root": ".", "compare-dir": "compare", "gaf-dir": "gaf", "frames-dir": "frames"}
        named |= {"explain-dir": "explain", "weights": "weights.json"}
        named["semantics"] = "semantics.json"
        return [
            *(f"--{name}={top / path}" for name, path in named.items()),
            *["--curves", *sorted(top.glob("fusion/**/curves.csv"))],
            *["--metrics", *sorted(top.glob("evaluate/*/*/metrics.json"))],
            f"--output={output / 'report.html'}",
        ]
