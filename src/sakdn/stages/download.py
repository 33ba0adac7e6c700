"""Downloads the archives of a data set or of word vectors, checks and unpacks them."""

from functools import partial
from pathlib import Path

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.data.datasets.archives import check_archive, check_sha256, get, unpack
from sakdn.options.data import SOURCES
from sakdn.options.download import SHA256, DownloadOptions

OWN_FOLDER = ("utd_mhad",)
EXAMPLE = r"""--name utd_mhad --record data/downloads.json \
    --options '{"folder": "data/utd-mhad",
      "urls": ["https://personal.utdallas.edu/~kehtar/UTD-MAD/Inertial.zip"]}'"""


def check_download(path: Path, sha256: str) -> None:
    """Raises InputError for an archive that is damaged, or not the one with that checksum."""
    check_archive(path)
    check_sha256(path, sha256)


def main(argv: list[str] | None = None) -> None:
    """Downloads, checks and unpacks what is not there yet.

    Raises:
        InputError: the download fails, or is not what was downloaded before.
    """
    parser = new_parser("stages.download", __doc__, EXAMPLE)
    parser.add_argument("--name", required=True, choices=["glove", *filter(SOURCES.get, SOURCES)])
    parser.add_argument("--options", required=True, type=json_options, help="folder, urls")
    parser.add_argument("--record", required=True, type=Path, help="sizes and checksums (JSON)")
    parser.add_argument("--output", nargs="?", type=Path, help="a file that is in them")
    arguments = parser.parse_args(argv)
    options = parse_options(DownloadOptions, arguments.options, f"download.{arguments.name}")
    folder = Path(options.folder)
    if not options.urls:
        raise InputError(SOURCES[arguments.name].format(root=folder))
    for url in options.urls:
        test = partial(check_download, sha256=SHA256.get(url, ""))
        archive = get(url, folder / "archives", arguments.record, test)
        unpack(archive, folder, arguments.name in OWN_FOLDER)
    if arguments.output and not arguments.output.is_file():
        raise InputError(
            f"{arguments.output}: is not in the archives of download.{arguments.name}.urls; name"
            " the one that has it"
        )
    log(f"{arguments.name}: all is in {folder}")


if __name__ == "__main__":
    run(main)
