"""What is stored beside a trained network, as types: parsed once, where the JSON is read."""

from typing import Annotated, Any

from pydantic import Field

from sakdn.base.options import Described, Several, UniqueItems
from sakdn.options.training import Precision
from sakdn.options.weights import WeightsAbout

Text = Annotated[str, Field(max_length=10_000)]
Amount = Annotated[float, Field(ge=0, le=1e12)]
Length = Annotated[int, Field(ge=1, le=100_000)]
Classes = Annotated[Several[Text], Field(min_length=1, max_length=100_000), UniqueItems()]


class Spent(Described):
    """What a training took."""

    wall_s: Amount
    cpu_s: Amount
    peak_memory_mb: Amount


class Versions(Described, extra="allow"):
    """Versions of Python and packages."""

    torch: Text


class Provenance(Described, extra="allow"):
    """What a network was made with."""

    versions: Versions
    git: dict[str, Any]
    device: Text

    def public(self) -> dict[str, Any]:
        """All of it but the configuration, whose paths are nobody else's business."""
        return self.model_dump(exclude={"config"})


class Plan(Described):
    """What is known of a network before it is trained; each kind of network adds its own."""

    classes: Classes
    seed: int
    options: dict[str, Any]
    precision: Precision
    weights: WeightsAbout | None = None


class Trained(Described):
    """What is known of a network only when it is trained."""

    best_epoch: int
    val_accuracy: Amount
    val_loss: float | None = None
    cost: Spent
    provenance: Provenance
