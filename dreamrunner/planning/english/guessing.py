"""Forms of verbs that no table has, guessed by their letters with lemminflect's two small networks.

Each network reads the last eight letters of a word, from its end, and what kind of word it is, as ones among zeros; a
layer of 64 and one of answers follow. They are read and computed here, without the library and without numpy, whose
import takes longer than all else that `check` does and which a page in a browser does not have.
"""

from __future__ import annotations

import gzip
import io
import pickle
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from dreamrunner.files.regular import read_regular
from dreamrunner.planning.english.resources import resource

_LETTERS, _INPUTS = 8, 28
"""Letters that are read of a word, and the inputs for each of them: none, another letter, and a to z."""
_VERB = 1


def verb_base(word: str) -> str:
    """The base form that a word in lower case would have as a form of a verb: "moonwalks" gives "moonwalk"."""
    ending, more, doubled = _network("model_lemma.pkl.gz").answer(word).split(",")
    base = (word[: -len(ending)] if ending else word) + more
    return base[:-1] if doubled == "True" else base


def verb_doubles(lemma: str) -> bool:
    """Whether the last letter of a base form in lower case would be doubled before "-ing"."""
    return _network("model_infl.pkl.gz").answer(lemma) != "reg"


@dataclass(frozen=True, slots=True)
class _Network:
    """Two layers: weights by input, one row of them for each; biases; and the ``answers`` by output."""

    first: list[array[float]]
    first_bias: array[float]
    second: list[array[float]]
    second_bias: array[float]
    answers: list[str]

    def answer(self, word: str) -> str:
        inputs = [_VERB]
        for place, letter in enumerate(reversed(word[-_LETTERS:]), 1):
            inputs.append(place * _INPUTS + (ord(letter) - 95 if "a" <= letter <= "z" else 1))
        hidden = list(self.first_bias)
        for row in inputs:
            hidden = [sum(pair) for pair in zip(hidden, self.first[row], strict=True)]
        scores = list(self.second_bias)
        for value, weights in zip(hidden, self.second, strict=True):
            if value > 0:
                scores = [score + value * weight for score, weight in zip(scores, weights, strict=True)]
        return self.answers[scores.index(max(scores))]


@cache
def _network(name: str) -> _Network:
    kept = _Reader(io.BytesIO(gzip.decompress(read_regular(resource(name))))).load()
    first, first_bias, second, second_bias = kept["weights"]
    answers = list(kept["meta"]["output_enum"])
    return _Network(first.rows(), first_bias.values, second.rows(), second_bias.values, answers)


class _Numbers:
    """An array of numpy as a pickle holds it: 32-bit floats, row by row."""

    values: array[float]
    shape: tuple[int, ...]

    def __setstate__(self, state: tuple[int, tuple[int, ...], Any, bool, bytes]) -> None:
        _, self.shape, _, by_columns, raw = state
        assert not by_columns and len(raw) % 4 == 0
        self.values = array("f", raw)

    def rows(self) -> list[array[float]]:
        width = self.shape[1]
        return [self.values[at : at + width] for at in range(0, len(self.values), width)]


class _Kind:
    """What a pickle says of an array's numbers; those here are all of one kind."""

    def __init__(self, *_: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


class _Reader(pickle.Unpickler):
    """Reads a pickle of plain values and numpy's arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if name == "_reconstruct":
            return lambda *_: _Numbers()
        if name == "dtype":
            return _Kind
        if name == "ndarray":
            return _Numbers
        raise pickle.UnpicklingError(f"{module}.{name} is none of the values that are read here")
