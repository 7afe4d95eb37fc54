scene garden
  narration """The witch walks.
The cat watches."""
# ====
scene garden
  narration """
    The witch walks.
    The cat watches.
    """
