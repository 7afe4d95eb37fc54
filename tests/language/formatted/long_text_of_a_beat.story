scene garden
  cat sitting 0s..3s """
      a small
      black cat
  """
    at 0s left
# ====
scene garden
  cat sitting 0s..3s """
    a small
    black cat
    """
    at 0s left
