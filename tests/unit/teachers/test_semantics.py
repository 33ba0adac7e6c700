import json
import resource
from pathlib import Path

import numpy as np
import pytest
from recordings import arguments

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.options.semantics import SemanticsOptions
from sakdn.stages.semantics import main
from sakdn.teachers.class_vectors import embed_names, wanted_words
from sakdn.teachers.word_vectors import BLOCK_BYTES, read_word_vectors

RESOURCES = Path(__file__).parents[3] / "resources"
LINES = ["sit 1 2 3", "to 0 1 0", "stand -1 0.5 2e-1", "draw 4 4 4", "out 7 8 9"]
WORDS = {"sit": [1, 2, 3], "to": [0, 1, 0], "stand": [-1, 0.5, 0.2], "draw": [4, 4, 4]}


def write(tmp_path, *lines, end="\n"):
    path = tmp_path / "vectors.txt"
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return path


def words():
    return {word: np.array(vector, float) for word, vector in WORDS.items()}


def test_reads_only_what_is_wanted(tmp_path):
    found = read_word_vectors(write(tmp_path, *LINES), {"stand", "sit", "fly"})
    assert sorted(found) == ["sit", "stand"]
    np.testing.assert_array_equal(found["stand"], [-1, 0.5, 0.2])


def test_last_line_without_newline_is_read_whole(tmp_path):
    found = read_word_vectors(write(tmp_path, *LINES, end=""), {"out"})
    np.testing.assert_array_equal(found["out"], [7, 8, 9])


def test_windows_line_ends_trailing_blanks_and_empty_lines(tmp_path):
    path = write(tmp_path, "sit 1 2 3 \r", "", "to 0 1 0\r")
    np.testing.assert_array_equal(read_word_vectors(path, {"to"})["to"], [0, 1, 0])


def test_words_with_blanks_are_no_malformed_lines(tmp_path):
    path = write(tmp_path, ". . . 5 6 7", "at name@domain.com 1 1 1", ". 1 2 3", "at 9 9 9")
    found = read_word_vectors(path, {".", "at"})
    np.testing.assert_array_equal(found["."], [1, 2, 3])
    np.testing.assert_array_equal(found["at"], [9, 9, 9])


def test_a_file_in_the_form_of_840b(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(6, 300)).round(5)
    tokens = [",", ". . .", "at name@domain.com", "draw", "1 2", "X"]
    path = write(tmp_path, *(f"{t} {' '.join(map(str, n))}" for t, n in zip(tokens, numbers)))
    content = run_stage(tmp_path, ["draw X", "draw at"], path, out_of_vocabulary="skip")
    np.testing.assert_allclose(content["vectors"], [numbers[3] + numbers[5], numbers[3]])
    assert (content["dimension"], content["source"]) == (300, str(path))
    assert content["out_of_vocabulary"] == {"draw at": ["at"]}


def test_first_word_may_be_a_number(tmp_path):
    found = read_word_vectors(write(tmp_path, "2018 1 2 3", "sit 4 5 6"), {"sit", "2018"})
    np.testing.assert_array_equal(found["2018"], [1, 2, 3])
    np.testing.assert_array_equal(found["sit"], [4, 5, 6])


def test_words_beyond_ascii_and_bytes_that_are_no_text(tmp_path):
    path = write(tmp_path, "jeté 1 2 3")
    path.write_bytes(path.read_bytes() + b"\xff\xfe 0 0 0\n" + "naïf 4 5 6\n".encode())
    found = read_word_vectors(path, {"naïf", "jeté"})
    np.testing.assert_array_equal(found["naïf"], [4, 5, 6])


def test_lines_across_block_borders(tmp_path):
    filler = [f"filler{i} {' '.join(['0.123456'] * 50)}" for i in range(3 * BLOCK_BYTES // 460)]
    last = f"sit {' '.join(['1'] * 50)}"
    path = write(tmp_path, *filler, last, end="")
    assert path.stat().st_size > 2 * BLOCK_BYTES
    found = read_word_vectors(path, {"sit", f"filler{len(filler) - 1}", "filler0"})
    assert len(found) == 3
    np.testing.assert_array_equal(found["sit"], np.ones(50))


def test_stops_when_all_words_are_found(tmp_path):
    path = write(tmp_path, *LINES, "broken 1")
    assert len(read_word_vectors(path, {"sit", "out"})) == 2
    with pytest.raises(InputError, match="line 6: found 1 numbers, expected 3"):
        read_word_vectors(path, {"sit", "missing"})


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["sit 1 2 3", "stand 1 2 x"], "line 2: found .*'x'.*expected numbers"),
        (["sit 1 2 3", "stand 1 2 nan"], "line 2: found a value that is not finite"),
        (["4 3", "sit 1 2 3"], "line 1: found '4 3', expected a word and its numbers, without"),
        (["no vectors at all"], "line 1"),
        ([""], "is empty"),
    ],
)
def test_malformed_line_is_named(tmp_path, lines, message):
    with pytest.raises(InputError, match=message):
        read_word_vectors(write(tmp_path, *lines), {"stand", "other"})


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: cannot be read"):
        read_word_vectors(tmp_path / "none.txt", {"sit"})


def test_a_line_of_a_gigabyte_costs_no_memory(tmp_path):
    path = write(tmp_path, *LINES)
    with path.open("r+b") as file:
        file.truncate(2**30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="line 6: found more than 1 MB"):
        read_word_vectors(path, {"sit", "missing"})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_sum_and_mean():
    names = ["sit to stand", "draw"]
    total, unknown = embed_names(names, words(), SemanticsOptions())
    np.testing.assert_allclose(total, [[0, 3.5, 3.2], [4, 4, 4]])
    mean, _ = embed_names(names, words(), SemanticsOptions(combine="mean"))
    np.testing.assert_allclose(mean, total / [[3], [1]])
    assert unknown == {}


def test_order_matters_only_where_it_is_asked_for():
    names = ["sit to stand", "stand to sit"]
    bag, _ = embed_names(names, words(), SemanticsOptions())
    np.testing.assert_allclose(bag[0], bag[1])
    ordered, _ = embed_names(names, words(), SemanticsOptions(order="weighted"))
    sit, to, stand = (np.array(WORDS[word]) for word in ("sit", "to", "stand"))
    np.testing.assert_allclose(ordered[0], 1.5 * sit + to + 0.5 * stand)
    np.testing.assert_allclose(ordered[1], 1.5 * stand + to + 0.5 * sit)


def test_weights_have_mean_one():
    one, _ = embed_names(["draw draw draw draw"], words(), SemanticsOptions(order="weighted"))
    np.testing.assert_allclose(one, [[16, 16, 16]])


def test_unknown_words_are_an_error_or_skipped_by_name():
    names = ["draw x", "sit"]
    with pytest.raises(InputError, match=r"has no x in 'draw x'.*out_of_vocabulary: skip"):
        embed_names(names, words(), SemanticsOptions())
    skip = SemanticsOptions(out_of_vocabulary="skip")
    vectors, unknown = embed_names(names, words(), skip)
    np.testing.assert_array_equal(vectors[0], WORDS["draw"])
    assert unknown == {"draw x": ["x"]}
    with pytest.raises(InputError, match="no word of class 'x y' has a vector"):
        embed_names([*names, "x y"], words(), skip)


def test_lower_case_where_the_file_has_no_capitals():
    vectors, _ = embed_names(["Sit", "Draw"], words() | {"Draw": np.zeros(3)}, SemanticsOptions())
    np.testing.assert_array_equal(vectors, [WORDS["sit"], [0, 0, 0]])
    assert wanted_words(["Sit to"]) == {"Sit", "sit", "to"}


@pytest.mark.parametrize("key", ["combine", "order", "out_of_vocabulary"])
def test_bad_option(key):
    with pytest.raises(InputError, match=rf"semantics\.{key}: 'odd' is not one of"):
        parse_options(SemanticsOptions, {key: "odd"}, "semantics")


def run_stage(tmp_path, names, vectors, **options):
    rows = [f"c{i},{i},{name},1,v.mp4,train" for i, name in enumerate(names)]
    header = "clip,action,action_name,subject,video,split"
    (tmp_path / "clips.csv").write_text("\n".join([header, *rows]))
    output = tmp_path / "semantics.json"
    main(arguments(clips=tmp_path / "clips.csv", vectors=vectors, options=options, output=output))
    return json.loads(output.read_text())


def test_stage(tmp_path, capsys):
    content = run_stage(
        tmp_path, ["draw x", "stand out"], write(tmp_path, *LINES), out_of_vocabulary="skip"
    )
    assert content["names"] == ["draw x", "stand out"]
    np.testing.assert_allclose(content["vectors"], [[4, 4, 4], [6, 8.5, 9.2]])
    assert content["dimension"] == 3
    assert content["out_of_vocabulary"] == {"draw x": ["x"]}
    assert "warning: 'draw x': no vector for x" in capsys.readouterr().err


def test_shipped_vectors_know_the_utd_classes(tmp_path):
    names = (RESOURCES / "classes/utd_mhad.txt").read_text().splitlines()
    vectors = RESOURCES / "glove/glove.6B.100d.subset.txt"
    content = run_stage(tmp_path, names, vectors, out_of_vocabulary="skip")
    assert len(content["vectors"]) == 27
    assert content["dimension"] == 100
    assert content["out_of_vocabulary"] == {"right hand draw x": ["x"]}
    known = read_word_vectors(vectors, set(names[-1].split()))
    np.testing.assert_allclose(content["vectors"][-1], sum(known[w] for w in names[-1].split()))
