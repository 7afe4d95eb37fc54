character cat "a cat"
# The garden at night.
# It is dark.
scene garden
  seed 1
# The beach.
scene beach
# ====
character cat "a cat"

# The garden at night.
# It is dark.
scene garden
  seed 1

# The beach.
scene beach
