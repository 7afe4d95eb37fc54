character cat "a cat"
scene garden
  seed 1
scene beach
scene sky
  seed 2
# ====
character cat "a cat"

scene garden
  seed 1

scene beach

scene sky
  seed 2
