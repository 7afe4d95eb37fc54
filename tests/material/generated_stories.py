"""Hypothesis strategies for story texts: sound ones, written in any layout that the language allows."""

from __future__ import annotations

from hypothesis import strategies as st

ENTITIES = ["witch", "cat", "King_2", "old-robot", "looks", "voice", "takes", "location"]
PROPS = ["flowers", "pot", "music", "says", "enters"]
LOCATIONS = ["kitchen", "in", "from"]
MOTIONS = ["walking", "waving", "stirring-a-pot", "at", "scene", "music", "leaves"]
SIDES = ["left", "right", "top", "bottom"]
PLACES = ["left", "top-right", "bottom-center", "whole"]

plain = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters='"\\'), max_size=20)
blanks = st.sampled_from([" ", "  ", "   "])


@st.composite
def strings(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return '"' + draw(plain) + draw(st.sampled_from(["", '\\"', "\\\\", "\\n"])) + '"'
    if kind == 1:
        return '"""' + draw(plain) + '"""'
    if kind == 2:
        lines = draw(st.lists(st.tuples(st.integers(0, 6), plain), min_size=1, max_size=4))
        return '"""\n' + "\n".join(" " * depth + line for depth, line in lines) + '\n  """'
    return '"' + draw(plain) + '"'


@st.composite
def spoken(draw: st.DrawFn) -> str:
    """A text that says something."""
    text = draw(strings())
    quotes = '"""' if text.startswith('"""') else '"'
    return f"{quotes}Ah! {text[len(quotes) :]}"


@st.composite
def times(draw: st.DrawFn, low: int = 0, high: int = 5) -> str:
    whole = draw(st.integers(low, high))
    return draw(st.sampled_from([f"{whole}s", f"{whole}.0s", f"{whole}.00s"]))


@st.composite
def boxes(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return draw(st.sampled_from(PLACES))
    least, most = draw(st.sampled_from([(0, 100), (0, 100), (-100, 200)]))
    x0, y0 = draw(st.integers(least, most - 20)), draw(st.integers(least, most - 20))
    x1, y1 = draw(st.integers(x0 + 1, most)), draw(st.integers(y0 + 1, most))
    shown = []
    for number in (x0, y0, x1, y1):
        digits = [f"{number / 100}", f"{number / 100:.2f}"] + ([f".{number:02d}"] if 0 <= number < 100 else [])
        shown.append(draw(st.sampled_from(digits)) + draw(st.sampled_from(["", " ", ",", " ,"])))
    return "[" + draw(blanks).join(shown) + "]"


@st.composite
def stories(draw: st.DrawFn) -> str:
    """A story without a mistake; it may be odd in every other way."""
    body, frame = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    out: list[str] = []

    def line(depth: int, *words: str) -> None:
        indent = " " * (0 if depth == 0 else body if depth == 1 else body + frame)
        tail = draw(st.sampled_from(["", "", "", " # why", "   #no blank", " #"]))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
            out.append(draw(st.sampled_from(["", "   ", "# a thought", "  #indented", "     # deeper"])))
        out.append(indent + draw(blanks).join(words) + draw(st.sampled_from(["", " "])) + tail)

    if draw(st.booleans()):
        line(0, "story", draw(strings()))
        line(1, "topic", draw(strings()))
        if draw(st.booleans()):
            line(1, "seed", str(draw(st.integers(0, 99))))
            line(1, "size", "720x480")
            line(1, "model", draw(st.sampled_from(["miniature", '"a/model"'])))
            line(1, "voice", draw(st.sampled_from(["alloy", '"en-us+f3"'])))
    for name in ENTITIES:
        form = draw(st.integers(0, 3))
        if form == 0:
            line(0, "character", name, draw(strings()))
        elif form == 1:
            line(0, "character", name, "looks", draw(strings()))
        else:
            line(0, "character", name)
            if form == 2:
                line(1, "looks", draw(strings()))
                if draw(st.booleans()):
                    line(1, "voice", draw(st.sampled_from(["alloy", '"en-us+f3"'])))
    for name in PROPS:
        line(0, "prop", name, draw(strings()))
    if draw(st.booleans()):
        line(
            0,
            "character",
            "crone",
            "from",
            draw(st.sampled_from(ENTITIES)),
            *draw(st.sampled_from([(), ('"a crone"',)])),
        )
    located = draw(st.booleans())
    for name in LOCATIONS if located else ():
        line(0, "location", name)
        if draw(st.booleans()):
            line(1, "looks", draw(strings()))
    for name in draw(st.lists(st.sampled_from(MOTIONS), unique=True)):
        line(0, "motion", name)
        if draw(st.booleans()):
            line(1, "query", draw(strings()))
    for index in range(draw(st.integers(0, 3))):
        line(0, "scene", f"scene-{index}")
        for word in draw(st.lists(st.sampled_from(["background", "narration", "avoid", "camera"]), unique=True)):
            line(1, word, draw(strings()))
        if draw(st.booleans()):
            line(1, "transition", draw(st.sampled_from(["cut", "fade", "dissolve"])))
        if located and draw(st.booleans()):
            line(1, "in", draw(st.sampled_from(LOCATIONS)))
        if draw(st.booleans()):
            line(1, "takes", str(draw(st.integers(1, 9))))
        for name in draw(st.lists(st.sampled_from(ENTITIES + PROPS), unique=True, max_size=3)):
            words = [name]
            if name not in PROPS and draw(st.booleans()):
                words.append(draw(st.sampled_from(MOTIONS)))
            if draw(st.booleans()):
                words.append(draw(times(0, 2)) + draw(st.sampled_from(["..", " .. "])) + draw(times(3, 6)))
            if draw(st.booleans()):
                words.append(draw(strings()))
            line(1, *words)
            if draw(st.integers(0, 3)) == 0:
                for word in draw(st.lists(st.sampled_from(["enters", "leaves"]), unique=True, min_size=1)):
                    line(2, word, draw(st.sampled_from(SIDES)))
                continue
            for at in draw(st.lists(st.integers(0, 6), unique=True, max_size=3)):
                line(2, "at", f"{at}s", draw(boxes()))
                if name not in PROPS and draw(st.booleans()):
                    line(2, "says", draw(spoken()), *draw(st.sampled_from([(), ("at", f"{at}s")])))
    return "\n".join(out) + draw(st.sampled_from(["", "\n", "\n\n\n"]))
