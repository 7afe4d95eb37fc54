scene garden
  cat sitting
  seed 3
  background "a garden"
  witch waving

character witch "a witch"
character cat "a cat"
