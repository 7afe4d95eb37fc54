"""The one error of this stage."""


class BackboneError(Exception):
    """A model that cannot be used. Its text is one line: what is wrong, where, and what to do."""
