"""The VS Code extension agrees with the language and the server; what needs Node is tested by ``make test-vscode``."""

import itertools
import json
import re
from pathlib import Path

import pytest

import dreamrunner
from dreamrunner.cli.parsing import parser
from dreamrunner.editor import semantic_tokens
from dreamrunner.editor.lenses.shown import COMMANDS
from dreamrunner.editor.server import SCENE_COMMAND
from dreamrunner.files.text import NAME
from dreamrunner.language import PLACES
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.lines import BODIES, HEADS, starts, words
from dreamrunner.language.parsing.parser import parse

FOLDER = Path(__file__).parents[2] / "grammar" / "vscode"
MANIFEST = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
RULES = json.loads((FOLDER / "syntaxes" / "story.tmLanguage.json").read_text(encoding="utf-8"))["repository"]
SNIPPETS = json.loads((FOLDER / "snippets" / "story.json").read_text(encoding="utf-8"))
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "src").glob("*.ts")}

CAST = 'character witch "a witch"\nprop flowers "flowers"\n'


def alternatives(pattern: str) -> list[list[str]]:
    """The lists of words in a pattern: ``(looks|images)`` is one of two, ``(scene)`` of one."""
    return [group.split("|") for group in re.findall(r"\((?:\?:)?([a-z-]+(?:\|[a-z-]+)*)\)", pattern)]


def reserved(rule: str) -> set[str]:
    """The words that a line read by one of the grammar's rules can start with."""
    return {words()[name] for name in starts(rule) if name in words()}


@pytest.mark.parametrize("kind", BODIES)
def test_each_block_colours_the_words_that_the_grammar_reserves_in_it(kind: str) -> None:
    body = BODIES[kind]
    [line] = alternatives(RULES[body.replace("_", "-")]["begin"])
    assert set(line) == reserved(body)
    assert len(line) == len(set(line))


@pytest.mark.parametrize("kind", HEADS)
def test_each_head_is_coloured_with_the_lines_that_can_stand_on_it(kind: str) -> None:
    head, *short = alternatives(RULES[kind.lower()]["begin"])
    assert head == [words()[kind]]
    takes_lines = kind in ("CHARACTER", "PROP", "LOCATION", "MOTION")
    made_from = [{"from"}] if kind in ("CHARACTER", "PROP", "LOCATION") else []
    assert [set(line) for line in short] == made_from + ([reserved(BODIES[kind])] if takes_lines else [])


def test_key_frames_places_and_heads_are_those_of_the_language() -> None:
    [parts] = alternatives(RULES["beat-part"]["begin"])
    assert set(parts) == reserved("beat_part") >= {"at", "says", "enters", "leaves"}
    [places] = alternatives(RULES["place"]["match"])
    assert set(places) == set(PLACES)
    [heads] = alternatives(RULES["reserved-in-scene"]["match"])
    assert set(heads) == {words()[kind] for kind in HEADS}


def test_a_line_astray_is_coloured_by_every_word_that_a_block_reserves() -> None:
    [astray] = alternatives(RULES["astray"]["begin"])
    assert set(astray) == set().union(*map(reserved, [*BODIES.values(), "beat_part"]))


def test_every_rule_that_is_included_exists_and_is_used() -> None:
    text = (FOLDER / "syntaxes" / "story.tmLanguage.json").read_text(encoding="utf-8")
    assert set(re.findall(r'"include": "#([a-z-]+)"', text)) == set(RULES)


def test_the_manifest_names_files_that_exist() -> None:
    contributes = MANIFEST["contributes"]
    named = [item["configuration"] for item in contributes["languages"]]
    named += [item["path"] for item in (*contributes["grammars"], *contributes["snippets"])]
    assert len(named) == 3
    for path in named:
        json.loads((FOLDER / path).read_text(encoding="utf-8"))


def test_the_manifest_names_commands_that_the_source_registers_and_no_command_of_the_servers() -> None:
    named = {item["command"] for item in MANIFEST["contributes"]["commands"]}
    assert set(re.findall(r'"(dreamrunner\.\w+)": \([\w, ]*\) =>', SOURCES["extension.ts"])) == named
    assert SCENE_COMMAND not in named
    assert f'const SCENE_AT = "{SCENE_COMMAND}";' in SOURCES["server.ts"]
    [lenses] = re.findall(r"^const LENSES = \{\n(.*?)^\};", SOURCES["server.ts"], re.DOTALL | re.MULTILINE)
    own = dict(re.findall(r'^  (\w+): "(dreamrunner\.\w+)",$', lenses, re.MULTILINE))
    assert list(own) == list(COMMANDS) and set(own.values()) <= named and named.isdisjoint(COMMANDS.values())
    used = [*itertools.chain(*MANIFEST["contributes"]["menus"].values()), *MANIFEST["contributes"]["keybindings"]]
    assert {item["command"] for item in used} <= named


def test_the_source_reads_the_settings_that_the_manifest_declares() -> None:
    declared = {name.removeprefix("dreamrunner.") for name in MANIFEST["contributes"]["configuration"]["properties"]}
    read = set(re.findall(r'settings\(\)\.get<[^(]+>\("(\w+)"', "".join(SOURCES.values())))
    assert read == declared
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert restricted == {"dreamrunner.command", "dreamrunner.buildArguments"}


@pytest.mark.parametrize(
    "command",
    [
        ["lsp"],
        ["check", "a.story"],
        ["storyboard", "a.story"],
        ["takes", "a.story"],
        ["build", "a.story"],
        ["build", "a.story", "--scene", "garden"],
        ["preview", "--no-open", "a.story"],
    ],
    ids=" ".join,
)
def test_the_command_line_takes_what_the_extension_runs(command: list[str]) -> None:
    assert f'"{command[0]}"' in "".join(SOURCES.values())
    assert parser().parse_args(command).command


def test_no_process_is_run_through_a_shell() -> None:
    source = "".join(SOURCES.values())
    assert re.findall(r"\bspawn\(.*", source) == [
        "spawn(command, args, { cwd: folder, env, shell: false, windowsHide: true });"
    ]
    imported = re.findall(r'import \{(.+)\} from "node:child_process"', source)
    assert {name.split(" as ")[0].strip() for names in imported for name in names.split(",")} == {
        "ChildProcessWithoutNullStreams",
        "spawn",
    }
    assert not re.search("createTerminal|ShellExecution|ProcessExecution", source)


def test_every_token_of_the_server_has_the_scope_of_the_grammar() -> None:
    [mapping] = MANIFEST["contributes"]["semanticTokenScopes"]
    assert {name.partition(".")[0] for name in mapping["scopes"]} == set(semantic_tokens.TYPES)
    assert mapping["language"] == MANIFEST["contributes"]["languages"][0]["id"]


def test_the_extension_has_the_version_of_the_package_and_exact_versions_of_its_own() -> None:
    assert MANIFEST["version"] == dreamrunner.__version__
    for name, version in MANIFEST["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    assert MANIFEST["devDependencies"]["@types/vscode"] == MANIFEST["engines"]["vscode"].removeprefix("^")


def test_the_lock_file_names_no_host() -> None:
    lock = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert '"integrity": "sha512-' in lock


def expand(body: list[str], choice: int = 0) -> str:
    """A snippet as it stands when every stop is left as it is; of choices, one."""
    text = "\n".join(body)
    text = re.sub(r"\$\{\d+\|([^|]+)\|\}", lambda match: (match[1].split(",") * 20)[choice], text)
    return re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text).replace("$0", "")


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_text_of_the_language_in_its_layout(name: str) -> None:
    snippet = SNIPPETS[name]
    for choice in range(12):
        text = expand(snippet["body"], choice)
        assert "$" not in text
        kind = snippet["prefix"]
        if kind in ("lora", "voice", "music"):
            text = f'story "A"\n  {text}'
        elif kind in ("beat", "narration"):
            text = CAST + "\nscene garden\n" + "".join(f"  {line}\n" for line in text.rstrip("\n").split("\n"))
        elif kind in ("in", "takes"):
            text = f"{CAST}\nscene garden\n  {text}\n"
        elif kind.startswith(("at", "says", "enters", "leaves")):
            text = CAST + f"\nscene garden\n  witch\n    {text}\n"
        assert parse(text, Path("snippet.story")).diagnostics == ()
        assert (format_text(text, Path("snippet.story")).text or "").strip() == text.strip()


def test_snippets_offer_the_places_and_transitions_of_the_language() -> None:
    choices = [set(group.split(",")) for group in re.findall(r"\$\{\d+\|([^|]+)\|\}", json.dumps(SNIPPETS))]
    assert choices.count(set(PLACES)) == 2
    assert {"cut", "fade", "dissolve"} in choices


def test_the_client_has_the_pattern_of_a_name() -> None:
    [pattern] = re.findall(r"^const NAME = /\^(.*)\$/;$", SOURCES["server.ts"], re.MULTILINE)
    assert pattern == NAME.pattern
