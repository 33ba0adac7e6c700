"""Options of how students are taught (config key `methods`)."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from sakdn.base.options import OneOf, Options


class Compared(NamedTuple):
    """A loss that is a method of its own.

    Attributes:
        weight: its default.
        needs: what it reads of the teachers' knowledge, fields of `Taught`.
        taps: how many of the student's taps it reads, the last ones.
    """

    weight: float
    needs: tuple[str, ...]
    taps: int = 0


# Weights, for means over entries and batches of 16: those of the papers where they have one (AT;
# SP's 3000 is for batches of 128, where its values are an eighth; OFD's is 0.001 of the sum over
# 512 x 7 x 7 entries; RKD's 25 and 50, IRG's 0.1, 5 and 5 are within the loss), FitNet's of Tian
# et al. (2020), CC's and AFD's of the public Knowledge-Distillation-Zoo, the soft targets'
# chosen as the defaults of `sakdn` are, else 1.
COMPARED = {
    "soft_target": Compared(0.25, ("logits",)),
    "logits": Compared(1.0, ("logits",)),
    "hint": Compared(1.0, ("semantic",)),
    "fitnet": Compared(100.0, ("maps",), taps=2),
    "at": Compared(1000.0, ("attention",), taps=5),
    "sp": Compared(400.0, ("embedding",)),
    "rkd": Compared(1.0, ("embedding",)),
    "cc": Compared(100.0, ("embedding",)),
    "irg": Compared(1.0, ("logits", "embedding", "maps"), taps=2),
    "ofd": Compared(25.0, ("maps",), taps=2),
    "afd": Compared(500.0, ("maps",), taps=2),
    "hard_dark_rank": Compared(1.0, ("embedding",)),
}
SELF_TRAINING = "self_training"
Loss = Annotated[str, OneOf(["none", *COMPARED, SELF_TRAINING, "sakdn"])]


class MethodOptions(Options):
    """A method of distillation and its weights; a term of weight 0 is not computed.

    The defaults within `sakdn` were chosen on the training people of six subjects of UTD-MHAD with
    small networks; at 1, as in the paper, the maps overrule the labels.
    """

    loss: Loss = Field(
        description="What is distilled: nothing, one of the losses compared, or everything (SAKDN);"
        " self_training asks no teacher: the student's own confident answers on videos without a"
        " label."
    )
    teacher: str = Field(
        "fusion", description="fusion, average (of the single teachers) or a sensor."
    )
    weight: float | None = Field(
        None,
        ge=0,
        description="Weight of the distillation loss; not for sakdn. null for the loss's own.",
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
    soft_target_weight: float = Field(
        0.1,
        ge=0,
        description="sakdn only. Weight of the soft targets; 0 leaves the term out, as below.",
    )
    gsdm_weight: float = Field(
        0.05, ge=0, description="sakdn only. Weight of the saliency maps (GSDM)."
    )
    gsdm_form: Literal["channel", "released"] = Field(
        "channel",
        description="sakdn only. Weights of a map's channels: channel (each its own) or released"
        " (the released code's one a clip).",
    )
    temporal_weight: float = Field(
        0.1, ge=0, description="sakdn only. Weight of saliency over time."
    )
    semantic_weight: float = Field(
        0.02,
        ge=0,
        description="sakdn only. Weight of the regression onto the teachers' semantic vectors.",
    )
    signal_weight: float = Field(
        0.0,
        ge=0,
        description="sakdn only, not in the paper. Weight of the regression onto the signals,"
        " moment by moment.",
    )
    relation_weight: float = Field(
        1.0,
        ge=0,
        description="sakdn only. Weight of the relations between the clips of a batch.",
    )

    @model_validator(mode="after")
    def _own_weight(self) -> "MethodOptions":
        if self.weight is None and self.loss in COMPARED:
            object.__setattr__(self, "weight", COMPARED[self.loss].weight)
        return self

    def terms(self) -> dict[str, float]:
        """Weights above 0 of the terms of `sakdn`."""
        weights = {
            "soft_target": self.soft_target_weight,
            "gsdm": self.gsdm_weight,
            "temporal": self.temporal_weight,
            "relation": self.relation_weight,
            "semantic": self.semantic_weight,
            "signal": self.signal_weight,
        }
        return {term: weight for term, weight in weights.items() if weight > 0}

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
