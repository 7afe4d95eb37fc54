# What this is about.
story "A day"
  seed 1
use "cast.story"
scene garden
# ====
# What this is about.
story "A day"
  seed 1
use "cast.story"

scene garden
