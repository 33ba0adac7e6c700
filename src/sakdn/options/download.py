"""Options of downloads (config key `download`)."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from sakdn.base.options import Options, Several, onto_defaults

Address = Annotated[str, Field(min_length=1)]


class DownloadOptions(Options):
    """What to get: zip archives, and where to unpack them."""

    urls: Several[Address] = Field(
        (), description="Addresses of the zip archives; none for data that have to be asked for."
    )
    folder: str = Field(min_length=1, description="Folder to unpack them in.")


UTD_MHAD = DownloadOptions(
    urls=(
        "https://personal.utdallas.edu/~kehtar/UTD-MAD/Inertial.zip",
        "https://personal.utdallas.edu/~kehtar/UTD-MAD/RGB.zip",
        "https://personal.utdallas.edu/~kehtar/UTD-MAD/Depth.zip",
    ),
    folder="data/utd-mhad",
)
GLOVE = DownloadOptions(
    urls=("https://nlp.stanford.edu/data/glove.840B.300d.zip",), folder="data/glove"
)
WORDS = "glove.840B.300d.txt"  # What is in that archive.
# Checksums of archives as they are widely known.
SHA256 = {
    "https://nlp.stanford.edu/data/glove.840B.300d.zip": (
        "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f"
    ),
    "https://nlp.stanford.edu/data/glove.6B.zip": (
        "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"
    ),
}


class DownloadSection(Options):
    """Where `snakemake download_utd_mhad` and `snakemake download_glove` get files from."""

    record: str = Field(
        "data/downloads.json",
        min_length=1,
        description="File that keeps size and checksum of what was downloaded; later downloads must"
        " have the same.",
    )
    utd_mhad: DownloadOptions = UTD_MHAD
    glove: DownloadOptions = GLOVE

    @model_validator(mode="before")
    @classmethod
    def _keep_the_rest(cls, values: Any) -> Any:
        return onto_defaults(cls, values)
