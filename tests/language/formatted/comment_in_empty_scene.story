scene garden
   # to be written

scene beach
   cat
      # where?
   seed 3
# ====
scene garden
  # to be written

scene beach
  cat
    # where?
  seed 3
