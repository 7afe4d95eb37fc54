# Check it with `dreamrunner check .`, film it with `dreamrunner build FILE`.
use "cast.story"

story "TITLE"
  language 1
  style "storybook watercolour"
  model miniature-2
  seed 7

# Everything is written here; try to take something away, and the planner fills the gap.
scene garden
  background "a garden"
  narration "The witch walks through her garden while the cat watches."
  duration 6s
  transition fade 0.5s

  witch walking 0s..6s "a witch in a purple dress and a pointed hat is walking"
    at 0s left
    at 6s center
  cat sitting 0s..6s "an orange cat is sitting"
    at 0s right

# Here the planner finds the background, the words and the boxes.
scene night
  narration "At night she flies over the forest."

  witch flying
    # A line `says "Good night!"` here lets her say that; `pip install 'dreamrunner[voice]'` brings voices.
