character cat
      looks "a cat"
scene garden
 cat sitting
          at 0s left
          at 1s right
 seed 3
# ====
character cat
  looks "a cat"

scene garden
  cat sitting
    at 0s left
    at 1s right
  seed 3
