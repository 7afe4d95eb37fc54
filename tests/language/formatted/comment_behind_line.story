scene garden# one
  seed 3 # two
  cat sitting     # three
    at 0s left#four
# ====
scene garden  # one
  seed 3  # two
  cat sitting  # three
    at 0s left  # four
