"""How to film a story, where it is not the story's to say: every option of a build, in one place.

The command line makes its arguments of these fields, :mod:`dreamrunner.pipeline.errors` its checks of ranges, and the
Python API takes them by their names.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass, field, fields
from numbers import Integral, Real
from os import PathLike, fspath
from typing import Any, Literal, TypedDict, cast

from dreamrunner.backbones.table import TABLE
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.story import PLANNERS
from dreamrunner.rendering.kinds import ATTENTION_KINDS, DEFAULT_ATTENTION, AttentionKind
from dreamrunner.rendering.speedups import SPEEDUPS

Group = Literal["what is filmed", "how it looks", "sound and subtitles", "priors"]
"""The headings under which options are listed."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an option beside its type and its default."""

    help: str
    """What it does, in a line."""

    group: Group
    """The heading that it is listed under."""

    form: type = bool
    """What one value is: ``bool`` is a switch, a ``PathLike`` is a path."""

    metavar: str | None = None
    """What stands for its value in the help."""

    flag: str = ""
    """What it is called on the command line, without dashes, where that is not its name."""

    least: float | None = None
    """The smallest number that it can be."""

    choices: tuple[str, ...] = ()
    """All that it can be, where that is known."""

    own: tuple[str, ...] = ()
    """Words that it can be among others, so that what is nearly one of them is a slip."""

    def wrong(self, value: object) -> str:
        """Why it can't be ``value``; empty where it can."""
        if why := of_form(self.form, value):
            return why
        if self.choices and value not in self.choices:
            return f"there is no {value}; there are {', '.join(self.choices)}"
        if value not in self.own and (meant := did_you_mean(closest(str(value), self.own))):
            return f"there is no {value}; {meant}"
        if self.form is int and not (isinstance(value, Integral) and int(value) >= (self.least or 0)):
            return f"{value} is not a whole number from {self.least or 0} on"
        if self.form is int and int(cast(Any, value)) >= 10**MOST_DIGITS:
            return f"{str(value)[:20]}... is too large a number"
        if self.form is float and not (_is_float(value) and float(cast(float, value)) >= (self.least or 0)):
            return f"{value} is not a number from {self.least or 0} on"
        if self.form is str and value == "":
            return "it is empty"
        return ""


MOST_DIGITS = 18
"""Digits of a whole number at most, so that whatever counts with it can."""


def _is_float(value: Any) -> bool:
    """Whether a value is a number that a float can be, and no infinite one."""
    return isinstance(value, Real) and bool(abs(cast(Any, value)) <= sys.float_info.max)


_IN_NO_PATH = re.compile("[\0\ud800-\udc7f\udd00-\udfff]")
"""What no path holds: halves of letters, but for those that Python has for bytes of a name that is not UTF-8."""

_MOST_BYTES = 255  # of one name of a path, on all disks in use


def _unfit(text: str) -> str:
    """Why a text can be neither a path nor a name; empty where it can."""
    if odd := _IN_NO_PATH.search(text):
        return f"it holds a character (U+{ord(odd[0]):04X}) that no name and no path has"
    longest = max((len(part.encode("utf-8", "surrogatepass")) for part in text.split(os.sep)), default=0)
    return f"a name of {longest} bytes is too long" if longest > _MOST_BYTES else ""


def of_form(form: Any, value: object) -> str:
    """Why a value is none of a form, as :attr:`About.form` names it, or a ``Callable``; empty where it is."""
    if form is bool and not isinstance(value, bool):
        return f"{value!r} is neither True nor False"
    if form is str and not isinstance(value, str):
        return f"{value!r} is no text"
    if form is PathLike and not isinstance(fspath(value) if isinstance(value, PathLike) else value, str):
        return f"{value!r} is no path"
    if form is PathLike and value == "":
        return "it is empty"
    if form in (str, PathLike) and (why := _unfit(fspath(cast("str | PathLike[str]", value)))):
        return why
    if form in (int, float) and (isinstance(value, bool) or not isinstance(value, Real)):
        return f"{value!r} is no number"
    if form is Callable and not callable(value):
        return f"{value!r} can't be called"
    return ""


def _about(help: str, group: Group, form: type = bool, **more: Any) -> dict[str, About]:
    return {"about": About(help, group, form, **more)}


@dataclass(frozen=True)
class Options:
    """How to film, where it is not the story's to say. ``None`` leaves it to the story or to the backbone."""

    scene: str | None = field(
        default=None, metadata=_about("film this scene alone", "what is filmed", str, metavar="NAME")
    )
    """The scene that is filmed alone."""

    planner: str | None = field(
        default=None,
        metadata=_about(
            f"who fills the gaps: {', '.join(PLANNERS)}, a chat model's name, or local:MODEL",
            "what is filmed",
            str,
            metavar="NAME",
            own=PLANNERS,
        ),
    )
    """Who fills the gaps of the story, in the place of the planner that its header names."""

    draft: bool = field(
        default=False,
        metadata=_about("a quick look, in a fifth of the steps, learning nothing, into DIR/draft", "what is filmed"),
    )
    """A quick look into a folder of its own, with fewer steps and a cache, that learns nothing."""

    force: bool = field(
        default=False, metadata=_about("film anew what is kept: everything, or the --scene", "what is filmed")
    )
    """Film anew what is kept, the whole film or that one scene; what was trained stays."""

    keep_going: bool = field(default=False, metadata=_about("finish the rest when a scene fails", "what is filmed"))
    """One scene that fails does not keep the others from being made."""

    allow_outside: bool = field(default=False, metadata=_about("let paths leave the story's folder", "what is filmed"))
    """Paths in the story may leave its folder."""

    model: str | None = field(
        default=None,
        metadata=_about(f"{', '.join(TABLE)}, a folder or a hub id", "how it looks", str, metavar="M"),
    )
    """The model. A folder is looked up from the current folder, one in a story's header from the story's."""

    seed: int | None = field(
        default=None,
        metadata=_about("the story's seed; with --scene that scene's", "how it looks", int, metavar="N", least=0),
    )
    """The story's seed, from 0 on; with ``scene`` that scene's own, as a line ``seed`` in it gives it."""

    steps: int | None = field(
        default=None,
        metadata=_about("denoising steps (default: the model's)", "how it looks", int, metavar="N", least=1),
    )
    """The sampler's steps, from 1 on."""

    guidance: float | None = field(
        default=None,
        metadata=_about(
            "how strongly the text guides, without an effect up to 1 (default: the model's)",
            "how it looks",
            float,
            metavar="X",
            least=0,
        ),
    )
    """The scale of classifier-free guidance, from 0 on; of 1 or less it is sampled without it."""

    attention: AttentionKind = field(
        default=DEFAULT_ATTENTION,
        metadata=_about(
            f"region attention as in the paper, with hard borders, or none (default: {DEFAULT_ATTENTION})",
            "how it looks",
            str,
            choices=ATTENTION_KINDS,
        ),
    )
    """Region attention (paper 3.3), or one of its ablations."""

    speedups: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "make rendering cheaper, some at the price of exactness (docs/speedups.md says which)",
            "how it looks",
            str,
            metavar="NAME",
            flag="speedup",
            choices=tuple(SPEEDUPS),
        ),
    )
    """Names of what makes rendering cheaper; what changes the picture is only ever used when it is named here."""

    loras: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "a LoRA for the whole picture, such as a style; high: or low: before it is for one network of two",
            "how it looks",
            str,
            metavar="FILE[:SCALE]",
            flag="lora",
        ),
    )
    """LoRAs for the whole picture beside those that the story's header names, each ``[high:|low:]FILE[:SCALE]``."""

    fast: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "a LoRA that makes few steps enough: 8 unless its name tells another number, and guidance 1",
            "how it looks",
            str,
            metavar="FILE[:SCALE]",
        ),
    )
    """Accelerators, as LoRAs for the whole picture, with which few steps without guidance are enough."""

    takes: int | None = field(
        default=None,
        metadata=_about(
            "film so many takes of every scene, and take the best (default: the story's)",
            "what is filmed",
            int,
            metavar="N",
            least=1,
        ),
    )
    """How many takes of each scene are filmed, from 1 on, in the place of what the story asks for."""

    until: float | None = field(
        default=None,
        metadata=_about(
            "with takes: one of which so much is right, 0 to 1, is a scene's last",
            "what is filmed",
            float,
            metavar="X",
            least=0,
        ),
    )
    """From which score on, 0 to 1, a take is good enough to be its scene's last."""

    checker: str | None = field(
        default=None,
        metadata=_about(
            "what marks the film by its script: owlv2, a folder with another one, or none",
            "what is filmed",
            str,
            metavar="C",
            own=("none", "owlv2"),
        ),
    )
    """Who checks what was filmed: by default the bundled model's judge, or OWLv2, fetched when it is first used."""

    smooth: bool = field(
        default=False, metadata=_about("interpolate motion between the model's frames", "how it looks")
    )
    """ffmpeg interpolates motion between the frames."""

    voice: str | None = field(
        default=None,
        metadata=_about(
            "speak the narration: a Piper voice's .onnx file, or VOICE or MODEL:VOICE of a speech server",
            "sound and subtitles",
            str,
            metavar="VOICE",
        ),
    )
    """Who speaks the narration, as :func:`~dreamrunner.speech.find_voice` finds it."""

    burn_subtitles: bool = field(
        default=False, metadata=_about("draw the narration into the picture", "sound and subtitles")
    )
    """The narration is drawn into the film in place of its subtitle track."""

    adapters: str | PathLike[str] | None = field(
        default=None,
        metadata=_about("LoRAs trained before, to be used where they fit", "priors", PathLike, metavar="DIR"),
    )
    """A folder of LoRAs trained before, by default the one of ``DREAMRUNNER_ADAPTERS``."""

    no_learn: bool = field(
        default=False, metadata=_about("train nothing: only what was learnt before is used", "priors")
    )
    """Nothing is searched for and nothing trained; what was learnt before is used. A draft learns nothing either."""

    train_steps: int | None = field(
        default=None,
        metadata=_about("training steps of a LoRA (default: the model's)", "priors", int, metavar="N", least=1),
    )
    """How many steps new LoRAs are trained, from 1 on."""

    detector: str | PathLike[str] | None = field(
        default=None,
        metadata=_about(
            "YOLO weights that find people in a catalog's clips (.onnx, .pt or a folder)",
            "priors",
            PathLike,
            metavar="FILE",
        ),
    )
    """What finds people in the clips of a catalog, in place of the one in the cache folder."""

    trust_weights: bool = field(default=False, metadata=_about("read a detector that is a pickle (.pt)", "priors"))
    """A detector that is a pickle is read, once: it is kept as safetensors."""


def why_nothing_is_learnt(options: Options) -> str:
    """Why a build with these options trains nothing; "" where it may."""
    return "a draft learns nothing" if options.draft else "nothing is to be learnt" if options.no_learn else ""


class How(TypedDict, total=False):
    """The same as keyword arguments, without ``allow_outside``, which is said when a story is read."""

    scene: str | None
    planner: str | None
    draft: bool
    force: bool
    keep_going: bool
    model: str | None
    seed: int | None
    steps: int | None
    guidance: float | None
    attention: AttentionKind
    speedups: tuple[str, ...]
    loras: tuple[str, ...]
    fast: tuple[str, ...]
    takes: int | None
    until: float | None
    checker: str | None
    smooth: bool
    voice: str | None
    burn_subtitles: bool
    adapters: str | PathLike[str] | None
    no_learn: bool
    train_steps: int | None
    detector: str | PathLike[str] | None
    trust_weights: bool


def about(option: Field[Any]) -> About:
    """What is known of one of the :class:`Options`."""
    known: About = option.metadata["about"]
    return known


def about_named(name: str) -> About:
    """What is known of the option of a name."""
    [option] = [each for each in fields(Options) if each.name == name]
    return about(option)


def flag(name: str) -> str:
    """What the option of a name is called on the command line: ``--train-steps``."""
    return f"--{about_named(name).flag or name.replace('_', '-')}"


def no_such(name: str, names: Sequence[str]) -> str:
    """Why there is no option of a name where there are those of ``names``."""
    meant = did_you_mean(closest(name, names))
    if meant or not names:
        return f"there is no such option; {meant}".removesuffix("; ")
    return f"there is none; there {'are' if len(names) > 1 else 'is'} {', '.join(names)}"


def wrong(options: Options) -> tuple[str, str] | None:
    """The first option that is not what it can be, and why; None where all are."""
    for option in fields(Options):
        value, known = getattr(options, option.name), about(option)
        if isinstance(option.default, tuple) and not isinstance(value, (tuple, list)):
            return option.name, f"it takes several values, as in [{value!r}]"
        left_out = value is None and option.default is None
        each = value if isinstance(option.default, tuple) else () if left_out else (value,)
        for one in each:
            if why := known.wrong(one):
                return option.name, why
    return None
