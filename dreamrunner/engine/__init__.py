"""The engine: runs tasks whose results are kept, and knows nothing of films.

A graph of tasks (``graph``) runs in dependency order (``run``); results are kept in a store that all stories on the
machine share (``store``); ``progress`` has what is reported on the way.
"""

from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.progress import Event, Progress, silent
from dreamrunner.engine.store import Store

__all__ = ["Event", "Progress", "StepFailed", "Store", "silent"]
