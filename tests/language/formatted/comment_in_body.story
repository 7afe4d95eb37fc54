scene garden
# about the seed
  seed 3
      # about the cat
  cat sitting
  # about where
    at 0s left
# ====
scene garden
  # about the seed
  seed 3
  # about the cat
  cat sitting
    # about where
    at 0s left
