# Filmed on the bundled model, too: it knows every word of it that is to be seen.
use "cast.story"

story "The Robot's Day Off"
  language 1
  style "storybook illustration"
  model miniature
  seed 13

scene desert
  background "a desert"
  narration "Nobody needs the robot today. It walks into the desert and waves to nobody."

  robot walking 0s..3s
  robot waving 3s..6s

scene dunes
  background "a desert"
  narration "Sand is fun to jump on, it finds, and dances down the other side."

  robot jumping 0s..3s
  robot dancing 3s..6s

scene castle
  background "a castle"
  narration "In a ruined castle it sits down and reads a very old letter."

  robot sitting 0s..3s
  robot reading 3s..6s

scene snow
  background "the snow"
  narration "On the mountain it walks through snow, and jumps to keep warm."

  robot walking 0s..3s
  robot jumping 3s..6s

scene stars
  background "a night sky"
  narration "Under the stars it waves once more. Then it sleeps, with one lamp on."

  robot waving 0s..3s
  robot sleeping 3s..6s
