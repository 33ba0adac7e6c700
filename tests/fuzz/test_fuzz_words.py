"""Word vectors in GloVe's text format: vectors of one length or one message."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from spoil import ENDS, NUMBERS, ODD, damaged, file_of, mostly, or_refused

from sakdn.options.semantics import SemanticsOptions
from sakdn.teachers.class_vectors import embed_names
from sakdn.teachers.word_vectors import read_word_vectors

WORDS = ["sit", "stand", "up", "down"]
LINES = b"\n".join(b"%s 0.1 -2 3e-1 %d" % (word.encode(), n) for n, word in enumerate(WORDS))


def check(content):
    with file_of(content, "glove.txt") as path:
        found = or_refused(lambda: read_word_vectors(path, set(WORDS)), str(path))
        if found is None:
            return
        assert set(found) <= set(WORDS)
        assert len({vector.shape for vector in found.values()}) <= 1
        assert all(np.isfinite(vector).all() for vector in found.values())
        names = ["sit down", "stand up", "$(up) -up"]
        options = SemanticsOptions(out_of_vocabulary="skip")
        embedded = or_refused(lambda: embed_names(names, found, options), "semantics")
        assert embedded is None or np.isfinite(embedded[0]).all()


@st.composite
def texts(draw):
    width = draw(st.integers(1, 4))
    numbers = st.lists(mostly(NUMBERS), min_size=width, max_size=width)
    word = mostly(st.sampled_from(WORDS))
    line = st.builds(lambda word, numbers: " ".join([word, *numbers]), word, numbers)
    lines = draw(st.lists(mostly(line, ODD), max_size=8))
    return draw(ENDS).join(lines).encode("utf-8", "replace")


@given(texts())
def test_words(content):
    check(content)


@given(damaged([LINES]))
def test_damaged_words(content):
    check(content)


@given(st.binary(max_size=200))
def test_any_bytes(content):
    check(content)
