"""The errors of this stage: one kind, and two of its cases that are the asker's to mend."""


class BackboneError(Exception):
    """A model that cannot be used. Its text is one line: what is wrong, where, and what to do."""


class UnknownModel(BackboneError):
    """No row of the table, folder or hub id goes by that name: a mistake in the story or on the command line."""


class UnfitSize(BackboneError):
    """A size that the model cannot film: a mistake in the story."""
