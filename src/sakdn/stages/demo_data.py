"""Stage `demo`: writes the demo data set."""

import hashlib
import itertools
from functools import partial
from pathlib import Path

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.base.options import parse_options
from sakdn.base.parallel import process_map
from sakdn.base.progress import track
from sakdn.data.demo.actions import ACTIONS
from sakdn.data.demo.clip import SENSOR_FOLDERS, VIDEO_FOLDER, clip_files, write_clip
from sakdn.options.demo import DemoOptions

CLIPS_A_TASK = 4
MARKER = "made_by_sakdn_demo.txt"

EXAMPLE = """--options '{"subjects": 6, "seed": 7}' --output data/demo/manifest.json"""


def main(argv: list[str] | None = None) -> None:
    """Reads the command line and writes the data set beside the manifest."""
    parser = new_parser("stages.demo_data", __doc__, EXAMPLE)
    parser.add_argument("--options", default="{}", help="JSON object, see DemoOptions")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True, help="manifest.json to write")
    arguments = parser.parse_args(argv)
    if arguments.processes < 1:
        raise InputError(
            f"--processes: found {arguments.processes}, expected at least 1; correct it"
        )
    options = parse_options(DemoOptions, json_options(arguments.options), "data.demo")
    generate(options, arguments.output, arguments.processes)


def generate(options: DemoOptions, manifest: Path, processes: int) -> None:
    """Writes every clip below the manifest's folder, then the manifest.

    The manifest, `{"options", "classes", "files": [{"path", "bytes",
    "sha256"}]}`, is written last: while it is missing the data set is not
    whole. Clips left by an earlier run with other options are removed.

    Raises:
        InputError: the folder holds recordings that this stage did not write.
    """
    root = manifest.parent
    counts = (options.actions, options.subjects, options.trials)
    clips = list(itertools.product(*(range(1, count + 1) for count in counts)))
    files = sorted(path for clip in clips for path in clip_files(*clip).values())
    present = _claim(root)
    manifest.unlink(missing_ok=True)
    for path in present - set(files):
        (root / path).unlink()
    with process_map(processes, CLIPS_A_TASK) as mapper:
        jobs = mapper(partial(write_clip, root, options), *zip(*clips))
        for _ in track(jobs, "demo data", "clips", total=len(clips)):
            pass
    classes = [action.name for action in ACTIONS[: options.actions]]
    with atomic_path(root / "classes.txt") as temporary:
        temporary.write_text("\n".join(classes) + "\n", encoding="utf-8")
    entries = [_entry(root, path) for path in ["classes.txt", *files]]
    write_json(manifest, {"options": options.model_dump(), "classes": classes, "files": entries})


def _claim(root: Path) -> set[str]:
    """Marks the folder as this stage's own and returns the clip files already in it."""
    folders = [root / name for name in (VIDEO_FOLDER, *SENSOR_FOLDERS.values())]
    present = {
        path.relative_to(root).as_posix()
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
    }
    if present and not (root / MARKER).exists():
        raise InputError(
            f"{root}: holds recordings that the demo did not write (such as {min(present)}), "
            "expected an empty folder or an earlier demo; choose another folder"
        )
    with atomic_path(root / MARKER) as temporary:
        temporary.write_text("All clips in this folder were made by sakdn.stages.demo_data.\n")
    return present


def _entry(root: Path, path: str) -> dict[str, str | int]:
    content = (root / path).read_bytes()
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


if __name__ == "__main__":
    run(main)
