"""How a command ends: every exit code."""

DONE = 0
"""Done, with nothing wrong but warnings."""

STORY_ERROR = 1
"""An error in what was given: a story, a source of clips, a file that would have to be formatted."""

NOT_INSTALLED = 1
"""The command needs an extra of the package that is not installed."""

USAGE_ERROR = 2
"""Wrong usage: an option or an argument."""

STEP_FAILED = 3
"""A step could not be done: a file not written, a model not to be had, a scene not filmed."""

INTERRUPTED = 130
"""Ctrl-C."""

READER_GONE = 141
"""Nobody reads what is printed, as in ``dreamrunner check ... | head``."""

TERMINATED = 143
"""A plain ``kill``."""
