"""The table of commands, and what is said of a mistyped one."""

import ast
import inspect
import subprocess
import sys
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import get_type_hints

import pytest

from dreamrunner.cli import main
from dreamrunner.cli.command_table import COMMANDS, module
from dreamrunner.cli.options import build_options
from dreamrunner.cli.parsing import parse, parser
from dreamrunner.pipeline.options import How, Options, about, flag

PACKAGE = Path(__file__).parents[2] / "dreamrunner"


def test_every_command_is_a_module_with_two_functions_and_every_module_is_short() -> None:
    for name in COMMANDS:
        found = module(name)
        assert list(inspect.signature(found.add_arguments).parameters) == ["parser"]
        assert list(inspect.signature(found.run).parameters) in (["arguments"], ["_"])
        assert found.__doc__ and found.__doc__.startswith(f"``{name}``: ")
    assert all(len(path.read_text().splitlines()) <= 400 for path in (PACKAGE / "cli").rglob("*.py"))


IMPORTED = """
import sys
from dreamrunner.cli import main
main(sys.argv[1:])
print(*sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("dreamrunner.cli.")), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("command", "modules"), [(["check", "none.story"], {"check"}), (["explain"], {"explain"}), (["help"], {"help"})]
)
def test_only_the_module_of_the_command_is_imported(tmp_path: Path, command: list[str], modules: set[str]) -> None:
    environment = {"PYTHONPATH": str(PACKAGE.parent)}
    run = [sys.executable, "-c", IMPORTED, *command]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert set(done.stderr.split()) & set(COMMANDS) == modules


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["biuld", "a.story"], "there is no command biuld; did you mean build?"),
        (["nonsense"], "there is no command nonsense\n"),
        (["help", "chekc"], "there is no command chekc; did you mean check?"),
        (["cache", "lsit"], "there is no lsit; did you mean list?"),
        (["build", "a.story", "--stpes", "3"], "unrecognized arguments: --stpes; did you mean --steps?"),
        (["build", "--stpes", "3", "a.story"], "unrecognized arguments: --stpes; did you mean --steps?"),
        (["build", "--stpes=3", "a.story"], "unrecognized arguments: --stpes=3; did you mean --steps?"),
        (["check", "a.story", "--frmat", "json", "b.story"], "unrecognized arguments: --frmat; did you mean --format?"),
        (["build", "a.story", "b.story"], "unrecognized arguments: b.story\n"),
        (["build", "-x", "a.story"], "unrecognized arguments: -x\n"),
        (["train", "motion", "--clps", "x", "waving"], "(there is no --clps; did you mean --clips?)"),
        (["train", "subject", "--imags", "x.png", "witch"], "(there is no --imags; did you mean --images?)"),
        (["cache", "gc", "--kep=1GB"], "unrecognized arguments: --kep=1GB; did you mean --keep?"),
        (["build", "a.story", "--attention", "sr3a"], "there is no sr3a; did you mean sr3ai?"),
        (["build", "a.story", "--guidance", "nan"], "argument --guidance: nan is not a number from 0 on"),
        (["build", "a.story", "--guidance", "much"], "argument --guidance: 'much' is not a number"),
        (["build", "a.story", "--steps", "0"], "argument --steps: 0 is not a whole number from 1 on"),
        (["plan", "a.story", "--planner", ""], "error: --planner: it is empty"),
        (["plan", "a.story", "--planner", "offlin"], "--planner: there is no offlin; did you mean offline?"),
        (["build", "a.story", "--planner", "non"], "--planner: there is no non; did you mean none?"),
        (["build", "a.story", "--seed", "-1"], "argument --seed: '-1' is not a whole number from 0 on"),
        (["cache", "list", "--hepl"], "unrecognized arguments: --hepl; did you mean --help?"),
        (["cache", "list", "--stpes"], "usage: dreamrunner cache list [-h]"),
        (["cache", "gc", "--dry-rnu"], "did you mean --dry-run?"),
        (["check", "-two.story"], "a file of that name is written -- -two.story, or ./-two.story"),
        (["fmt", "--diff", "-a.story"], "a file of that name is written -- -a.story, or ./-a.story"),
        (["build", "--smooth", "-a.story"], "a file of that name is written -- -a.story, or ./-a.story"),
        (["new", ""], "argument FOLDER: it is empty"),
        (["build", ""], "argument STORY: it is empty"),
        (["build", "a.story", "--out", ""], "argument -o/--out: it is empty"),
        (["build", "a.story", "--adapters", ""], "argument --adapters: it is empty"),
        (["--vershun"], "unrecognized arguments: --vershun; did you mean --version?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_with_the_word_that_was_meant(arguments: list[str], says: str, capsys) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and says in said.err


def test_help_is_that_of_the_command(capsys) -> None:
    assert main(["help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {command.name:<12}{command.help}\n" in listed for command in COMMANDS.values())
    assert main(["--help"]) == 0 and capsys.readouterr().out == listed
    assert main(["help", "cache", "gc"]) == 0
    helped = capsys.readouterr().out
    assert helped.startswith("usage: dreamrunner cache gc ")
    assert main(["cache", "gc", "--help"]) == 0 and capsys.readouterr().out == helped


def test_the_options_of_a_build_are_grouped(capsys) -> None:
    assert main(["build", "--help"]) == 0
    heads = [line[:-1] for line in capsys.readouterr().out.splitlines() if line.endswith(":") and line[0] != " "]
    assert heads[2:] == [
        "what is filmed",
        "how it looks",
        "sound and subtitles",
        "priors",
        "where it runs",
        "reports",
    ]


def test_the_command_line_and_the_api_have_the_same_options() -> None:
    names = {option.name for option in fields(Options)}
    assert set(How.__annotations__) == names - {"allow_outside"}
    assert get_type_hints(How) == {
        name: hint for name, hint in get_type_hints(Options).items() if name != "allow_outside"
    }
    assert build_options(parse(["build", "a.story"])) == Options()
    assert build_options(parse(["watch", "a.story"])) == Options()
    assert build_options(parse(["graph", "a.story"])) == Options()
    said = {"int": 4, "float": 2.5, "str": "x", "PathLike": Path("x")}
    for option in fields(Options):
        known, words = about(option), [flag(option.name)]
        assert known.help and not known.help.endswith(".")
        value = True
        if known.form is not bool:
            value = known.choices[-1] if known.choices else said[known.form.__name__]
            words.append(str(value))
        taken = build_options(parse(["build", "a.story", *words]))
        assert getattr(taken, option.name) == ((value,) if isinstance(option.default, tuple) else value)
    source = ast.parse((PACKAGE / "pipeline" / "options.py").read_text())
    [body] = [node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Options"]
    told = [isinstance(after, ast.Expr) for before, after in pairwise(body) if isinstance(before, ast.AnnAssign)]
    assert told == [True] * len(names)


def test_a_planner_and_guidance_can_be_said_wherever_a_model_can() -> None:
    for name in ("build", "graph", "watch"):
        chosen = build_options(parse([name, "a.story", "--planner", "none", "--guidance", "2.5", "--model", "m"]))
        assert (chosen.planner, chosen.guidance, chosen.model) == ("none", 2.5, "m")
    assert parse(["plan", "a.story", "--planner", "offline"]).planner == "offline"


def test_the_whole_grammar_takes_what_a_commands_own_takes() -> None:
    words = ["build", "a.story", "--steps", "3"]
    assert vars(parser().parse_args(words)) == vars(parse(words))


@pytest.mark.parametrize(
    "words",
    [
        ["build", "--", "-odd.story", "--steps", "3"],
        ["build", "--steps", "3", "--", "-odd.story"],
        ["--", "build", "--steps", "3", "--", "-odd.story"],
    ],
    ids=" ".join,
)
def test_a_story_that_begins_with_a_dash(words: list[str]) -> None:
    taken = parse(words)
    assert (taken.story, taken.steps) == (Path("-odd.story"), 3)
    assert parse(["check", "--", "-a.story", "-b.story"]).stories == [Path("-a.story"), Path("-b.story")]
    several = parse(["check", "--", "-a.story", "-b.story", "--format", "json"])
    assert (several.stories, several.format) == ([Path("-a.story"), Path("-b.story")], "json")
    assert parse(["fmt", "--", "-a.story", "--check"]).check
    assert parse(["plan", "--", "-a.story", "--write"]).stories == [Path("-a.story")]


def test_nothing_but_commands_prints() -> None:
    # The language server's standard output is its protocol's, and scripts that train the miniature are commands.
    free = {PACKAGE / "cli", PACKAGE / "editor", PACKAGE / "miniature" / "training"}
    free.add(PACKAGE / "miniature" / "second" / "training")
    free.add(PACKAGE / "speech" / "espeak_alone.py")  # a process of its own, whose output is read
    for path in PACKAGE.rglob("*.py"):
        if not free.isdisjoint((path, *path.parents)):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            assert not (isinstance(called, ast.Name) and called.id == "print"), path
            shown = isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr")
            assert not (shown and isinstance(node.value, ast.Name) and node.value.id == "sys"), path


def test_blanks_round_a_name_are_none_of_it() -> None:
    pairs = {"ray": " auto ", "planner": " offline", "attention": " hard ", "scene": "x ", "model": "m "}
    read = parse(["build", "a.story", *(word for name, value in pairs.items() for word in (f"--{name}", value))])
    assert {name: getattr(read, name) for name in pairs} == {name: value.strip() for name, value in pairs.items()}
