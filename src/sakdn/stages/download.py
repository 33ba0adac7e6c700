"""Downloads the archives of a data set or of word vectors, checks and unpacks them."""

from pathlib import Path

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.data.datasets.archives import get, unpack
from sakdn.data.datasets.how_to_get import HOW_TO_GET
from sakdn.options.download import DownloadOptions

OWN_FOLDER = ("utd_mhad",)
EXAMPLE = r"""--name utd_mhad --record data/downloads.json \
    --options '{"folder": "data/utd-mhad",
      "urls": ["https://personal.utdallas.edu/~kehtar/UTD-MAD/Inertial.zip"]}'"""


def main(argv: list[str] | None = None) -> None:
    """Downloads, checks and unpacks what is not there yet.

    Raises:
        InputError: the download fails, or is not what was downloaded before.
    """
    parser = new_parser("stages.download", __doc__, EXAMPLE)
    parser.add_argument("--name", required=True, choices=["glove", *HOW_TO_GET])
    parser.add_argument("--options", required=True, type=json_options, help="folder, urls")
    parser.add_argument("--record", required=True, type=Path, help="sizes and checksums (JSON)")
    arguments = parser.parse_args(argv)
    options = parse_options(DownloadOptions, arguments.options, f"download.{arguments.name}")
    folder = Path(options.folder)
    if not options.urls:
        raise InputError(HOW_TO_GET[arguments.name].format(root=folder))
    for url in options.urls:
        archive = get(url, folder / "archives", arguments.record)
        unpack(archive, folder, arguments.name in OWN_FOLDER)
    log(f"{arguments.name}: all is in {folder}")


if __name__ == "__main__":
    run(main)
