"""The tables of the dictionary, of which only rows are read, say what the library makes of the whole tables."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from dreamrunner.planning.english.dictionary import guessed_ing_form, guessed_verb, inflections, lemmas


def test_rows_say_what_the_library_says() -> None:
    import lemminflect

    base_forms = {"NN", "VB", "VBP", "JJ", "RB"}  # those of a base form are the form itself
    lemmatizer, inflector = lemminflect.Lemmatizer(), lemminflect.Inflections()
    for asked, whole, whole_of in (
        (lemmas, lemmatizer.getAllLemmas, lemmatizer._getLemmaDict()),
        (inflections, inflector.getAllInflections, inflector._getInflDict()),
    ):
        words = sorted(word for word in whole_of if word.islower())
        chosen = [*random.Random(1).sample(words, 500), words[0], words[-1], "be", "saw", "lay", "left", "okays", "all"]
        for word in chosen:
            right = {kind: forms for kind, forms in whole(word).items() if asked is lemmas or kind not in base_forms}
            said = {kind: forms for kind, forms in asked(word).items() if asked is lemmas or kind not in base_forms}
            assert said == right, word


def test_words_that_no_table_has() -> None:
    for word in ("qxzzy", "", "zzzzzz", "a,b", "saw,noun", "\ud800", "Aachen,noun"):
        assert lemmas(word) == inflections(word) == {}, word
    assert guessed_verb("moonwalked") == "moonwalk"
    assert guessed_ing_form("moonwalk") == "moonwalking"


def test_guesses_are_those_of_the_library() -> None:
    import lemminflect

    draw = random.Random(2)
    letters = "abcdefghijklmnopqrstuvwxyz"
    endings = ("", "ing", "ed", "s", "es", "ie", "ee", "oe", "ye", "e", "-x", "é")
    for _ in range(300):
        word = "".join(draw.choices(letters, k=draw.randint(1, 12))) + draw.choice(endings)
        assert guessed_verb(word) == lemminflect.getAllLemmasOOV(word, "VERB")["VERB"][0], word
        assert guessed_ing_form(word) == lemminflect.getAllInflectionsOOV(word, "VERB")["VBG"][0], word


def test_what_the_tables_lack() -> None:
    assert {lemmas(form)["VERB"] for form in ("meow", "meows", "meowed", "meowing")} == {("meow",)}
    assert inflections("be")["VBD"] == ("was", "were")


STORY = """character witch "a witch"
character cat "an orange cat"
prop flowers "luminous flowers"
scene a
  narration "In the afternoon her friends came up the stairs, and the witches flew to the flowers with the cat."
scene b
  narration "The witch moonwalks."
"""


def test_a_common_narration_takes_no_more_than_the_tables() -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from dreamrunner.language import check_text\n"
        "from dreamrunner.planning.noticed import noticed\n"
        f"checked = check_text({STORY!r}, Path('a.story'))\n"
        "assert checked.story and noticed(checked.story)\n"
        "assert not {'lemminflect', 'inflect', 'typeguard', 'numpy', 'pydantic'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
