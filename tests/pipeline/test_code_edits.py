"""Which kinds of task an edit of this package's own code makes be done again: those whose makers depend on it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dreamrunner.backbones import DEFAULT_MODEL, describe
from dreamrunner.checking.drawn import DrawnWatcher
from dreamrunner.checking.drawn_second import SecondWatcher
from dreamrunner.checking.open_vocabulary import OpenVocabularyWatcher
from dreamrunner.engine import software
from dreamrunner.engine.software import NO_CODE, code_digest, import_closure
from dreamrunner.pipeline.adapters.makers.motion import LearnMotion
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.makers.subject import LearnSubject
from dreamrunner.pipeline.tasks.makers.check import CheckScene
from dreamrunner.pipeline.tasks.makers.cut import CutScene
from dreamrunner.pipeline.tasks.makers.encode import EncodeScene
from dreamrunner.pipeline.tasks.makers.fit import FitSpeech
from dreamrunner.pipeline.tasks.makers.join import JoinParts
from dreamrunner.pipeline.tasks.makers.play import PlayMusic
from dreamrunner.pipeline.tasks.makers.render import RenderScene
from dreamrunner.pipeline.tasks.makers.speak import SpeakScene
from dreamrunner.pipeline.tasks.makers.storyboard import DrawStoryboard
from dreamrunner.speech import EspeakVoice, PiperVoice, PitchedVoice, ServerVoice
from tests.material.sources import PACKAGE, Edit, code, comment, edited, say

FAMILY = describe(DEFAULT_MODEL).family_modules
"""What makes with a model depends on the code of its family, too."""

MAKERS = {
    "check": (CheckScene, DrawnWatcher),
    "check by OWLv2": (CheckScene, OpenVocabularyWatcher),
    "check by drawings": (CheckScene, SecondWatcher),
    "cut": (CutScene,),
    "encode": (EncodeScene,),
    "fit": (FitSpeech,),
    "join": (JoinParts,),
    "play": (PlayMusic,),
    "render": (RenderScene, *FAMILY),
    "retrieve": (Search,),
    "speak": (SpeakScene, PiperVoice),
    "speak higher": (SpeakScene, PitchedVoice, PiperVoice),
    "speak on a server": (SpeakScene, ServerVoice),
    "speak with espeak": (SpeakScene, EspeakVoice),
    "storyboard": (DrawStoryboard,),
    "train-motion": (LearnMotion, *FAMILY),
    "train-subject": (LearnSubject, *FAMILY),
}
CHECKS = ["check", "check by OWLv2", "check by drawings"]
SPEAKING = ["speak", "speak higher", "speak on a server", "speak with espeak"]
TRAININGS = ["train-motion", "train-subject"]

EDITS: dict[str, tuple[str, Edit, list[str]]] = {
    # what changes no result
    "a comment": ("rendering/sampling.py", comment, []),
    "a docstring": ("rendering/renderer.py", say('"""', '"""In other words: '), []),
    "a docstring of an attribute": ("film/encode.py", say('"""Frames lower than', '"""Frames that are lower than'), []),
    "a help text": ("cli/commands/build.py", say('help="', 'help="in other words: '), []),
    "what the terminal shows": ("cli/console/bars.py", code, []),
    "how messages count and say why": ("files/wording.py", code, []),
    "how did-you-mean is computed": ("files/spelling.py", code, []),
    "a new file that nothing imports": ("rendering/unrelated.py", code, []),
    "a new folder that nothing imports": ("unrelated.py", code, []),
    "the number of a release": ("version.py", code, []),
    "the engine": ("engine/run.py", code, []),
    "how tasks are put together": ("pipeline/tasks/film.py", code, []),
    "what chooses LoRAs": ("pipeline/adapters/resolve.py", code, []),
    "the planner": ("planning/fill.py", code, []),
    "the reader of stories": ("language/parsing/parser.py", code, []),
    "what lowers a scene to regions, whose values are read": ("regions/lowering.py", code, []),
    "the storyboard's page": ("film/storyboard_page.py", code, []),
    "the page's script": ("film/page/storyboard.js", code, []),
    "a front door": ("film/__init__.py", code, []),
    "another family of models": ("backbones/families/another.py", code, []),
    "another model's row": ("backbones/families/cogvideox_rows.py", say("guidance=9.0", "guidance=8.0"), []),
    "another model's recipe": ("backbones/families/cogvideox_rows.py", say("steps=360", "steps=400"), []),
    "another model's shape": ("backbones/families/cogvideox_rows.py", say('"num_layers": 42', '"num_layers": 43'), []),
    "another model's memory": ("backbones/families/cogvideox_rows.py", say("decoding=15.9", "decoding=16.0"), []),
    "a new model of a family": ("backbones/families/cogvideox_rows.py", say("ROWS = (", "ROWS = (UNKNOWN, "), []),
    "how many frames a second models learn": ("backbones/families/cogvideox_rows.py", say("rate=8.0", "rate=9.0"), []),
    "the table of models": ("backbones/table.py", code, []),
    "what finds a model": ("backbones/describing.py", code, []),
    "what looks into a model's folder": ("backbones/folder.py", code, []),
    "the hub's download": ("backbones/hub.py", code, []),
    "what finds a GPU": ("backbones/device.py", code, []),
    "how far a download is": ("backbones/downloading.py", code, []),
    "whether a GPU can compute": ("backbones/fitness.py", code, []),
    "the rule of attention's forms, whose choice is read": ("rendering/forms.py", code, []),
    "writing a file whole": ("files/atomic.py", code, []),
    "opening regular files": ("files/regular.py", code, []),
    "hashes": ("files/digest.py", code, []),
    "places": ("files/paths.py", code, []),
    "how often a server is asked": ("servers/retrying.py", code, []),
    "a look at a training": ("priors/training_preview.py", code, []),
    "reading others' LoRAs": ("priors/adapters.py", code, []),
    "which photos can be used": ("priors/photos.py", code, []),
    "which clips can be used": ("datasets/clips.py", code, []),
    "the checked story": ("language/story.py", code, []),
    "errors of stories": ("language/diagnostics.py", code, []),
    # what makes
    "a family of models": ("backbones/families/cogvideox.py", code, ["render", *TRAININGS]),
    "what draws the storyboard": ("film/storyboard.py", code, ["storyboard"]),
    "what joins": ("film/joining.py", code, ["join"]),
    "what cuts": ("film/cutting.py", code, ["cut"]),
    "what writes into the picture": ("film/burning.py", code, ["cut"]),
    "what encodes, and says how large": ("film/encode.py", code, ["cut", "encode"]),
    "what renders": ("rendering/renderer.py", code, ["render"]),
    "region attention": ("rendering/attention.py", code, ["render"]),
    "frames": ("rendering/frames.py", code, [*CHECKS, "encode", "render", "storyboard"]),
    "how films are marked": ("checking/verdict.py", code, CHECKS),
    "the miniature's watcher": ("checking/drawn.py", code, ["check", "check by drawings"]),
    "the second edition's watcher": ("checking/drawn_second.py", code, ["check by drawings"]),
    "what the second edition's judge draws": ("miniature/second/likeness.py", code, ["check by drawings"]),
    "OWLv2 as a watcher": ("checking/open_vocabulary.py", code, ["check by OWLv2"]),
    "what is told of marks": ("checking/said.py", code, ["storyboard"]),
    "what learns a motion": ("priors/motion.py", code, ["train-motion"]),
    "what learns a character": ("priors/subject.py", code, ["train-subject"]),
    "what learns": ("priors/training.py", code, TRAININGS),
    "what writes a LoRA": ("priors/saving.py", code, TRAININGS),
    "what reads clips for a model": ("priors/clips.py", code, ["train-motion"]),
    "what fits photos to a model": ("priors/fitting.py", code, ["train-subject"]),
    "what opens pictures": ("datasets/image_file.py", code, ["check by OWLv2", "train-subject"]),
    "what decodes videos": ("datasets/video.py", code, [*CHECKS, "retrieve", "train-motion"]),
    "tables of clips": ("datasets/tables.py", code, ["retrieve"]),
    "checkpoints": ("files/checkpoint.py", code, ["render", *TRAININGS]),
    "what loads a model": ("backbones/loading.py", code, ["render", *TRAININGS]),
    "heads of LoRA files": ("backbones/header.py", code, ["render"]),
    "plans": ("planning/plan.py", code, [*CHECKS, "cut", "join", "play", "storyboard"]),
    "how times add up": ("film/timeline.py", code, ["cut", "join", "play"]),
    "subtitles": ("film/subtitles.py", code, ["cut", "join"]),
    "the film's track": ("film/soundtrack.py", code, ["join", "play"]),
    "what is said when": ("film/turns.py", code, ["cut", "fit", "join", "play"]),
    "how long a line takes": ("language/sound/speaking.py", code, ["cut", "fit", "join", "play"]),
    "music": ("film/music.py", code, ["play"]),
    "which voices there are": ("language/sound/voices.py", code, []),
    "sound files": ("film/sound.py", code, ["cut", "fit", "join", "play", *SPEAKING]),
    "what searches": ("retrieval/retrieve.py", code, ["retrieve"]),
    "Piper": ("speech/piper.py", code, ["speak", "speak higher"]),
    "espeak-ng": ("speech/espeak.py", code, ["speak with espeak"]),
    "pitch": ("speech/pitched.py", code, ["speak higher"]),
    "the speech server": ("speech/server.py", code, ["speak on a server"]),
    # makers
    "the maker of parts": ("pipeline/tasks/makers/cut.py", code, ["cut"]),
    "the maker of scenes' films": ("pipeline/tasks/makers/encode.py", code, ["encode"]),
    "the maker of fitted speech": ("pipeline/tasks/makers/fit.py", code, ["fit"]),
    "the maker of films": ("pipeline/tasks/makers/join.py", code, ["join"]),
    "the maker of frames": ("pipeline/tasks/makers/render.py", code, ["render"]),
    "the maker of speech": ("pipeline/tasks/makers/speak.py", code, SPEAKING),
    "the maker of storyboards": ("pipeline/tasks/makers/storyboard.py", code, ["storyboard"]),
    "the maker of searches": ("pipeline/adapters/makers/retrieve.py", code, ["retrieve"]),
    "the maker of motions": ("pipeline/adapters/makers/motion.py", code, ["train-motion"]),
    "the maker of characters": ("pipeline/adapters/makers/subject.py", code, ["train-subject"]),
    "what both trainings share": ("pipeline/adapters/makers/training.py", code, TRAININGS),
}


def digests() -> dict[str, str]:
    return {kind: code_digest(*makers) for kind, makers in MAKERS.items()}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_code_makes_these_kinds_be_made_again(
    edit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, change, expected = EDITS[edit]
    before = digests()
    monkeypatch.setattr(software, "PACKAGE", edited(tmp_path / "dreamrunner", file, change))
    assert [kind for kind, digest in digests().items() if digest != before[kind]] == expected


def modules() -> list[str]:
    """Every module that some result depends on."""
    makers = {maker for each in MAKERS.values() for maker in each}
    names = {maker if isinstance(maker, str) else maker.__module__ for maker in makers}
    return sorted(frozenset().union(*map(import_closure, names)))


def source(module: str) -> ast.Module:
    place = PACKAGE.joinpath(*module.split(".")[1:])
    file = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
    return ast.parse(file.read_bytes())


def test_nothing_that_makes_a_result_imports_what_a_closure_cannot_see() -> None:
    unseen = set()
    for module in modules():
        called = {ast.unparse(node.func) for node in ast.walk(source(module)) if isinstance(node, ast.Call)}
        if called & {"import_module", "importlib.import_module", "__import__", "exec", "eval"}:
            unseen.add(module)
    assert not unseen


def test_what_is_left_out_of_closures_is_there_and_says_why() -> None:
    for name, reason in NO_CODE.items():
        assert PACKAGE.joinpath(*name.split(".")).with_suffix(".py").is_file() and reason, name


def test_values_that_are_left_out_of_closures_are_read_where_keys_hold_them() -> None:
    """In the module that lists them no function reads them: what does is the table, which is no code of any result."""
    for module in modules():
        tree = source(module)
        listed = [node for node in tree.body if isinstance(node, ast.Assign) and name_of(node.targets[0]) == "IN_KEYS"]
        names = {value for node in listed for value in ast.literal_eval(node.value)}
        assert module.removesuffix("_rows") in FAMILY or not names
        defined = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        functions = [node for top in defined for node in ast.walk(top) if isinstance(node, ast.FunctionDef)]
        assert not names & {name_of(node) for function in functions for node in ast.walk(function)}, module


FILES_OF_THEIR_OWN = {
    "dreamrunner.film.typeface": "the font of burnt subtitles, which stands in the key of a part with subtitles",
    "dreamrunner.retrieval.models": "weights that look at clips, which stand in a search's key by content",
    "dreamrunner.checking.drawn": "the watcher's key holds its weights and its words",
    "dreamrunner.checking.drawn_second": "the watcher's key holds its weights and its words",
    "dreamrunner.backbones.vocabulary": "the watcher's key holds its words",
    "dreamrunner.miniature.judge": "the watcher's key holds its weights",
    "dreamrunner.miniature.second.judge": "the watcher's key holds its weights",
}


def test_what_makes_a_result_reads_no_file_of_the_package_that_is_not_in_its_key() -> None:
    named = {module: {name_of(node) for node in ast.walk(source(module))} for module in modules()}
    places = {"__file__", "MINIATURE_WEIGHTS", "SECOND_WEIGHTS", "BUNDLED"}
    reading = {module for module, names in named.items() if names & places}
    assert reading == set(FILES_OF_THEIR_OWN)


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_front_doors_that_are_left_out_of_closures_only_hand_on_names() -> None:
    doors = {module.rpartition(".")[0] for module in modules()}
    while above := {door.rpartition(".")[0] for door in doors} - doors - {""}:
        doors |= above
    for door in doors:
        for node in source(door).body:
            handed_on = isinstance(node, (ast.Import, ast.ImportFrom))
            told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            listed = isinstance(node, ast.Assign) and isinstance(
                node.value, (ast.Dict, ast.DictComp, ast.List, ast.Tuple)
            )
            listed = listed or (isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("list("))
            typed = ast.unparse(node) == "TYPE_CHECKING = False"
            typed = typed or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
            late = isinstance(node, ast.FunctionDef) and node.name in ("__getattr__", "__dir__")
            assert handed_on or told or listed or typed or late, f"{door}: {ast.unparse(node)}"
