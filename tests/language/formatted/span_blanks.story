scene garden
  cat sitting 0s .. 3s
  cat running 3s.. 6s
# ====
scene garden
  cat sitting 0s..3s
  cat running 3s..6s
