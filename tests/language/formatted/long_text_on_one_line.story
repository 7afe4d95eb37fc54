scene garden
  narration   """The witch said "hello"."""
# ====
scene garden
  narration """The witch said "hello"."""
