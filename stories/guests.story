# Guests come and go: one kitchen in two scenes, a witch in two ages, and boxes that begin or end outside the picture.
story "Guests"
  language 1
  style "storybook watercolour"
  seed 4

location kitchen
  looks "a kitchen"

character witch "a witch in a purple dress and a pointed hat"
character old-witch from witch
  looks "a witch in a blue dress and a pointed hat"
character cat "an orange cat"

# Who enters is outside when the beat begins, who leaves when it ends.
scene supper
  in kitchen
  narration "The cat runs by the witch, who waves after it."

  witch waving 0s..6s
    at 0s left
  cat running 1s..5s
    enters left
    leaves right

# The same place, and what this scene adds to it.
scene morning
  in kitchen
  background "in the morning"
  narration "Many years later, she comes in once more."

  old-witch walking 0s..4s
    at 0s [-0.3 0.35 0.0 0.92]
    at 4s center
  old-witch standing 4s..6s
    at 4s center

scene road
  background "a meadow"
  narration "The cat runs out of the picture."
