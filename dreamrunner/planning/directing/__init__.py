"""A director's changes of a story: from a text and a change to the smallest edit of the text."""

from dreamrunner.planning.directing.changes import Change, NotMade
from dreamrunner.planning.directing.direct import direct

__all__ = ["Change", "NotMade", "direct"]
