scene garden
   seed 3
# ====
scene garden
  seed 3
