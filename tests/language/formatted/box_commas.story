scene garden
  cat sitting
    at 0s [0.5, 0.0, 0.9, 0.8]
    at 1s [0.5,0.0,0.9,0.8]
# ====
scene garden
  cat sitting
    at 0s [0.5 0.0 0.9 0.8]
    at 1s [0.5 0.0 0.9 0.8]
