scene garden
    seed 3
    # no more here

scene beach
    cat sitting
        at 0s left
        # stays there
    # all
# ====
scene garden
  seed 3
  # no more here

scene beach
  cat sitting
    at 0s left
    # stays there
  # all
