"""Options of the split (config key `split`)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sakdn.base.options import Options, Several, refuse

Protocol = Literal[
    "cross_subject",
    "cross_view",
    "cross_scene",
    "cross_session",
    "subject_specific",
    "column",
    "cross_validation",
]
Names = Several[int | str] | None
VAL_COLUMNS = ("subject", "trial", "scene", "session")


class SubsetOptions(Options):
    """Part of the training side to use; without it all.

    `published` is as the paper's lists are; where k divides the rhythm of the table that changes
    the shares of the actions (from 1.6 to 34 % of an action for k = 8 in MMAct cross-session).
    """

    fraction: int = Field(ge=2, description="One training clip in so many is kept.")
    kind: Literal["published", "balanced"] = Field(
        "balanced",
        description="published (every k-th row, as in the paper) or balanced (one in k of every"
        " action).",
    )


class LabelledOptions(Options):
    """Which training clips keep their label: one of trials, subjects and fraction.

    The others keep video and signals, of which teachers tell the student.
    """

    trials: Names = Field(None, min_length=1, description="Trials that keep their label.")
    subjects: Names = Field(None, min_length=1, description="Subjects whose clips keep it.")
    fraction: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of each action's recordings that keep it, at least one; for the same"
        " seed a smaller share is within a larger one.",
    )
    seed: int = Field(0, ge=0, description="Of the fraction; another seed draws others.")
    video: bool = Field(
        True,
        description="Whether the clips that keep their label keep their video; false for no"
        " labelled training video at all: labels are of signals alone.",
    )

    @property
    def listed(self) -> tuple[str, list[str]]:
        """The column that decides, and its values that keep the label."""
        column, names = ("trial", self.trials) if self.trials else ("subject", self.subjects)
        return column, [str(name) for name in names or ()]


class FoldOptions(Options):
    """What of the split is seen to in every fold."""

    by: Literal["subject", "group"] = Field(
        "subject",
        description="Protocol cross_validation. Column whose values stay together in a fold.",
    )
    labelled: LabelledOptions | None = Field(
        None,
        description="Few labels: which training clips keep theirs; null for all. val and test keep"
        " theirs in any case.",
    )

    @model_validator(mode="after")
    def _one_choice(self) -> "FoldOptions":
        keys = ("trials", "subjects", "fraction")
        given = [key for key in keys if getattr(self.labelled, key, None) is not None]
        if self.labelled is not None and len(given) != 1:
            found = " and ".join(given) or "none"
            refuse("labelled", f"found {found} of {', '.join(keys)}; keep exactly one")
        return self


def _side(protocol: str, names: str, does: str) -> Names:
    return Field(None, description=f"Protocol {protocol}. {names} that {does}.")


def _val(names: str) -> Names:
    meaning = f"{names} of the training side that choose; without it they are cut by rule."
    return Field(None, description=meaning)


class SplitOptions(FoldOptions):
    """Which clips train, which choose (val, cut from the training side), which test."""

    protocol: Protocol = Field(
        description="By what the sides differ. subject_specific goes by trial, column takes the"
        " table's own split (and cuts val only if it has none)."
    )
    train_subjects: Names = _side("cross_subject", "Subjects", "train")
    test_subjects: Names = _side("cross_subject", "Subjects", "test")
    val_subjects: Names = _val("Subjects")
    train_trials: Names = _side("subject_specific", "Trials", "train")
    test_trials: Names = _side("subject_specific", "Trials", "test")
    val_trials: Names = _val("Trials")
    train_views: Names = _side("cross_view", "Cameras", "train")
    test_views: Names = _side("cross_view", "Cameras", "test")
    train_scenes: Names = _side("cross_scene", "Scenes", "train")
    test_scenes: Names = _side("cross_scene", "Scenes", "test")
    val_scenes: Names = _val("Scenes")
    train_sessions: Names = _side("cross_session", "Sessions", "train")
    test_sessions: Names = _side("cross_session", "Sessions", "test")
    val_sessions: Names = _val("Sessions")
    folds: Annotated[int, Field(ge=2)] | Literal["leave_one_out"] | None = Field(
        None,
        description="Protocol cross_validation. How many folds, each tested once by networks that"
        " never saw it, or leave_one_out: one for each of `people`.",
    )
    people: Names = Field(
        None,
        description="Protocol cross_validation. The subjects (or groups) to use; null for all.",
    )
    only_folds: Several[Annotated[int, Field(ge=0)]] | None = Field(
        None,
        min_length=1,
        description="Protocol cross_validation. Numbers of the folds to run, from 0; null for all."
        " Adding one later runs that one.",
    )
    held_out_share: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Protocol cross_view. Share of each action's recordings that alone are tested"
        " and that no teacher sees. null for the published lists, where every test recording is a"
        " training recording of other cameras.",
    )
    subset: SubsetOptions | None = Field(
        None, description="Part of the training side to use; null for all."
    )

    @model_validator(mode="after")
    def _check_val(self) -> "SplitOptions":
        given = [f"val_{column}s" for column in self.val_lists]
        if len(given) > 1:
            refuse("", f"found {' and '.join(given)}; keep one of them")
        return self

    @model_validator(mode="after")
    def _check_folds(self) -> "SplitOptions":
        if self.protocol == "cross_validation":
            self._check_number()
            self._check_company()
            return self
        for key in ("folds", "people", "only_folds"):
            if getattr(self, key) is not None:
                refuse(
                    key,
                    f"is for protocol cross_validation, found {self.protocol}; remove it or change"
                    " the protocol",
                )
        return self

    def _check_number(self) -> None:
        if self.folds is None:
            refuse("folds", "is missing; protocol cross_validation needs a number or leave_one_out")
        if self.folds == "leave_one_out" and not self.people:
            refuse("people", "is missing; with folds leave_one_out list who is left out in turn")
        if self.fold_count < 2:
            refuse("people", f"found {self.fold_count}, expected at least 2")
        beyond = [number for number in self.only_folds or () if number >= self.fold_count]
        if beyond:
            refuse("only_folds", f"found {beyond[0]}, expected numbers below {self.fold_count}")

    def _check_company(self) -> None:
        names = [str(name) for name in self.people or ()]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            refuse("people", f"found {twice[0]} twice, expected each once; remove one")
        for key in ("subset", "held_out_share", *(f"val_{column}s" for column in VAL_COLUMNS)):
            if getattr(self, key) is not None:
                refuse(key, "does not go with protocol cross_validation; remove it")

    @property
    def fold_count(self) -> int:
        """How many folds there are; 0 for other protocols."""
        if self.folds == "leave_one_out":
            return len(self.people or ())
        return self.folds or 0

    @property
    def folds_run(self) -> tuple[int, ...]:
        """Numbers of the folds that are run, ascending; none for other protocols."""
        return tuple(sorted(set(self.only_folds or range(self.fold_count))))

    @property
    def val_lists(self) -> dict[str, tuple[int | str, ...]]:
        """The lists of val that are given, by column."""
        lists = {column: getattr(self, f"val_{column}s") for column in VAL_COLUMNS}
        return {column: names for column, names in lists.items() if names}
