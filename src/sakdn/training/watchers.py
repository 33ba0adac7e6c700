"""Who watches a training: nobody, or TensorBoard (config key `logging`)."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch

LOGGING = "SAKDN_LOGGING"  # The workflow sets it; no result depends on it.


class Watcher:
    """Hears how a training goes; this one does nothing with it. See docs/logging.md."""

    def begin(self, config: str) -> None:
        """Training begins, or goes on; `config` is what it was asked for, as JSON."""

    def epoch_done(self, epoch: int, values: Mapping[str, float]) -> None:
        """Mean losses, `val_accuracy`, `val_loss`, `lr` and `seconds` of an epoch, from 1."""

    def pictures(self, epoch: int, pictures: Mapping[str, torch.Tensor]) -> None:
        """Named pictures [k, 3, H, W] with values in 0..1."""

    def end(self) -> None:
        """Training is over."""


class TensorBoard(Watcher):
    """Writes event files; a run that was interrupted goes on in a further one."""

    def __init__(self, folder: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter  # Takes a second to import.

        self.writer = SummaryWriter(str(folder))

    def begin(self, config: str) -> None:
        """The configuration as text."""
        self.writer.add_text("config", f"```json\n{config}\n```")

    def epoch_done(self, epoch: int, values: Mapping[str, float]) -> None:
        """A curve a value; those of train and val in groups of their own."""
        for name, value in values.items():
            side, _, rest = name.partition("_")
            self.writer.add_scalar(f"{side}/{rest}" if rest else name, value, epoch)
        self.writer.flush()

    def pictures(self, epoch: int, pictures: Mapping[str, torch.Tensor]) -> None:
        """A row of pictures a name."""
        for name, images in pictures.items():
            self.writer.add_images(name, images, epoch)

    def end(self) -> None:
        """Closes the file."""
        self.writer.close()


def chosen_watcher(folder: Path) -> Watcher:
    """The watcher that the configuration asks for; TensorBoard's files lie in `folder`."""
    return TensorBoard(folder) if os.environ.get(LOGGING) == "tensorboard" else Watcher()
