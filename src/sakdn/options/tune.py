"""Options of the search for weights (config key `tune`)."""

from typing import Annotated

from pydantic import Field

from sakdn.base.options import Options, Several, UniqueItems

Tried = Annotated[float, Field(gt=0, lt=10)]
Shares = Annotated[Several[Tried], Field(min_length=1), UniqueItems()]
Seeds = Annotated[Several[Annotated[int, Field(ge=0)]], Field(min_length=1), UniqueItems()]


class TuneOptions(Options):
    """What `snakemake tune` tries: every method with every share, in every fold, with every seed.

    A share is what all weights of a method come to; those of `sakdn` keep their proportions.
    """

    shares: Shares = Field(
        (0.1, 0.3, 1.0),
        description="Shares of the label's gradient to try: what a method's weights come to.",
    )
    folds: int = Field(
        3,
        ge=2,
        description="Folds of the training people, each held out once; test people take no part.",
    )
    seeds: Seeds = Field((0,), description="Seeds of the trainings.")
    methods: Several[str] | None = Field(
        None, min_length=1, description="Methods to search for, of `methods`; null for all."
    )
    epochs: int | None = Field(
        None,
        ge=1,
        description="Epochs of the students tried, where their method has none of its own; null for"
        " those of `student`.",
    )
