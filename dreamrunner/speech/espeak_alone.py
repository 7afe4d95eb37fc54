"""espeak-ng in a process of its own: ``python espeak_alone.py LIBRARY DATA VOICE``, the text on standard input.

The library keeps something of what it said before, by which the next text sounds a little otherwise; alone, it says
the same text much the same, and takes nothing with it where it crashes. Standard output gets how many samples there
are to a second, on a line, then the samples of 16 bits. Nothing of the package is imported here.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

SYNCHRONOUS = 2
"""The library's ``AUDIO_OUTPUT_SYNCHRONOUS``: speech is given to a function of ours before the call returns."""

UTF_8 = 1
"""Its ``espeakCHARS_UTF8``."""

_BUFFER = 200  # milliseconds
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main(library: str, data: str, voice: str) -> str | None:
    """Speak; gives what is wrong, None where nothing is."""
    heard: list[bytes] = []

    def hear(samples: Any, count: int, _: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    said = sys.stdin.buffer.read()
    espeak = ctypes.CDLL(library)
    rate = espeak.espeak_Initialize(SYNCHRONOUS, _BUFFER, data.encode(), 0)
    if rate <= 0:
        return "it can't be started"
    callback = _Callback(hear)
    espeak.espeak_SetSynthCallback(callback)
    if error := espeak.espeak_SetVoiceByName(voice.encode()):
        return f"it has no voice {voice} (error {error})"
    if error := espeak.espeak_Synth(said, ctypes.c_size_t(len(said) + 1), 0, 0, 0, UTF_8, None, None):
        return f"error {error}"
    espeak.espeak_Synchronize()
    sys.stdout.buffer.write(f"{rate}\n".encode() + b"".join(heard))
    return None


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
