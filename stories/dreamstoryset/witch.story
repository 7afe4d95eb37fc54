# Filmed on the bundled model, too: it knows every word of it that is to be seen.
use "cast.story"

story "The Witch Stays Up Late"
  language 1
  style "storybook illustration"
  model miniature
  seed 11

scene garden
  background "a garden"
  narration "The witch walks round her garden and waves to the neighbours."

  witch walking 0s..3s
  witch waving 3s..6s

scene kitchen
  background "a kitchen"
  narration "She stirs her supper until it smells right, and dances for joy."

  witch stirring 0s..3s
  witch dancing 3s..6s

scene wood
  background "a forest"
  narration "After supper she walks into the wood and jumps over every root."

  witch walking 0s..3s
  witch jumping 3s..6s

scene sky
  background "the night sky"
  narration "When the moon comes out she flies over the trees and waves to it."

  witch flying 0s..3s
  witch waving 3s..6s

scene castle
  background "a castle"
  narration "In the old castle she sits down and reads what nobody has read for years."

  witch sitting 0s..3s
  witch reading 3s..6s

scene home
  background "a kitchen"
  narration "At home she sits by the stove, and before midnight she sleeps."

  witch sitting 0s..3s
  witch sleeping 3s..6s
