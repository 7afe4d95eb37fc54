# Filmed on the bundled model, too: it knows every word of it that is to be seen.
use "cast.story"

story "A Ball for Three"
  language 1
  style "storybook illustration"
  model miniature
  seed 21

scene invitation
  background "a castle"
  narration "The king reads the list of guests, while the cat sits on the rest of it."

  king reading 0s..6s
  cat sitting 0s..6s

scene arrival
  background "a garden"
  narration "The witch waves at the gate. The king walks out to her."

  witch waving 0s..6s
  king walking 0s..6s

scene music
  background "a castle"
  narration "The music begins: the witch dances, and the cat jumps."

  witch dancing 0s..6s
  cat jumping 0s..6s

scene moon
  background "a night sky"
  narration "At midnight the witch flies off, and the king waves."

  witch flying 0s..6s
  king waving 0s..6s

scene after
  background "a kitchen"
  narration "The cat sleeps by the stove. The king stirs what is left."

  cat sleeping 0s..6s
  king stirring 0s..6s
