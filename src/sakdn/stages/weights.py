"""Stage `weights`: whether the weights that networks are to start from are there and fit them.

The workflow also asks it before the first job, about the files that are there.
"""

from pathlib import Path
from typing import Any

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.base.options import parse_options
from sakdn.base.progress import log

EXAMPLE = """--options '{"student": {"backbone": "resnet18", "weights": "IMAGENET1K_V1"}}' \\
    --output results/demo/weights.json"""


def check_student(options: dict[str, Any]) -> dict[str, Any]:
    """Builds a student's backbone as it starts; returns what its weights say of themselves."""
    from sakdn.models.frame_backbones import build_backbone
    from sakdn.models.weights import describe_weights
    from sakdn.options.student import StudentNetwork

    network = parse_options(StudentNetwork, options, "student")
    build_backbone(network)
    about = describe_weights(network)
    return {} if about is None else about.model_dump()


def check_teacher(options: dict[str, Any]) -> dict[str, Any]:
    """The same for the blocks of a teacher; how many channels its images have matters not."""
    from sakdn.models.streams import build_stream
    from sakdn.models.weights import describe_weights, load_stream
    from sakdn.options.teacher import StreamOptions

    network = parse_options(StreamOptions, options, "teacher")
    stream = build_stream(network, in_channels=3, semantic_dim=1, n_classes=1, image_size_px=32)
    load_stream(stream.blocks, network)
    about = describe_weights(network)
    return {} if about is None else about.model_dump()


CHECKS = {"student": check_student, "teacher": check_teacher}


def main(argv: list[str] | None = None) -> None:
    """Writes name, file and digest of the weights that students and teachers start from.

    Networks that may turn out not to be built are built, whatever they start from.

    Raises:
        InputError: they are missing, damaged or of another network.
    """
    parser = new_parser("stages.weights", __doc__, EXAMPLE)
    parser.add_argument("--options", required=True, type=json_options, help="networks by role")
    parser.add_argument("--output", required=True, type=Path, help="what was found (JSON)")
    arguments = parser.parse_args(argv)
    found = {}
    for role, options in arguments.options.items():
        try:
            found[role] = CHECKS[role](options)
        except InputError as error:
            about_network = str(error).startswith(role)
            raise error if about_network else InputError(f"{role}.weights: {error}") from error
    found = {role: about for role, about in found.items() if about}
    write_json(arguments.output, found | {"networks": arguments.options})
    said = [f"{role}s start from {about['name']}" for role, about in found.items()]
    log(", ".join(said) or "all networks start from random weights")


if __name__ == "__main__":
    run(main)
