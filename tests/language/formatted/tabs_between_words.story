scene	garden
  cat	sitting
# ====
scene garden
  cat sitting
