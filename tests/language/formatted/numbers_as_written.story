scene garden
  duration 6.0s
  transition fade .50s
  cat sitting 0.0s..3.10s
    at .5s [0.10 0 .25 1.0]
# ====
scene garden
  duration 6.0s
  transition fade 0.50s
  cat sitting 0.0s..3.10s
    at 0.5s [0.10 0 0.25 1.0]
