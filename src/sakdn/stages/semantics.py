"""Stage `semantics`: the vector of every class name, from word vectors in GloVe's text format.

The vectors' file (5.6 GB for GloVe 840B) is read once, line by line; only wanted words are kept.
A class name is split at blanks. A word is looked up as it is written, and where the file does not
have it so, in lower case (GloVe 6B is all lower case; 840B is not). Punctuation is part of a word.
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sakdn.base.checks import one_of
from sakdn.base.cli import json_options, run
from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.data.clips.table import class_names, read_table
from sakdn.teachers.word_vectors import read_word_vectors


@dataclass(frozen=True)
class SemanticsOptions:
    """How a class name becomes a vector.

    Attributes:
        combine: `sum` of the words' vectors (the paper) or their `mean`.
        order: `none` (a bag of words: "sit to stand" and "stand to sit" are one vector; the paper)
            or `weighted`: word i of n (from 0) weighs 2 (n - i) / (n + 1), mean 1, so that earlier
            words count more and the two differ.
        out_of_vocabulary: `error`, or `skip` a word that the file does not have, with a warning. A
            class none of whose words is there is always an error.
    """

    combine: Literal["sum", "mean"] = "sum"
    order: Literal["none", "weighted"] = "none"
    out_of_vocabulary: Literal["error", "skip"] = "error"

    def __post_init__(self) -> None:
        one_of("semantics.combine", self.combine, ("sum", "mean"))
        one_of("semantics.order", self.order, ("none", "weighted"))
        one_of("semantics.out_of_vocabulary", self.out_of_vocabulary, ("error", "skip"))


def main(argv: list[str] | None = None) -> None:
    """Writes names, vectors, dimension and the words that have no vector.

    Raises:
        InputError: bad options, clips table or vectors' file, or a word without vector.
    """
    parser = argparse.ArgumentParser(prog="python -m sakdn.stages.semantics", description=__doc__)
    parser.add_argument("--clips", required=True, help="clips table (CSV)")
    parser.add_argument("--vectors", required=True, help="word vectors (GloVe text)")
    parser.add_argument("--options", default="{}", type=json_options)
    parser.add_argument("--output", required=True, help="class vectors to write (JSON)")
    arguments = parser.parse_args(argv)
    options = parse_options(SemanticsOptions, arguments.options, "semantics")
    names = class_names(read_table(arguments.clips))
    words = read_word_vectors(Path(arguments.vectors), wanted_words(names))
    vectors, unknown = embed_names(names, words, options)
    for name, missing in unknown.items():
        log(f"warning: {name!r}: no vector for {', '.join(missing)}; embedded without")
    content = {
        "names": names,
        "vectors": vectors.tolist(),
        "dimension": vectors.shape[1],
        "out_of_vocabulary": unknown,
        "options": asdict(options),
    }
    write_json(arguments.output, content)


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


if __name__ == "__main__":
    run(main)
