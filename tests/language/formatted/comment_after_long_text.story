scene garden
  narration """
    A # is no comment here.
    """ # but this is
# ====
scene garden
  narration """
    A # is no comment here.
    """  # but this is
