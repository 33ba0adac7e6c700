"""Class names as vectors: how they are made of word vectors, and as they were stored."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.options.semantics import SemanticsOptions

if TYPE_CHECKING:
    from torch import Tensor


def wanted_words(names: Iterable[str]) -> set[str]:
    """The words of the class names, as written and in lower case."""
    words = {word for name in names for word in name.split()}
    return words | {word.lower() for word in words}


def embed_names(
    names: list[str], words: Mapping[str, np.ndarray], options: SemanticsOptions
) -> tuple[np.ndarray, dict[str, list[str]]]:
    """Vector of each class name.

    Args:
        names: class names in label order.
        words: vectors [d] by word.
        options: how words are combined.

    Returns:
        float64 [C, d], and the words without vector by class name.

    Raises:
        InputError: a word, or all words of a class, have no vector.
    """
    unknown = {
        name: [word for word in name.split() if _lookup(words, word) is None] for name in names
    }
    unknown = {name: missing for name, missing in unknown.items() if missing}
    if unknown and options.out_of_vocabulary == "error":
        listed = "; ".join(f"{', '.join(missing)} in {name!r}" for name, missing in unknown.items())
        raise InputError(
            f"semantics: the vectors' file has no {listed}; correct the class names or set"
            " semantics.out_of_vocabulary: skip"
        )
    return np.stack([_embed(name, words, options) for name in names]), unknown


def _lookup(words: Mapping[str, np.ndarray], word: str) -> np.ndarray | None:
    return words.get(word, words.get(word.lower()))


def _embed(name: str, words: Mapping[str, np.ndarray], options: SemanticsOptions) -> np.ndarray:
    found = [vector for word in name.split() if (vector := _lookup(words, word)) is not None]
    if not found:
        raise InputError(
            f"semantics: no word of class {name!r} has a vector; rename the class or use a larger"
            " vectors' file"
        )
    n = len(found)
    ramp = 2 * np.arange(n, 0, -1) / (n + 1)
    weights = ramp if options.order == "weighted" else np.ones(n)
    total = weights @ np.stack(found)
    return total / n if options.combine == "mean" else total


def class_vectors(path: Path) -> tuple[tuple[str, ...], "Tensor"]:
    """Class names and their vectors, float32 [classes, d], as the semantics stage wrote them."""
    import torch  # Not above: the stage that makes the vectors starts 1.6 s sooner without it.

    content = read_json(path)
    return tuple(content["names"]), torch.tensor(content["vectors"], dtype=torch.float32)
