story "The Post Road"
  model miniature-2

character dog "a large red dog"
character robot "a blue robot"

scene road
  background "a desert"
  narration "They pass without a word."

  dog walking 0s..6s
    at 0s [0 0.4 0.3 0.92]
    at 6s [0.7 0.4 1 0.92]
  robot walking
    at 0s right
    at 6s left
