"""The tree-sitter grammar of stories, compiled for tests and read with tree-sitter's own library."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
from tree_sitter import Language, Node, Parser

GRAMMAR = Path(__file__).parents[2] / "grammar" / "tree-sitter-story"


@cache
def language() -> Language:
    """The language as its generated parser has it. Skips the test where there is no C compiler."""
    compiler = os.environ.get("CC") or next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        pytest.skip("there is no C compiler here to compile the tree-sitter grammar with")
    source = GRAMMAR / "src"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "story.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-I", source, "-o", made]
        done = subprocess.run([*command, source / "parser.c", source / "scanner.c"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        function = ctypes.CDLL(str(made)).tree_sitter_story
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype, capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return Language(capsule(function(), b"tree_sitter.Language", None))


@cache
def parser() -> Parser:
    """A parser of stories."""
    return Parser(language())


def tree(text: str) -> Node:
    """The root of a text's tree."""
    return parser().parse(text.encode("utf-8")).root_node


def takes(text: str) -> bool:
    """Whether a text is read without an ERROR and without a MISSING word."""
    return not tree(text).has_error
