"""Hypothesis strategies for story texts: sound ones, written in any layout that the language allows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

ENTITIES = ["witch", "cat", "King_2", "old-robot", "looks", "voice", "takes", "location"]
PROPS = ["flowers", "pot", "music", "says", "enters"]
LOCATIONS = ["kitchen", "in", "from"]
MOTIONS = ["walking", "waving", "stirring-a-pot", "at", "scene", "music", "leaves"]
SIDES = ["left", "right", "top", "bottom"]
PLACES = ["left", "top-right", "bottom-center", "whole"]
SOUP = Path(__file__).parent / "soup.ogg"

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
def played(draw: st.DrawFn) -> tuple[str, ...]:
    """The words after ``music`` in a story that is checked as if it stood in the working folder."""
    name = f'"{SOUP.relative_to(Path.cwd()).as_posix()}"'
    return (name, *draw(st.sampled_from([(), ("0",), ("0.4",), (".25",), ("2.0",)])))


@st.composite
def stories(draw: st.DrawFn, *, music: bool = True) -> str:
    """A story without a mistake; it may be odd in every other way.

    With ``music`` it may have some, and then nobody who is called so.
    """
    music = music and SOUP.is_relative_to(Path.cwd()) and draw(st.booleans())
    props = [name for name in PROPS if name != "music" or not music]
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
        if music and draw(st.booleans()):
            line(1, "music", *draw(played()))
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
    for name in props:
        line(0, "prop", name, draw(strings()))
    crone = ["crone"] if draw(st.booleans()) else []
    if crone:
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
    hall = ["hall"] if located and draw(st.booleans()) else []
    if hall:
        line(
            0, "location", "hall", "from", draw(st.sampled_from(LOCATIONS)), *draw(st.sampled_from([(), ('"a hall"',)]))
        )
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
            line(1, "in", draw(st.sampled_from(LOCATIONS + hall)))
        # Long enough for every time below; with `auto` the times count as words do.
        length = draw(st.sampled_from(["", "", "auto", "auto", "6s", "7.50s", "12s"]))
        if length:
            line(1, "duration", length)
        if music and draw(st.booleans()):
            line(1, "music", *draw(played()))
        if draw(st.booleans()):
            line(1, "takes", str(draw(st.integers(1, 9))))
        for name in draw(st.lists(st.sampled_from(ENTITIES + props + crone), unique=True, max_size=3)):
            words = [name]
            if name not in props and draw(st.booleans()):
                words.append(draw(st.sampled_from(MOTIONS)))
            first, last, spanned = draw(st.integers(0, 2)), draw(st.integers(3, 6)), draw(st.booleans())
            if spanned:
                dots = draw(st.sampled_from(["..", " .. "]))
                words.append(draw(times(first, first)) + dots + draw(times(last, last)))
            if draw(st.booleans()):
                words.append(draw(strings()))
            line(1, *words)
            under: list[tuple[str, ...]] = []
            moments = st.lists(st.integers(0, 6), unique=True, max_size=3)
            if draw(st.integers(0, 3)) == 0:
                sides = draw(st.lists(st.sampled_from(["enters", "leaves"]), unique=True, min_size=1))
                under += [(word, draw(st.sampled_from(SIDES))) for word in sides]
                # A side says where somebody is as the beat begins or ends.
                between = range(first + 1, last) if spanned else ()
                moments = st.lists(st.sampled_from(between), unique=True) if between else st.just([])
            under += [("at", f"{at}s", draw(boxes())) for at in draw(moments)]
            if name not in props:
                for due in draw(st.lists(st.none() | st.integers(first, last if spanned else 6), max_size=2)):
                    under.append(("says", draw(spoken()), *(() if due is None else ("at", f"{due}s"))))
            for each in draw(st.permutations(under)):
                line(2, *each)
    return "\n".join(out) + draw(st.sampled_from(["", "\n", "\n\n\n"]))
