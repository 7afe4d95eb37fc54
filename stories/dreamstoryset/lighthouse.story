use "cast.story"

story "The Bear at the Lighthouse"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 23

scene shore
  background "a rocky shore"
  narration "The sailor looks through his spyglass. On the rocks a bear waves."

  sailor looking-through-a-spyglass 0s..6s
  bear waving 0s..6s

scene landing
  background "a small cove"
  narration "The sailor rows to the cove, and the bear pulls the rope."

  sailor rowing-a-boat 0s..6s
  bear pulling-a-rope 0s..6s

scene hello
  background "a pebble beach"
  narration "The sailor salutes. The bear, who knows better, hugs him."

  sailor saluting 0s..6s
  bear hugging 0s..6s

scene supper
  background "a lighthouse kitchen"
  narration "The sailor stirs a pot of fish, and the bear eats honey."

  sailor stirring 0s..6s
  bear eating-honey 0s..6s

scene feast
  background "a terrace above the sea"
  narration "The sailor plays the accordion, and the dancer dances."

  sailor playing-the-accordion 0s..6s
  dancer dancing 0s..6s

scene bow
  background "a terrace with lanterns"
  narration "The dancer bows to both, and the bear claps its paws."

  dancer bowing 0s..6s
  bear clapping 0s..6s

scene night
  background "a lighthouse at night"
  narration "The bear sleeps at the foot of the stairs. The sailor reads."

  bear sleeping 0s..6s
  sailor reading 0s..6s
