# Filmed on the bundled model, too: it knows every word of it that is to be seen.
use "cast.story"

story "A Cat Has Plans"
  language 1
  style "storybook illustration"
  model miniature
  seed 12

scene morning
  background "a kitchen"
  narration "The cat sleeps until the sun is high. Then it sits and thinks."

  cat sleeping 0s..3s
  cat sitting 3s..6s

scene garden
  background "a garden"
  narration "It walks through the wet grass and jumps at a drop of dew."

  cat walking 0s..3s
  cat jumping 3s..6s

scene beach
  background "the beach"
  narration "On the beach it dances away from a wave, and sits where it is dry."

  cat dancing 0s..3s
  cat sitting 3s..6s

scene snow
  background "the snow"
  narration "Snow is new to it: it jumps, walks on, and shakes every paw."

  cat jumping 0s..3s
  cat walking 3s..6s

scene night
  background "a night sky"
  narration "Late at night it walks along the wall, and sleeps on its end."

  cat walking 0s..3s
  cat sleeping 3s..6s
