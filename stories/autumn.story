use "village.story"

story "Autumn in the Village"
  language 1
  style "oil painting"
  seed 70

scene harvest
  background "a garden"
  narration "The witch brings in the last pumpkin."

  witch walking
  pumpkin

scene mushrooms
  background "a forest"
  narration "In the forest, the dog finds a mushroom and jumps around it."
  transition dissolve

  dog jumping
  mushroom
    at 0s right

scene evening
  background "a kitchen"
  narration "She waves good night to the dog, who is asleep already."

  witch waving
  dog sleeping
