"""What a model's networks take of a GPU's memory: part of its row in the table. No torch."""

from __future__ import annotations

from dataclasses import dataclass

GB = 10**9
"""Bytes of what is called a GB here."""

USUAL_CONDITIONS = 5
"""How many texts a scene has where :attr:`Footprint.sampling` was measured."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory in GB of one model in its precision on a GPU, at ``size`` (width, height in pixels) and ``frames`` a clip,
    where a clip is ``tokens`` video tokens and a text ``words``.

    The first three are weights. The others are what is taken beside them, at the peak: ``sampling`` with guidance and
    :data:`USUAL_CONDITIONS` texts, and ``adapting`` what it takes more with LoRAs, however many; a clip decoded or
    encoded, whole or by tiles; a ``training`` step with activations computed again, 0 where the model can't be trained.
    ``lora`` is the float32 matrices of one prior.
    """

    size: tuple[int, int]
    frames: int
    tokens: int
    words: int
    text_encoder: float
    transformer: float
    autoencoder: float
    sampling: float
    adapting: float
    decoding: float
    decoding_tiled: float
    encoding: float
    encoding_tiled: float
    training: float
    lora: float
