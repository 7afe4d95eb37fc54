"""How well does the offline planner read, and how fast? ``python benchmarks/planner.py [--json]``

Over the narrations of ``tests/planning/narration/narrations.txt`` and ``prose.txt``, each of which says what is right:

- ``narrations``, ``clauses``: how many.
- ``understood``: clauses of which something is filmed, ``told``: those of which the author is told that nothing is.
- ``wrong``: narrations of which something else is made than is right.
- ``invented``: motions of which the narration has no word.
- ``seconds_2000``: processor seconds that planning a chapter of 2,000 sentences takes, once the dictionaries are read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.english.word_forms import verb_lemma
from dreamrunner.planning.narration.events import Telling
from tests.planning.narration import test_prose as prose
from tests.planning.narration.test_narrations import STAND_FOR, rows, telling_of, understood

CHAPTER = ("The witch walks to the tree.", "The cat follows her and sits down.", "Then the witch waves to the king.")
HEAD = 'character witch "a witch"\ncharacter cat "a cat"\ncharacter king "a king"\nprop tree "a tree"\nscene a\n'


def figures() -> dict[str, float]:
    """All figures by name."""
    table, told_at_length = rows(), prose.narrations()
    tellings = [(text, telling_of(text)) for text, _ in table]
    tellings += [(text, prose.telling_of(declared, text)) for declared, text, _ in told_at_length]
    clauses = [said for _, telling in tellings for said in telling.clauses]
    told = sum(bool(said.unfilmed) for said in clauses)
    return {
        "narrations": len(tellings),
        "clauses": len(clauses),
        "understood": len(clauses) - told,
        "told": told,
        "wrong": sum(understood(text) != right for text, right in table)
        + sum(prose.made_of(declared, text) != made for declared, text, made in told_at_length),
        "invented": sum(len(invented(text, telling)) for text, telling in tellings),
        "seconds_2000": round(chapter(2000), 2),
    }


def invented(text: str, telling: Telling) -> list[str]:
    """The motions that are made of a narration and that no word of it says."""
    words = re.findall(r"[a-z]+", text.lower())
    said = {*words, *map(verb_lemma, words)}
    roots = {verb_lemma(event.motion) for event in telling.events if event.motion}
    return [root for root in roots if root not in said and not said.intersection(STAND_FOR.get(root, "").split())]


def chapter(sentences: int) -> float:
    """Processor seconds for planning so many sentences in one scene."""
    text = " ".join(CHAPTER[number % len(CHAPTER)] for number in range(sentences))
    story = check_text(f'{HEAD}  narration "{text}"\n', Path("chapter.story")).story
    assert story is not None
    plan_story(check_text(f'{HEAD}  narration "{" ".join(CHAPTER)}"\n', Path("page.story")).story or story)
    begun = time.process_time()
    plan_story(story)
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    found = figures()
    print(json.dumps(found) if parser.parse_args().json else "\n".join(f"{name:>13} {found[name]:g}" for name in found))


if __name__ == "__main__":
    main()
