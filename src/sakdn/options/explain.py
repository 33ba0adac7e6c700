"""Options of the explanations (config key `explain`)."""

from pydantic import Field

from sakdn.base.options import Options, Several


class ExplainOptions(Options):
    """Clips for which the report shows what the networks look at."""

    method: str | None = Field(
        None,
        description="Whose student is explained, with the run's first seed; null for sakdn, or none"
        " where that is not trained.",
    )
    clips: Several[str] | None = Field(
        None, description="Ids of the clips; null for a choice of test clips."
    )
    per_class: int = Field(
        0,
        ge=0,
        description="Explain so many test clips of each class; 0 for the next two keys.",
    )
    correct: int = Field(
        3,
        ge=0,
        description="Test clips that the student got right and was surest of, each of another"
        " class.",
    )
    wrong: int = Field(3, ge=0, description="The same for clips that it got wrong.")
    layer: int | None = Field(
        None,
        ge=1,
        le=5,
        description="Block whose maps are shown, 1 (fine) to 5 (coarse); null for the deepest with"
        " at least 6 x 6.",
    )
