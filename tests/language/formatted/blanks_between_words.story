scene    garden
  cat    sitting   0s..3s    "a   cat"
  transition   fade    0.5s
# ====
scene garden
  cat sitting 0s..3s "a   cat"
  transition fade 0.5s
