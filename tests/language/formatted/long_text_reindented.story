scene garden
    narration """
            The witch walks.
              She hums.

            The cat watches.
    """
# ====
scene garden
  narration """
    The witch walks.
      She hums.

    The cat watches.
    """
