scene garden
  cat sitting
    at 0s [ 0.5   0  .9 1 ]
    at 1s[0 0 1 1]
# ====
scene garden
  cat sitting
    at 0s [0.5 0 0.9 1]
    at 1s [0 0 1 1]
