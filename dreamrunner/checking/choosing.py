"""Which watcher looks at a model's films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.checking.drawn import DrawnWatcher
from dreamrunner.checking.drawn_second import SecondWatcher
from dreamrunner.checking.open_vocabulary import OpenVocabularyWatcher, fetch_detector
from dreamrunner.checking.seen import Watcher, WatcherError
from dreamrunner.files.extras import lack, missing
from dreamrunner.files.paths import MINIATURE_WEIGHTS, SECOND_WEIGHTS

NONE, OWLV2 = "none", "owlv2"
"""The names of no watcher, with which films are not checked, and of OWLv2 as it is on the hub."""


def watcher_for(
    backbone: Backbone,
    checker: str | None = None,
    *,
    from_hub: bool,
    dry: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Watcher | None:
    """Who looks at a backbone's films: the bundled models' own judges, or for any other model OWLv2. ``checker`` is a
    folder with another one, or a name: ``none``, or ``owlv2``.

    OWLv2 is fetched when it is first used, where the model is from the hub too, or ``checker`` asks for it; else nobody
    can tell whether this machine is to ask the hub for anything. It is never fetched where ``dry``.

    Raises:
        WatcherError: it can't be had.
    """
    if checker == NONE:
        return None
    if checker not in (None, OWLV2):
        folder = Path(str(checker))
        if not (folder / "config.json").is_file():
            raise WatcherError(f"there is no detector in {checker}: name a folder with an OWLv2, or {NONE}")
        return OpenVocabularyWatcher(folder)
    if backbone.source == MINIATURE_WEIGHTS and checker is None:
        if lacking := missing("motions"):
            raise WatcherError(lack("motions", lacking))
        return DrawnWatcher()
    if backbone.source == SECOND_WEIGHTS and checker is None:
        return SecondWatcher()
    if not from_hub and checker is None:
        try:
            return OpenVocabularyWatcher(fetch_detector(dry=True))
        except WatcherError:
            raise WatcherError(f"OWLv2 is not on this machine; --checker {OWLV2} fetches it (620 MB)") from None
    return OpenVocabularyWatcher(fetch_detector(dry=dry, tell=tell))
