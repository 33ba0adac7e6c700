"""Options of what the teachers know (config key `knowledge`)."""

from typing import Annotated, Literal

from pydantic import Field

from sakdn.base.options import Options, Several

SizePx = Annotated[int, Field(ge=1)]


class KnowledgeOptions(Options):
    """What of the frozen teachers is stored for the students."""

    map_sizes_px: Annotated[Several[SizePx], Field(min_length=5, max_length=5)] = Field(
        (56, 14, 14, 7, 7), description="Side of the stored maps of each of the five taps."
    )
    score: Literal["class", "semantic"] = Field(
        "class",
        description="What the ablation maps explain: the class score or the likeness of the"
        " semantic vector to the label's.",
    )
    keep_maps: bool = Field(
        True,
        description="Also store all channels of the last two taps, which fitnet, ofd, afd and irg"
        " compare; they take most of the disk space.",
    )
    batch_size: int = Field(16, ge=1, description="Clips a forward pass.")
