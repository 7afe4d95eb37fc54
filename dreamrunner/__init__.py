"""DreamRunner: a language for stories and a compiler that films them."""

__version__ = "0.1.0"
