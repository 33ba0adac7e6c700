"""Every stage and command ends its help with an example, which its own parser accepts."""

import argparse
import shlex
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from sakdn.__main__ import EXAMPLES

ROOT = Path(__file__).parents[2]
STAGES = sorted(path.stem for path in (ROOT / "src/sakdn/stages").glob("[a-z]*.py"))
PROGRAMS = [*(f"sakdn.stages.{stage}" for stage in STAGES), "sakdn.commands.bench"]
COMMANDS = [f"sakdn {command}" for command in EXAMPLES]


class Parsed(Exception):
    """What a parser made of its words; raised so that nothing is run."""


def main_of(program):
    """The function that a program runs, and the words before its options."""
    module, *words = program.split()
    name = f"{module}.__main__" if module == "sakdn" else module
    return import_module(name).main, words


def help_of(program, capsys):
    main, words = main_of(program)
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    return capsys.readouterr().out


def examples_in(text):
    """The commands at the end of a help, each as the words that a shell makes of it."""
    _, _, shown = text.partition("\nexample")
    commands = shown.partition(":\n")[2].replace("\\\n", " ").strip().split("\n  python -m ")
    words = [shlex.split(command.removeprefix("python -m ")) for command in commands]
    return [command[: command.index(">")] if ">" in command else command for command in words]


@pytest.fixture
def only_parse(monkeypatch):
    parse_args = argparse.ArgumentParser.parse_args

    def parse(self, words):
        raise Parsed(parse_args(self, words))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)


@pytest.mark.parametrize("program", PROGRAMS + COMMANDS)
def test_the_example_of_the_help_is_accepted(program, capsys, only_parse):
    main, words = main_of(program)
    examples = examples_in(help_of(program, capsys))
    for example in examples:
        assert example[: 1 + len(words)] == program.split()
        with pytest.raises(Parsed):
            main(example[1:])


def test_the_console_script_is_the_module(capsys, monkeypatch):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["sakdn"].partition(":")
    monkeypatch.setattr("sys.argv", ["sakdn", "--help"])
    with pytest.raises(SystemExit, match="0"):
        getattr(import_module(module), name)()
    assert "predict" in capsys.readouterr().out
