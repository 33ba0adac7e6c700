"""Options of the class vectors (config key `semantics`)."""

from typing import Literal

from pydantic import Field

from sakdn.base.options import Options


class SemanticsOptions(Options):
    """How a class name becomes a vector."""

    combine: Literal["sum", "mean"] = Field(
        "sum", description="How the words of a name become one vector; sum is the paper's."
    )
    order: Literal["none", "weighted"] = Field(
        "none",
        description="none (a bag of words; the paper) or weighted (later words weigh less, so that"
        " order counts).",
    )
    out_of_vocabulary: Literal["error", "skip"] = Field(
        "error",
        description="What to do with words that have no vector; a class none of whose words has one"
        " is always an error.",
    )


class SemanticsSection(SemanticsOptions):
    """How a class name becomes a vector."""

    vectors: str = Field(
        min_length=1,
        pattern=r"^[^{}]*$",
        description="Word vectors in GloVe's text format; no braces in the path.",
    )
