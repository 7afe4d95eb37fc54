"""``import``: make a story of prose, and say what of it is left out."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import path_argument
from dreamrunner.cli.paths import STDIN
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import one_line, printable_line, shortened
from dreamrunner.files.wording import counted, reason
from dreamrunner.language.importing.decoding import NoText, text_of
from dreamrunner.language.importing.fountain import looks_like_fountain, read_fountain
from dreamrunner.language.importing.markdown import read_markdown
from dreamrunner.language.importing.plain import read_plain
from dreamrunner.language.importing.script import Left, Script
from dreamrunner.language.importing.speech import take_speech
from dreamrunner.language.importing.unseen import unseen_in
from dreamrunner.language.importing.writing import Written, write

READERS = {"text": read_plain, "markdown": read_markdown, "fountain": read_fountain}
_ENDINGS = {".txt": "text", ".md": "markdown", ".markdown": "markdown", ".fountain": "fountain", ".spmd": "fountain"}
_PLANS = (".jsonl", ".json")
LARGEST = 1_000_000
"""Bytes of a file of prose; a longer one is not read."""

MOST_SCENES = 2000
"""Scenes of a story that is made of prose."""

_SHOWN = 60  # letters of what is left out
_MOST_SHOWN = 40  # things that are left out, each on a line


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    help = "prose: plain text, Markdown or a Fountain screenplay (- for standard input); or published plans (.jsonl)"
    parser.add_argument("prose", type=path_argument, metavar="FILE", help=help)
    help = "the story's file, - for standard output (default: NAME.story here); for plans a folder"
    parser.add_argument("-o", "--out", type=path_argument, metavar="PATH", help=help)
    parser.add_argument(
        "--form", choices=tuple(READERS), help="what FILE is (default: told by its ending and its text)"
    )
    parser.add_argument("--encoding", metavar="NAME", help="its encoding, such as cp1251 (default: told by its bytes)")
    help = "leave what is said in the narrations (default: who says something in quotes becomes a character who speaks)"
    parser.add_argument("--no-speech", action="store_true", help=help)
    parser.add_argument("--declare", action="store_true", help="declare the characters that are only proposed else")


def run(arguments: Namespace) -> int:
    """Write the story, and tell what is left out."""
    source: Path = arguments.prose
    if source.suffix.lower() in _PLANS and arguments.form is None:
        return _plans(arguments)
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if source == STDIN else read_regular(source, LARGEST)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "it can't be opened"
        return output.refuse(f"{source} can't be read: {why}", STORY_ERROR)
    if len(raw) > LARGEST:
        return output.refuse(f"standard input is longer than {LARGEST:,} bytes; import it in parts", STORY_ERROR)
    try:
        text, encoding = text_of(raw, arguments.encoding)
    except NoText as error:
        return output.refuse(f"{source}: {error}", STORY_ERROR)
    form = arguments.form or _ENDINGS.get(source.suffix.lower(), "text")
    if arguments.form is None and form == "text" and looks_like_fountain(text):
        form = "fountain"
    script = READERS[form](text)
    script.left += unseen_in(text)
    creatures = _creatures()
    if form != "fountain" and not arguments.no_speech:
        take_speech(script, creatures)
    if not script.parts:
        return output.refuse(f"{source} has no prose in it", STORY_ERROR)
    if len(script.parts) > MOST_SCENES:
        why = f"it would be {len(script.parts):,} scenes, and {MOST_SCENES:,} are the most; import it in parts"
        return output.refuse(f"{source}: {why}", STORY_ERROR)
    written = write(script, source.name, creatures=creatures, declare=arguments.declare)
    target = arguments.out or Path(f"{source.stem if source != STDIN else 'story'}.story")
    if target == STDIN:
        output.document(written.text)
    elif (refused := _put(target, written.text)) is not None:
        return refused
    if encoding not in ("utf-8", arguments.encoding):
        _tell(source, 1, f"read as {encoding}; --encoding names another one")
    _tell_all(source, script, written, declared=arguments.declare)
    if target != STDIN:
        output.result(target)
    return DONE


def _plans(arguments: Namespace) -> int:
    """Published plans, as `plan --import` takes them."""
    if arguments.encoding is not None or arguments.declare or arguments.no_speech:
        return output.refuse("--encoding, --declare and --no-speech are for prose, not for plans", USAGE_ERROR)
    if arguments.out is None:
        return output.refuse("published plans need a folder to write to (-o DIR)", USAGE_ERROR)
    from dreamrunner.cli import exchange

    return exchange.import_plans(Namespace(import_plans=arguments.prose, out=arguments.out))


def _creatures() -> Sequence[str]:
    """Words for whom prose may be about that has no name: those of the model that comes with the package."""
    from dreamrunner.backbones.errors import BackboneError
    from dreamrunner.backbones.table import DEFAULT_MODEL
    from dreamrunner.backbones.vocabulary import vocabulary_of

    try:
        known = vocabulary_of(DEFAULT_MODEL)
    except BackboneError:
        return ()
    return known.words.characters if known is not None else ()


def _put(target: Path, text: str) -> int | None:
    """Write the story; the exit code where it can't be, or another one is there."""
    from dreamrunner.files.in_place import replace_text

    try:
        if target.exists() and (target.is_dir() or read_regular(target, LARGEST) != text.encode()):
            why = "it is left as it is; name another one with -o"
            return output.refuse(f"{target} is there already and says something else: {why}", STORY_ERROR)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_text(target, text if target.exists() else None, text)
    except OSError as error:
        return output.refuse(f"{target} can't be written: {reason(error)}", STEP_FAILED)
    return None


def _tell_all(source: Path, script: Script, written: Written, *, declared: bool) -> None:
    """What is left out, each with its line; who is proposed; and the sum."""
    left = sorted(script.left, key=lambda item: item.line)
    for item in left[:_MOST_SHOWN]:
        _tell(source, item.line, _said(item))
    if len(left) > _MOST_SHOWN:
        output.say(f"... and {len(left) - _MOST_SHOWN} more")
    for item in script.notes[:_MOST_SHOWN]:
        _tell(source, item.line, _noted(item))
    if len(script.notes) > _MOST_SHOWN:
        output.say(f"... and {len(script.notes) - _MOST_SHOWN} more of what is said")
    for each in written.proposed:
        how = "declared" if declared else "proposed as a comment"
        _tell(source, each.line, f"{each.name} is named {counted(each.count, 'time')}: {how}")
    who = f", {counted(len(written.characters), 'character')} with something to say" if written.characters else ""
    output.say(f"{counted(written.scenes, 'scene')}{who}; {counted(len(left), 'thing')} left out")
    if written.proposed and not declared:
        output.say("take the # away from whom the story needs, and say how they look; --declare declares all")


def _noted(item: Left) -> str:
    return f"{item.what}: {shortened(one_line(item.words), _SHOWN)}"


def _said(item: Left) -> str:
    words = shortened(one_line(item.words), _SHOWN)
    return f"left out: {item.what}{f': {words}' if words else ''}"


def _tell(source: Path, line: int, what: str) -> None:
    output.say(printable_line(f"{source}:{line}: {what}"))
