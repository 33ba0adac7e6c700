"""What the teachers said of the training clips, read back by clip and window."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from sakdn.errors import InputError
from sakdn.files import read_json


class Taught(NamedTuple):
    """What S teachers say of N clips, row by row.

    Attributes:
        logits: [N, S, C].
        semantic: [N, S, d].
        embedding: [N, S, d].
        saliencies: five maps [N, S, h, w].
        present: bool [N, S].
    """

    logits: torch.Tensor
    semantic: torch.Tensor
    embedding: torch.Tensor
    saliencies: list[torch.Tensor]
    present: torch.Tensor

    def known(self) -> torch.Tensor:
        """Clips about which at least one teacher speaks, bool [N]."""
        return self.present.any(1)

    def mean_logits(self) -> torch.Tensor:
        """The joint prediction: mean over the sensors present [N, C]."""
        return self._mean(self.logits)

    def mean_embedding(self) -> torch.Tensor:
        """Mean embedding over the sensors present [N, d]."""
        return self._mean(self.embedding)

    def _mean(self, values: torch.Tensor) -> torch.Tensor:
        weight = self.present.to(values.dtype)[:, :, None]
        return (values * weight).sum(1) / weight.sum(1).clamp_min(1)


class KnowledgeStore:
    """Memory-mapped arrays of the `knowledge` stage.

    Attributes:
        windows: start and end of each window of each clip [clips, windows, 2].
    """

    def __init__(self, index_path: Path, clips: Sequence[str], device: torch.device) -> None:
        """Opens the arrays beside `index_path`.

        Args:
            index_path: index.json of the stage.
            clips: ids of the clips table, in its order.
            device: where batches go.

        Raises:
            InputError: a clip of the index is not in the table.
        """
        index = read_json(index_path)
        row_of = {clip: row for row, clip in enumerate(clips)}
        unknown = [clip for clip in index["clips"] if clip not in row_of]
        if unknown:
            raise InputError(
                f"{index_path}: clip {unknown[0]} is not in the clips table; delete the file and"
                " run again"
            )
        self.path, self.device = index_path, device
        self.place = np.full(len(row_of), -1)
        self.place[[row_of[clip] for clip in index["clips"]]] = np.arange(len(index["clips"]))
        self.present = np.array(index["present"])
        self.windows = np.array(index["windows"])
        self.sizes = index["options"]["map_sizes_px"]
        self.arrays = {
            name: np.load(index_path.with_name(f"{name}.npy"), mmap_mode="r")
            for name in ("logits", "semantic", "embedding", "saliency")
        }

    def check_windows(self, windows: np.ndarray) -> None:
        """Checks that the teachers saw the cuts [clips, windows, 2] that the student will see.

        Raises:
            InputError: they did not.
        """
        known = self.place >= 0
        if not np.array_equal(self.windows[self.place[known]], windows[known]):
            raise InputError(
                f"{self.path}: the teachers saw other windows than gaf.windows of the config; use"
                " the same windows for all sensors"
            )

    def take(self, rows: np.ndarray, windows: np.ndarray) -> Taught:
        """What is known of clips `rows` (of the clips table) in `windows`, in that order."""
        places = self.place[rows]
        found = {
            name: torch.from_numpy(values[places, windows].astype(np.float32)).to(self.device)
            for name, values in self.arrays.items()
        }
        parts = found["saliency"].split([size**2 for size in self.sizes], dim=-1)
        maps = [
            part.unflatten(-1, (size, size)) for part, size in zip(parts, self.sizes, strict=True)
        ]
        present = self.present[places] & (places >= 0)[:, None]
        return Taught(
            found["logits"],
            found["semantic"],
            found["embedding"],
            maps,
            torch.from_numpy(present).to(self.device),
        )
