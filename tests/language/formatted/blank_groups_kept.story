motion waving
motion flying

motion stirring
motion sleeping

scene garden
  background "a garden"

  cat sitting
  witch waving

  seed 3
