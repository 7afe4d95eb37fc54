character cat """
      a small
      black cat
"""
# ====
character cat """
  a small
  black cat
  """
