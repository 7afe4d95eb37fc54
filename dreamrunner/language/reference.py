"""The reference page: written by hand, but for the parts that are made from the grammar, the places and the codes.

``python -m dreamrunner.language.reference`` writes those parts of ``grammar/reference.md`` again.
"""

from __future__ import annotations

import re

from dreamrunner.files.in_place import replace_text
from dreamrunner.language.diagnostics import codes, entry, grammar_folder
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.places import PLACES

PAGE = grammar_folder() / "reference.md"

_SHOWN = {
    "_text": "TEXT",
    "_choice": "NAME-or-TEXT",
    "_model": "NAME-or-TEXT",
    "_DOTS": "..",
    "box": "BOX",
    "span": "SPAN",
}
_SHOWN |= {f"{block}_line": "LINE" for block in ("character", "prop", "location", "motion")}


def forms(rule: str) -> list[str]:
    """The forms of a rule as the grammar writes them, with the words of the language in small letters."""
    text = (grammar_folder() / "story.lark").read_text(encoding="utf-8")
    found = re.search(rf"^{rule}:((?:.*\n)(?:    \|.*\n)*)", text, re.MULTILINE)
    if found is None:
        raise KeyError(rule)
    parts = [part for part in re.split(r"^    \||\A", found[1], flags=re.MULTILINE) if part.strip()]
    return [_form(part.strip()) for part in parts]


def _form(form: str) -> str:
    form = re.sub(r"\w+", lambda match: _SHOWN.get(match[0]) or words().get(match[0], match[0]), form)
    return form.replace("TIME .. TIME", "TIME..TIME").replace("TEXT+", "TEXT ...")


def generated(name: str) -> str:
    """The text of one made part of the page. Raises KeyError for a name that there is none of."""
    if name == "places":
        rows = (f"| `{place}` | `[{box.x0:g} {box.y0:g} {box.x1:g} {box.y1:g}]` |" for place, box in PLACES.items())
        return "\n".join(["| place | box |", "| --- | --- |", *rows])
    if name == "codes":
        entries = [entry(code) for code in codes()]
        rows = (
            f"| [{item.code}](diagnostics/{item.code}.md) | {item.severity} | {item.fix} | {item.summary} |"
            for item in entries
        )
        return "\n".join(["| code | severity | fix | cause |", "| --- | --- | --- | --- |", *rows])
    return "\n".join(["```text", *forms(name), "```"])


def page(text: str) -> str:
    """``text`` with every made part, between ``<!-- made: NAME -->`` and ``<!-- end -->``, written anew."""
    return re.sub(
        r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}{generated(match[2])}\n{match[3]}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8")
    if not replace_text(PAGE, before, page(before)):
        raise SystemExit(f"{PAGE} was saved by somebody else meanwhile; try again")
