"""Colours for stories in the site's code blocks; the language's words come from its grammar."""

from __future__ import annotations

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Error, Keyword, Name, Number, Punctuation, String, Text

from dreamrunner.language.parsing.lines import words as grammar_words

__all__ = ["StoryLexer"]

_HEADS = ("story", "character", "prop", "location", "motion", "scene", "use")


class StoryLexer(RegexLexer):
    """A story, as a reader of the site sees it."""

    name = "Story"
    aliases = ("story",)
    filenames = ("*.story",)
    tokens = {  # noqa: RUF012
        "root": [
            (r"^[ ]*\^+[ ]*$", Error),
            (r"#.*?$", Comment.Single),
            (r'"""(?:.|\n)*?"""', String),
            (r'"(?:\\.|[^"\\\n])*"', String),
            (words(_HEADS, prefix=r"^", suffix=r"\b(?![-\w])"), Keyword.Declaration),
            (words(sorted(set(grammar_words().values())), prefix=r"(?<![-\w])", suffix=r"(?![-\w])"), Keyword),
            (r"-?\d+(?:\.\d+)?s?(?![\w-])", Number),
            (r"\.\.", Punctuation),
            (r"[\[\],]", Punctuation),
            (r"[a-zA-Z][-\w]*", Name),
            (r"\s+", Text),
            (r".", Text),
        ]
    }
