"""One key from a person at a terminal."""

from __future__ import annotations

import sys

from dreamrunner.files.text import printable_line

_END_OF_INPUT = ("", "\x04", "\x1a", "\0")
"""What stands for no more keys: nothing, Ctrl-D, Ctrl-Z, and what Linux makes of a Ctrl-D before it was asked for."""


def can_choose() -> bool:
    """Whether a person can be asked: standard input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def choose(question: str, keys: str, at_end: str) -> str:
    """Ask until one of the ``keys`` is pressed, small or large, and give it back; ``at_end`` where the input ends."""
    while True:
        pressed = _key(question).lower()
        if pressed in _END_OF_INPUT:
            print()
            return at_end
        print(printable_line(pressed.strip()))
        if len(pressed) == 1 and pressed in keys:
            return pressed


def _key(question: str) -> str:
    """The next key after a question; where single keys can't be had, the first letter of the next line."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        print(question, end="", flush=True)
        return sys.stdin.readline().strip()[:1] or "\n"
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number, termios.TCSADRAIN)
        # Only now is no key that answers shown by the terminal, too.
        print(question, end="", flush=True)
        return sys.stdin.read(1)
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
