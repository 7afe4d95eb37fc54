scene garden
  narration """

    """
# ====
scene garden
  narration """"""
