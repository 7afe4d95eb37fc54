scene garden
  seed 3

# the end
