"""Film: frames become a video per scene, the scenes become one film, and a storyboard shows the plan beside it.

* :func:`encode_scene`: the frames of a scene to an mp4 file
* :func:`cut_scene`: a scene's file to its part of the film, with its transitions
* :func:`join`: the parts to the film, with a subtitle track and sound
* :func:`write_subtitles`: the narration as a subtitle file
* :func:`draw_storyboard`: one picture of every scene's key frames, before or after rendering
* :func:`letters_lacking`: what such a picture can't show
* :func:`make_board`, :func:`write_page`: the plan as a page that plays it
* :func:`lay_out`: when each scene is on screen

Everything is written whole or not at all, and :class:`FilmError` is what a full disk or an unwritable folder gives.
Submodules are loaded when first used, so that a front door costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.film.cutting import cut_scene
    from dreamrunner.film.encode import encode_scene
    from dreamrunner.film.joining import join
    from dreamrunner.film.output_file import FilmError
    from dreamrunner.film.rates import FILM_RATE
    from dreamrunner.film.storyboard import draw_storyboard
    from dreamrunner.film.storyboard_page import make_board, write_page
    from dreamrunner.film.subtitles import write_subtitles
    from dreamrunner.film.timeline import Shot, lay_out
    from dreamrunner.film.typeface import letters_lacking

_HOMES = {
    "encode_scene": "encode",
    "cut_scene": "cutting",
    "join": "joining",
    "FilmError": "output_file",
    "draw_storyboard": "storyboard",
    "letters_lacking": "typeface",
    "make_board": "storyboard_page",
    "write_page": "storyboard_page",
    "write_subtitles": "subtitles",
    "FILM_RATE": "rates",
    "Shot": "timeline",
    "lay_out": "timeline",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
