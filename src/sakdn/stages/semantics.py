"""Stage `semantics`: the vector of every class name, from word vectors in GloVe's text format.

The vectors' file (5.6 GB for GloVe 840B) is read once, line by line; only wanted words are kept.
A class name is split at blanks. A word is looked up as it is written, and where the file does not
have it so, in lower case (GloVe 6B is all lower case; 840B is not). Punctuation is part of a word.
"""

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.files import write_json
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.base.resources import find_resource
from sakdn.data.clips.table import class_names, read_table
from sakdn.options.semantics import SemanticsOptions
from sakdn.teachers.class_vectors import embed_names, wanted_words
from sakdn.teachers.word_vectors import read_word_vectors

EXAMPLE = r"""--clips results/demo/clips.csv \
    --vectors resources/glove/glove.6B.100d.subset.txt --output results/demo/semantics.json"""


def main(argv: list[str] | None = None) -> None:
    """Writes names, vectors, dimension and the words that have no vector.

    Raises:
        InputError: bad options, clips table or vectors' file, or a word without vector.
    """
    parser = new_parser("stages.semantics", __doc__, EXAMPLE)
    parser.add_argument("--clips", required=True, help="clips table (CSV)")
    parser.add_argument("--vectors", required=True, help="word vectors (GloVe text)")
    parser.add_argument("--options", default="{}", type=json_options)
    parser.add_argument("--output", required=True, help="class vectors to write (JSON)")
    arguments = parser.parse_args(argv)
    options = parse_options(SemanticsOptions, arguments.options, "semantics")
    names = class_names(read_table(arguments.clips))
    words = read_word_vectors(find_resource(arguments.vectors), wanted_words(names))
    vectors, unknown = embed_names(names, words, options)
    for name, missing in unknown.items():
        log(f"warning: {name!r}: no vector for {', '.join(missing)}; embedded without")
    content = {
        "names": names,
        "vectors": vectors.tolist(),
        "dimension": vectors.shape[1],
        "source": arguments.vectors,
        "out_of_vocabulary": unknown,
        "options": options.model_dump(),
    }
    write_json(arguments.output, content)
    log(f"{len(names)} class names, each a vector of {vectors.shape[1]}")


if __name__ == "__main__":
    run(main)
