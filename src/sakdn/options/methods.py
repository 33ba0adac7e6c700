"""Options of how students are taught (config key `methods`)."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from sakdn.base.options import OneOf, Options, refuse


class Compared(NamedTuple):
    """A loss that is a method of its own.

    Attributes:
        needs: what it reads of the teachers' knowledge, fields of `Taught`.
        taps: how many of the student's taps it reads, the last ones.
    """

    needs: tuple[str, ...]
    taps: int = 0


COMPARED = {
    "soft_target": Compared(("logits",)),
    "logits": Compared(("logits",)),
    "hint": Compared(("semantic",)),
    "fitnet": Compared(("maps",), taps=2),
    "at": Compared(("attention",), taps=5),
    "sp": Compared(("embedding",)),
    "rkd": Compared(("embedding",)),
    "cc": Compared(("embedding",)),
    "irg": Compared(("logits", "embedding", "maps"), taps=2),
    "ofd": Compared(("maps",), taps=2),
    "afd": Compared(("maps",), taps=2),
    "hard_dark_rank": Compared(("embedding",)),
}
SELF_TRAINING = "self_training"
Loss = Annotated[str, OneOf(["none", *COMPARED, SELF_TRAINING, "sakdn"])]


# A share of the label's gradient; weights of 10 and above are of the time when they were factors.
Share = Annotated[float, Field(ge=0, lt=10)]


class MethodOptions(Options):
    """A method of distillation and its weights.

    A weight is a share of the label's gradient: at 0.3 the term's gradient is three tenths as long
    as that of the cross-entropy, as measured in the first steps (`students.shares`). A term of
    weight 0 is not computed.
    """

    loss: Loss = Field(
        description="What is distilled: nothing, one of the losses compared, or everything (SAKDN);"
        " self_training asks no teacher: the student's own confident answers on videos without a"
        " label."
    )
    teacher: str = Field(
        "fusion", description="fusion, average (of the single teachers) or a sensor."
    )
    weight: Share = Field(
        0.3,
        description="Weight of the distillation loss, as a share of the label's gradient; not for"
        " sakdn.",
    )
    epochs: int | None = Field(
        None, ge=1, description="Budget of this method alone; null for student.epochs."
    )
    own_weight: float = Field(1.0, ge=0, description="self_training only. Factor of its loss.")
    confidence: float = Field(
        0.95,
        ge=0,
        le=1,
        description="self_training only. Least probability of an own answer that is learnt.",
    )
    own_decay: float = Field(
        0.99,
        ge=0,
        lt=1,
        description="self_training only. Answers are those of the moving average of the student's"
        " weights with this decay a step.",
    )
    temperature: float = Field(4.0, gt=0, description="Of the soft targets.")
    second_opinion: bool = Field(
        False,
        description="Not in the paper. Of clips without a label, what the teachers answer times"
        " what the student alone answers (method none of the same seed): signals and video err on"
        " different clips.",
    )
    soft_target_weight: Share = Field(
        0.1,
        description="sakdn only. Weight of the soft targets, as a share of the label's gradient; 0"
        " leaves the term out, as below.",
    )
    gsdm_weight: Share = Field(
        0.03, description="sakdn only. Weight, a share, of the saliency maps (GSDM)."
    )
    gsdm_form: Literal["channel", "released"] = Field(
        "channel",
        description="sakdn only. Weights of a map's channels: channel (each its own) or released"
        " (the released code's one a clip).",
    )
    temporal_weight: Share = Field(
        0.03, description="sakdn only. Weight, a share, of saliency over time."
    )
    semantic_weight: Share = Field(
        0.01,
        description="sakdn only. Weight, a share, of the regression onto the teachers' semantic"
        " vectors.",
    )
    signal_weight: Share = Field(
        0.0,
        description="sakdn only, not in the paper. Weight, a share, of the regression onto the"
        " signals, moment by moment.",
    )
    relation_weight: Share = Field(
        0.03,
        description="sakdn only. Weight, a share, of the relations between the clips of a batch.",
    )
    rise_epochs: int = Field(
        0,
        ge=0,
        description="Epochs over which the weights rise from 0, linearly; 0 for at once.",
    )

    def terms(self) -> dict[str, float]:
        """Shares above 0 of the terms, by their names."""
        weights = {
            "soft_target": self.soft_target_weight,
            "gsdm": self.gsdm_weight,
            "temporal": self.temporal_weight,
            "relation": self.relation_weight,
            "semantic": self.semantic_weight,
            "signal": self.signal_weight,
        }
        if self.loss != "sakdn":
            weights = {self.loss: self.weight} if self.loss in COMPARED else {}
        return {term: weight for term, weight in weights.items() if weight > 0}

    def weights(self) -> dict[str, float]:
        """Weights above 0, by their keys."""
        if self.loss == "sakdn":
            return {f"{term}_weight": weight for term, weight in self.terms().items()}
        return dict.fromkeys(["weight"] if self.terms() else [], self.weight)

    def at_share(self, share: float) -> dict[str, float]:
        """The same, in their proportions, so that they come to `share`."""
        weights = self.weights()
        whole = sum(weights.values())
        return {key: float(f"{share * weight / whole:.3g}") for key, weight in weights.items()}

    def rise(self, epoch: int) -> float:
        """What the shares are multiplied by in `epoch` (0-based)."""
        return min(1.0, epoch / self.rise_epochs) if self.rise_epochs else 1.0

    @model_validator(mode="after")
    def _has_answers(self) -> "MethodOptions":
        if self.second_opinion and "logits" not in self.needs():
            refuse(
                "second_opinion",
                f"found true with loss {self.loss}, which takes no answers from teachers; leave it"
                " out, or take soft_target or sakdn",
            )
        return self

    def needs(self) -> tuple[str, ...]:
        """What of the teachers' knowledge is read, fields of `Taught`."""
        if self.loss in COMPARED:
            return COMPARED[self.loss].needs
        if self.loss in ("none", SELF_TRAINING):
            return ()
        form = "released" if self.gsdm_form == "released" else "saliency"
        maps = (form,) if {"gsdm", "temporal"} & set(self.terms()) else ()
        course = ("course",) if "signal" in self.terms() else ()
        return ("logits", "semantic", *maps, *course)
