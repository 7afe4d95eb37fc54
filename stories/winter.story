# The same village as in autumn.story, with the witch in another dress.
use "village.story"

story "Winter in the Village"
  language 1
  style "oil painting"
  seed 71

character witch looks "a witch in a white dress and a pointed hat"

motion dancing

scene first-snow
  background "a garden in the snow"
  narration "It has snowed. The witch walks out, and the rabbit is there before her."

  witch walking 0s..6s
    at 0s left
    at 6s center
  rabbit jumping
    at 0s right

scene dance
  background "a forest in the snow"
  narration "They dance until it is dark."
  transition fade

  witch dancing
  rabbit dancing

scene home
  background "a kitchen"
  narration "The rabbit sleeps in the kitchen tonight."

  rabbit sleeping
