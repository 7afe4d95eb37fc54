"""What beginners write: each mistake is told once, and the fix that is suggested works when it is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.lookalikes import plain
from dreamrunner.language.parsing.parser import parse
from tests.material.mending import FILE, errors, fixed, told_once, told_without_fix

CAST = 'character witch "a witch"\ncharacter cat "a cat"\n'


HEADS = {
    "a blank": ('character Mary Jane "a girl"', 'character Mary-Jane "a girl"'),
    "a blank before a property": ('character Mary Jane looks "a girl"', 'character Mary-Jane looks "a girl"'),
    "a blank and nothing else": ("character Mary Jane", "character Mary-Jane"),
    "quotes": ('character "Mary Jane" "a girl"', 'character Mary-Jane "a girl"'),
    "quotes round one word": ('character "Mary" "a girl"', 'character Mary "a girl"'),
    "an accent": ('character Zo\u00eb "a girl"', 'character Zoe "a girl"'),
    "many accents": ('prop cr\u00e8me-br\u00fbl\u00e9e "a dessert"', 'prop creme-brulee "a dessert"'),
    "letters without a part": ('character S\u00f8ren "a man"', 'character Soren "a man"'),
    "an apostrophe": ('character O\'Brien "a man"', 'character OBrien "a man"'),
    "a curly apostrophe": ('character O\u2019Brien "a man"', 'character OBrien "a man"'),
    "a dot": ('character Dr.Who "a man"', 'character Dr-Who "a man"'),
    "a dot and a blank": ('character Dr. Who "a man"', 'character Dr-Who "a man"'),
    "a digit first": ('character 3cats "three cats"', 'character character-3cats "three cats"'),
    "Chinese": ('character \u5973\u5deb "a witch"', 'character character-1 "a witch"'),
    "Cyrillic": ('character \u0432\u0435\u0434\u044c\u043c\u0430 "a witch"', 'character character-1 "a witch"'),
    "Arabic": ('character \u0633\u0627\u062d\u0631\u0629 "a witch"', 'character character-1 "a witch"'),
    "a picture": ('character \U0001f9d9 "a witch"', 'character character-1 "a witch"'),
    "a picture of several": ('character \U0001f9d9\u200d\u2640\ufe0f "a witch"', 'character character-1 "a witch"'),
    "a number for a scene": ("scene 1", "scene scene-1"),
    "a number before a scene's name": ("scene 01-intro", "scene scene-01-intro"),
    "a title for a scene": ("scene The garden at night", "scene The-garden-at-night"),
    "a title in quotes": ('scene "The garden at night"', "scene The-garden-at-night"),
    "a number and a title": ("scene 1: The garden", "scene scene-1-The-garden"),
    "a Chinese scene": ("scene \u82b1\u56ed", "scene scene-1"),
    "a motion of several words": ("motion stirring a pot", "motion stirring-a-pot"),
    "an accent of its own": ('character Zoe\u0308 "a girl"', 'character Zoe "a girl"'),
    "a letter that looks like ours": ('character w\u0456tch "a witch"', 'character witch "a witch"'),
    "two alphabets": ('character witch\u5973 "a witch"', 'character witch "a witch"'),
    "a line first": ('character _witch "a witch"', 'character witch "a witch"'),
    "a dash first": ('character -witch "a witch"', 'character witch "a witch"'),
    "brackets": ('character witch(old) "a witch"', 'character witch-old "a witch"'),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_name_that_is_none_gets_one(case: str) -> None:
    wrong, right = HEADS[case]
    found = told_once(wrong + "\n")
    assert found.code == "bad-name"
    name = right.split(" ")[1]
    assert found.help.endswith(f": `{name}`")
    assert fixed(wrong + "\n", found) == right + "\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("w\u0456tch", "`\u0456` is a cyrillic small letter"),
        ("\u5973\u5deb", "letters a to z"),
        ("Zo\u00eb", "letters a to z"),
        ("Mary Jane", "one word"),
        ("7up", "starts"),
    ],
)
def test_why_it_is_none(name: str, reason: str) -> None:
    assert reason in told_once(f'character {name} "somebody"\n').help


@pytest.mark.parametrize("name", ["Mary Jane", "Zo\u00eb", "\u0432\u0435\u0434\u044c\u043c\u0430", "O'Brien"])
def test_a_name_that_is_none_is_one_mistake_with_all_its_uses(name: str) -> None:
    text = f'character {name} "a girl"\n\nscene one\n  {name} walking 0s..3s\n    at 1s left\n  {name} waving 3s..6s\n'
    found = told_once(text)
    assert [place.line for _, place in found.related] == [4, 6]
    mended = fixed(text, found)
    assert name not in mended and errors(mended) == []
    assert len(check_text(mended, FILE).story.scenes[0].beats) == 2


def test_a_name_with_a_letter_that_looks_like_ours_is_known_without_it() -> None:
    assert told_once('character w\u0456tch "a witch"\n\nscene one\n  witch walking\n').location.line == 1


def test_two_names_of_other_letters_get_two_names() -> None:
    text = 'character \u5973\u5deb "a witch"\ncharacter \u732b "a cat"\n\nscene one\n  \u732b walking\n'
    for _ in range(2):
        text = fixed(text, errors(text)[0])
    assert errors(text) == []


SCENES = {
    "two with and": ("witch and cat walking", "witch walking\n  cat walking"),
    "two with a comma": ("witch, cat hugging", "witch hugging\n  cat hugging"),
    "two with a sign": ("witch & cat walking 0s..3s", "witch walking 0s..3s\n  cat walking 0s..3s"),
    "two with articles": ("the witch and the cat are walking", "witch walking\n  cat walking"),
    "the motion first": ("walking witch", "witch walking"),
    "three": ("witch, cat, hugging", "witch hugging\n  cat hugging"),
    "two with with": ("witch with cat walking", "witch walking\n  cat walking"),
    "an article": ("the witch walking", "witch walking"),
    "an article and a verb": ("a witch is walking", "witch walking"),
    "a motion in other letters": ("witch gr\u00fc\u00dfen 0s..3s", "witch grussen 0s..3s"),
    "what is said": ('witch: "Hello"', 'witch\n    says "Hello"'),
    "what is said without quotes": ("witch says Hello", 'witch\n    says "Hello"'),
    "what is said behind a comma": ('witch shouts, "Hello"', 'witch\n    says "Hello"'),
    "what is said behind what is seen": ('witch walking "slowly" says "Hi" at 1s', None),
    "what is said by one who moves": ('witch waving says "Hi"', 'witch waving\n    says "Hi"'),
    "an article and a name": ("the witch", "witch"),
    "a verb": ("witch is walking", "witch walking"),
    "several words": ("witch stirring a pot 0s..3s", "witch stirring-a-pot 0s..3s"),
    "a comma before the motion": ("witch, walking", "witch walking"),
    "a colon": ("witch: walking", "witch walking"),
    "the span first": ("0s..3s witch walking", "witch walking 0s..3s"),
    "the span before the motion": ("witch 0s..3s walking", "witch walking 0s..3s"),
    "the text before the span": ('witch walking "slowly" 0s..3s', 'witch walking 0s..3s "slowly"'),
    "a text without quotes": ("witch walking 0s..3s A witch walks", 'witch walking 0s..3s "A witch walks"'),
    "a sentence": ("The witch walks.", 'narration "The witch walks."'),
    "a long sentence": ("the old witch goes into her garden to sing", None),
    "sentences": ("The witch walks.\n  The cat sleeps.", 'narration "The witch walks. The cat sleeps."'),
    "a span with a dash": ("witch walking 0s-3s", "witch walking 0s..3s"),
    "a span with one unit": ("witch walking 0-3s", "witch walking 0s..3s"),
    "a span with a long dash": ("witch walking 0s \u2013 3s", "witch walking 0s..3s"),
    "a span with an ellipsis": ("witch walking 0s\u20263s", "witch walking 0s..3s"),
    "a span with three dots": ("witch walking 0s...3s", "witch walking 0s..3s"),
    "a span with a sign": ("witch walking -1s..3s", "witch walking 1s..3s"),
    "a minute": ("duration 1m", "duration 60s"),
    "a span in words": ("witch walking from 0s to 3s", "witch walking 0s..3s"),
    "a span without units": ("witch walking 0..3", "witch walking 0s..3s"),
    "a span of clocks": ("witch walking 0:00-0:03", "witch walking 0s..3s"),
    "no unit": ("duration 6", "duration 6s"),
    "a unit apart": ("duration 6 s", "duration 6s"),
    "a clock": ("duration 0:06", "duration 6s"),
    "a long clock": ("duration 00:00:06", "duration 6s"),
    "milliseconds": ("duration 6000ms", "duration 6s"),
    "a unit in words": ("duration 6 seconds", "duration 6s"),
    "a unit in capitals": ("duration 6S", "duration 6s"),
    "a decimal comma": ("duration 1,5s", "duration 1.5s"),
    "a colon behind a word": ('narration: "The witch walks."', 'narration "The witch walks."'),
    "an equals sign": ("duration = 6s", "duration 6s"),
    "two at once": ("duration: 6", "duration 6s"),
    "a full stop": ("duration 6s.", "duration 6s"),
    "a semicolon": ("duration 6s;", "duration 6s"),
    "a capital": ('Narration "The witch walks."', 'narration "The witch walks."'),
    "a capital and a colon": ('Background: "a garden"', 'background "a garden"'),
    "no quotes": ("narration The witch walks.", 'narration "The witch walks."'),
    "quotes in quotes": ('narration "She says "Hi" to him."', r'narration "She says \"Hi\" to him."'),
    "quotes at the end": ('narration "She says "Hi.""', r'narration "She says \"Hi.\""'),
    "quotes in a beat": ('witch walking "She says "Hi" to him."', r'witch walking "She says \"Hi\" to him."'),
    "two properties": ('background "a" narration "b"', 'background "a"\n  narration "b"'),
    "a comment of C": ("// later", "# later"),
    "a comment behind": ("duration 6s // long", "duration 6s # long"),
    "a list": ('- narration "The witch walks."', 'narration "The witch walks."'),
    "bold": ('**narration** "The witch walks."', 'narration "The witch walks."'),
    "a transition's time": ("transition fade 0.5", "transition fade 0.5s"),
    "a side behind": ("witch enters left", "witch\n    enters left"),
    "a side behind the rest": (
        'witch walking 0s..3s "a witch" leaves right',
        'witch walking 0s..3s "a witch"\n    leaves right',
    ),
    "a side before the rest": ("witch walking enters from the left 0s..3s", "witch walking 0s..3s\n    enters left"),
    "a transition in quotes": ('transition "fade"', "transition fade"),
}


@pytest.mark.parametrize("case", SCENES)
def test_a_line_of_a_scene_that_was_meant_otherwise(case: str) -> None:
    wrong, right = SCENES[case]
    text = f"{CAST}\nscene one\n  {wrong}\n"
    found = told_once(text)
    assert found.location.line == 5
    mended = fixed(text, found)
    assert errors(mended) == []
    if right is not None:
        assert mended == f"{CAST}\nscene one\n  {right}\n"
        assert found.help.endswith(("`", "?"))


def test_prose_beside_a_narration_becomes_a_note() -> None:
    text = f'{CAST}\nscene one\n  narration "The witch walks."\n  The cat sleeps.\n'
    mended = fixed(text, told_once(text))
    assert mended.endswith("  # The cat sleeps.\n") and errors(mended) == []


def test_everybody_says_what_is_theirs() -> None:
    text = f'{CAST}\nscene one\n  narration "At night."\n  witch: "Hello"\n  cat: "Miaow"\n'
    for _ in range(2):
        text = fixed(text, errors(text)[0])
    assert text.endswith('  witch\n    says "Hello"\n  cat\n    says "Miaow"\n') and errors(text) == []


def test_what_is_said_by_nobody_belongs_under_a_beat() -> None:
    (found,) = errors(f'{CAST}\nscene one\n  witch\n  says "Hello"\n')
    assert (found.code, found.help) == ("misplaced", "`says` belongs in a beat")


KEY_FRAMES = {
    "a side with an article": ("enters from the left", "enters left"),
    "a side with a word": ("leaves to right", "leaves right"),
    "per cent": ("at 1s [10% 20% 50% 90%]", "at 1s [0.1 0.2 0.5 0.9]"),
    "per cent with commas": ("at 1s [10%, 20%, 50%, 90%]", "at 1s [0.1 0.2 0.5 0.9]"),
    "whole numbers": ("at 1s [10 20 50 90]", "at 1s [0.1 0.2 0.5 0.9]"),
    "decimal commas": ("at 1s [0,1 0,2 0,5 0,9]", "at 1s [0.1 0.2 0.5 0.9]"),
    "semicolons": ("at 1s [0.1; 0.2; 0.5; 0.9]", "at 1s [0.1 0.2 0.5 0.9]"),
    "round brackets": ("at 1s (0.1, 0.2, 0.5, 0.9)", "at 1s [0.1 0.2 0.5 0.9]"),
    "no brackets": ("at 1s 0.1 0.2 0.5 0.9", "at 1s [0.1 0.2 0.5 0.9]"),
    "the place first": ("at left 1s", "at 1s left"),
    "no at": ("1s left", "at 1s left"),
    "two words": ("at 1s top left", "at 1s top-left"),
    "words between": ("at 1s on the left", "at 1s left"),
    "no unit": ("at 1 left", "at 1s left"),
    "a clock": ("at 0:01 left", "at 1s left"),
    "a colon": ("at 1s: left", "at 1s left"),
    "a capital": ("At 1s left", "at 1s left"),
}


def test_a_moment_in_per_cent_is_no_second() -> None:
    (found,) = errors(f"{CAST}\nscene one\n  witch walking\n    at 50% [0.1 0.2 0.5 0.9]\n")
    assert not found.fix and "times are in seconds" in found.help


@pytest.mark.parametrize("case", KEY_FRAMES)
def test_a_key_frame_that_was_meant_otherwise(case: str) -> None:
    wrong, right = KEY_FRAMES[case]
    text = f"{CAST}\nscene one\n  witch walking\n    {wrong}\n"
    mended = fixed(text, told_once(text))
    assert mended == f"{CAST}\nscene one\n  witch walking\n    {right}\n"
    assert errors(mended) == []


TOP = {
    "a title without quotes": ("story A Witch's Day\n", 'story "A Witch\'s Day"\n'),
    "a capital": ("Scene garden\n", "scene garden\n"),
    "all capitals": ("SCENE garden\n", "scene garden\n"),
    "a capital and a colon": ("Scene garden:\n", "scene garden\n"),
    "a colon": ("scene: garden\n", "scene garden\n"),
    "looks without quotes": ("character owl a grey owl\n", 'character owl "a grey owl"\n'),
    "a dash between": ('character owl \u2014 "an owl"\n', 'character owl "an owl"\n'),
    "an equals sign": ('character owl = "an owl"\n', 'character owl "an owl"\n'),
    "looks before the name": ('character "an owl" owl\n', 'character owl "an owl"\n'),
    "a word too many": ("the scene garden\n", "scene garden\n"),
    "bold": ('**character** owl "an owl"\n', 'character owl "an owl"\n'),
    "a list": ('- character owl "an owl"\n', 'character owl "an owl"\n'),
    "a size with blanks": ('story "A"\n  size 720 x 480\n', 'story "A"\n  size 720x480\n'),
    "a size with a star": ('story "A"\n  size 720*480\n', 'story "A"\n  size 720x480\n'),
    "a model with a dot": ('story "A"\n  planner gpt-4.1\n', 'story "A"\n  planner "gpt-4.1"\n'),
    "a style without quotes": ('story "A"\n  style oil painting\n', 'story "A"\n  style "oil painting"\n'),
    "a brace": ("scene garden {\n", "scene garden\n"),
    "a fence": ("```story\nscene garden\n", "\nscene garden\n"),
    "a name alone": ('garden\n  narration "The owl sleeps."\n', 'scene garden\n  narration "The owl sleeps."\n'),
}


@pytest.mark.parametrize("case", TOP)
def test_a_line_in_the_first_column_that_was_meant_otherwise(case: str) -> None:
    wrong, right = TOP[case]
    found = told_once(wrong)
    assert fixed(wrong, found) == right
    assert errors(right) == []


LOST = {
    "before a scene": ('  looks "an owl"\n  images "x.py"\nscene one\n  narration "It rains."\n', "character", 2),
    "below a character": (CAST + '\n  background "a garden"\n  narration "It rains."\n  witch walking\n', "scene", 3),
    "above everything": ('  background "a garden"\n  narration "It rains."\nscene two\n', "scene", 2),
    "in the first column": ('background "a garden"\nnarration "It rains."\n', "scene", 2),
    "of a story": ('  topic "a day"\n  style "oil"\n  seed 1\nscene one\n', "story", 3),
    "of a character": ('story "A"\n  topic "a day"\n\n  looks "an owl"\n  images "x.py"\n', "character", 2),
    "of a motion": ('character owl "an owl"\n  query "a person flies"\n  clips "x.mp4"\n', "motion", 2),
    "commented out": (CAST + '## scene one\n  narration "It rains."\n  witch walking\n', "scene", 2),
}


@pytest.mark.parametrize("case", LOST)
def test_lines_whose_header_is_lost_are_told_once(case: str) -> None:
    text, kind, count = LOST[case]
    found = told_once(text)
    assert found.message == f"these {count} lines belong to a {kind}: its header is missing"
    assert [item.code for item in errors(fixed(text, found)) if item.code != "no-match"] == []


FORMS = {
    "INT. KITCHEN - DAY\n\nThe WITCH stirs a pot.\n\nCUT TO:\n": "a screenplay is no story file",
    "Title: The Witch\nAuthor: somebody\n\nEXT. GARDEN - NIGHT\n": "a screenplay is no story file",
    "FADE IN:\n\nEXT. GARDEN - NIGHT\n": "a screenplay is no story file",
    '{"story": "A", "scenes": [{"name": "garden"}]}\n': "another language",
    "<p>scene garden</p>\n": "another language",
    "Once upon a time there was a witch.\n\nShe had a cat.\n": "prose stands in quotes",
    '- witch walking\n- narration "It rains."\n': "take the signs before the lines away",
    "1. the witch walks\n2. the cat sleeps\n": "take the signs before the lines away",
    'actor witch "a witch"\n': "starts with `story`",
}


@pytest.mark.parametrize("text", FORMS)
def test_a_text_of_another_kind_is_told_once_what_to_do_with_it(text: str) -> None:
    (found,) = errors(text)
    assert found.code == "unknown-block" and FORMS[text] in found.help


def test_a_header_of_a_story_without_its_title_is_not_filled_with_signs() -> None:
    assert told_without_fix("story:\n").help == 'put the text in double quotes: "..."'


def test_lines_of_a_story_in_a_scene_are_told_once() -> None:
    (found,) = errors('scene one\n  narration "It rains."\n  topic "rain"\n  style "oil"\n')
    assert found.message == "these 2 lines belong to a story: its header is missing"


LOOKALIKES = {
    "no-break spaces": ('scene one\n\u00a0\u00a0narration\u00a0"x"\n', "no-break space (U+00A0)"),
    "wide spaces": ('scene one\n\u3000\u3000narration "x"\n', "ideographic space (U+3000)"),
    "a space without width": ('character wit\u200bch "a"\nscene one\n  witch\n', "zero width space (U+200B)"),
    "one at the start": ('\u200bscene one\n  narration "x"\n', "zero width space (U+200B)"),
    "a byte order mark inside": ('scene one\n\ufeff  narration "x"\n', "zero width no-break space (U+FEFF)"),
    "a soft hyphen": ('character wit\u00adch "a"\nscene one\n  witch\n', "soft hyphen (U+00AD)"),
    "a direction": ('scene one\n  \u200enarration "x"\n', "left-to-right mark (U+200E)"),
    "curly quotes": ('scene one\n  narration \u201cThe witch\u2019s "cat".\u201d\n', "`\u201c` is no quote"),
    "German quotes": ("scene one\n  narration \u201eEs regnet.\u201c\n", "`\u201e` is no quote"),
    "guillemets": ("scene one\n  narration \u00abIl pleut.\u00bb\n", "`\u00ab` is no quote"),
    "corner brackets": ("scene one\n  narration \u300c\u96e8\u300d\n", "`\u300c` is no quote"),
    "single quotes": ("scene one\n  narration 'The witch's cat.'\n", "`'` is no quote"),
    "single quotes twice": ("scene one\n  narration ''The witch's cat.''\n", "`'` is no quote"),
    "quotes of TeX": ("scene one\n  narration ``The witch's cat.''\n", "``` is no quote"),
    "three single quotes": ("scene one\n  narration '''\n    It rains.\n    '''\n", "`'` is no quote"),
    "a curly quote at the end": ('scene one\n  narration "It rains.\u201d\n', "`\u201d` is no quote"),
    "three curly quotes": (
        "scene one\n  narration \u201c\u201c\u201c\n    It rains.\n    \u201d\u201d\u201d\n",
        "`\u201c`",
    ),
    "curly quotes over lines": ("scene one\n  narration \u201cIt\n    rains.\u201d\n", "`\u201c` is no quote"),
    "full-width letters": ("scene one\n  duration \uff16\uff53\n", "fullwidth digit six (U+FF16)"),
}


@pytest.mark.parametrize("case", LOOKALIKES)
def test_what_looks_like_the_language_is_named_and_formatting_mends_it(case: str) -> None:
    text, named = LOOKALIKES[case]
    found = told_once(text)
    assert found.code == "lookalike" and named in found.message
    assert "dreamrunner fmt" in found.help
    formatted = format_text(text, FILE).text
    assert formatted is not None and errors(formatted) == []
    assert format_text(fixed(text, found), FILE).text == formatted


def test_in_texts_and_comments_they_are_what_was_written() -> None:
    text = "scene one # \u201ca\u201d\u00a0b\n  narration \"\u201cHi\u201d\u00a0\u2014\u200d\uff01 it's 'so'\"\n"
    assert plain(text).text == text
    assert parse(text, FILE).diagnostics == ()


def test_places_are_those_in_the_file() -> None:
    text = 'character wit\u200bch \u201ca \u201cx" looks\nscene one\n\u00a0\u00a0duration \u200b 0:06\n'
    item = next(item for item in errors(text) if item.code == "syntax" and item.location.line == 3)
    place = item.location
    line = text.split("\n")[place.line - 1]
    assert line[place.column - 1 :].startswith("0")


def test_what_is_said_is_no_motion() -> None:
    checked = check_text(f'{CAST}\nscene one\n  witch says "Hi"\n  cat\n', FILE)
    (found,) = checked.diagnostics
    assert (found.code, found.severity) == ("speech", "warning")
    assert found.help == 'what is said stands under the beat of who says it: `says "Hi"`'
    text = f'{CAST}\nscene one\n  witch says 0s..2s "Hi" # loud\n    at 0s left\n  cat\n'
    mended = fixed(text, *check_text(text, FILE).diagnostics)
    assert '  witch 0s..2s\n    says "Hi" # loud\n    at 0s left\n' in mended
    assert check_text(mended, FILE).diagnostics == ()
    declared = check_text(f'{CAST}motion says\n\nscene one\n  witch says "Hi"\n  cat\n', FILE)
    assert declared.diagnostics == ()


@pytest.mark.parametrize("path", [r"refs\witch\*.png", r"refs\new\one.png", r"refs\\witch\*.png"])
def test_a_path_with_backslashes(path: str, tmp_path: Path) -> None:
    for folder in ("witch", "new"):
        (tmp_path / "refs" / folder).mkdir(parents=True)
        (tmp_path / "refs" / folder / "one.png").touch()
    text = f'character witch "a witch"\n  images "{path}"\n'
    (found,) = check_text(text, tmp_path / "x.story").diagnostics
    assert "with `/`" in found.help
    assert check_text(fixed(text, found), tmp_path / "x.story").diagnostics == ()


def test_a_path_on_a_drive_leaves_the_folder() -> None:
    (found,) = check_text('character witch "a witch"\n  images "C:\\Users\\me\\witch.png"\n', FILE).diagnostics
    assert found.code == "outside-folder" and "copy it" in found.help


def test_a_text_with_several_wrong_escapes_is_told_once() -> None:
    text = 'scene one\n  narration "a \\w b \\d c"\n'
    assert errors(fixed(text, told_once(text))) == []
