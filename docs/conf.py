"""The site: README and pages of docs/ as they are, the library's docstrings, equations as MathML.

`make site` builds it. Its source is the whole checkout, so that a link to any file of it is checked
and works both here and where the repository is browsed.
"""

import re
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from pygments.lexers.special import TextLexer
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE))

project = html_title = "sakdn-workflow"
author = project_copyright = "The sakdn-workflow authors"
root_doc = "README"
include_patterns = ["README.md", "C*.md", "config/README.md", "docs/*.md", "docs/api/*.md"]
exclude_patterns = [".*", "data", "results", "site", "src", "tests", "workflow", "resources"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4

add_module_names = False
autodoc_member_order = "bysource"
autodoc_mock_imports = ["pyts"]  # It takes long, and no signature shows it.
autodoc_default_options = {"members": True, "show-inheritance": True}
default_role = "code"
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_math_renderer = "mathml"
templates_path = ["_site"]
html_additional_pages = {"index": "to_start.html"}
html_static_path = ["_site/site.css"]
html_css_files = ["site.css"]
html_copy_source = False


class Room(SphinxDirective):
    """All modules of a room of the library (`docs/architecture.md`), by its name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A section a module, with all that is public in it."""
        sections: list[nodes.Node] = []
        for path in sorted((SOURCE / "sakdn" / self.arguments[0]).rglob("[!_]*.py")):
            module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
            section = nodes.section("", nodes.title("", module), ids=[module.replace(".", "-")])
            section += self.parse_text_to_nodes(f"```{{eval-rst}}\n.. automodule:: {module}\n```")
            sections.append(section)
        return sections


def add_contents(app: Sphinx, page: str, text: list[str]) -> None:
    """The README is the first page; what lists the others does not stand in it."""
    if page == root_doc:
        text[0] += (ROOT / "docs/_site/contents.md").read_text(encoding="utf-8")


def as_rst(app: Sphinx, what: str, name: str, of: object, options: object, lines: list) -> None:
    """Docstrings are plain text with backticks: stars and bars in formulas are no markup."""
    lines[:] = [re.sub(r"(?<!`)(\*(?!\s)|\|)", r"\\\1", line) for line in lines]


def skip_alias(app: Sphinx, what: str, name: str, of: object, skip: bool, options: object) -> bool:
    """Fields of named tuples are told of under Attributes, not once more as aliases."""
    return skip or (getattr(of, "__doc__", None) or "").startswith("Alias for field number")


def lead_to_docstrings(app: Sphinx, page: nodes.document) -> None:
    """A link to a source file whose text names something in it leads to its docstring."""
    for link in list(page.findall(download_reference)):
        module = re.search(r"src/(sakdn/.*)\.py$", link["reftarget"])
        if module and re.fullmatch(r"[A-Za-z_.]+\w", link.astext()):
            target = f"{module[1]}/{link.astext()}".replace("/", ".")
            to = {"refdomain": "py", "reftype": "obj", "reftarget": target}
            asked = pending_xref("", *link.children, refdoc=app.env.docname, refexplicit=True, **to)
            asked["refwarn"] = True
            link.replace_self(asked)


def inline_math(writer: nodes.NodeVisitor, node: nodes.math) -> None:
    """MathML in a line."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block_math(writer: nodes.NodeVisitor, node: nodes.math_block) -> None:
    """MathML in lines of its own."""
    writer.body.append(f'<div class="equation">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_directive("room", Room)
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", add_contents)
    app.connect("autodoc-process-docstring", as_rst, priority=400)
    app.connect("autodoc-skip-member", skip_alias)
    app.connect("doctree-read", lead_to_docstrings)
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))
