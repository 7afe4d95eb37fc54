"""Which language a text is in, as far as the rules need to know: whether it is English."""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = frozenset(
    "the a an and is are was were of to in on at with his her its their he she it they then while when who that from"
    " by as into for this there not has had".split()
)
_OTHERS = {
    "Spanish": "el la los las un una y es son en con por mientras que se su del al de sobre hacia luego está duerme",
    "French": "le la les un une et est sont dans avec par pendant que se son sa ses du des au aux de sur vers puis il",
    "German": "der die das ein eine und ist sind im mit während dass sich sein ihre ihr den dem des auf zu dann er sie",
    "Italian": "il lo la gli le un una e è sono in con per mentre che si suo sua del della al di sul verso poi",
    "Portuguese": "o a os as um uma e é são em com por enquanto que se seu sua do da ao no na de sobre depois",
    "Dutch": "de het een en is zijn in met door terwijl dat zich zijn haar van op naar dan hij zij ze",
}
_WORDS = {name: frozenset(words.split()) for name, words in _OTHERS.items()}
_LEAST = 2
"""How many small words of a language tell it."""


def other_language(text: str) -> str:
    """What a text is written in where it isn't English: "Spanish", or the name of its letters as "Chinese letters";
    empty for English, and where too little is said to tell."""
    letters = [] if text.isascii() else [letter for letter in text if letter.isalpha()]
    foreign = [letter for letter in letters if not unicodedata.name(letter, "LATIN").startswith("LATIN")]
    if foreign and len(foreign) * 2 > len(letters):
        script = unicodedata.name(foreign[0]).split()[0].split("-")[0].capitalize()
        return "Chinese letters" if script == "Cjk" else f"{script} letters"
    words = re.findall(r"[^\W\d_]+", text.lower())
    english = sum(word in _ENGLISH for word in words)
    counts = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= _LEAST and counts[best] > english else ""
