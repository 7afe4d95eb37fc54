# One day in the life of a witch and her cat: characters and motions that are learnt, eight scenes.
story "A Witch's Day"
  language 1
  topic "one day in the life of a witch and her cat"
  style "storybook watercolour"
  model miniature
  seed 3

character witch
  looks "a witch in a purple dress and a pointed hat"
character cat "an orange cat"
# The miniature has never seen these two: their photos are learnt first.
character dragon
  looks "a dragon"
  images "witch/dragon/*.png"
character pirate
  looks "a pirate"
  images "witch/pirate/*.png"

character robot "a robot"

prop flowers "luminous flowers"

motion walking
  query "person is walking"
motion waving
  query "person is waving with both arms"
motion stirring
  query "person is stirring a pot"
motion flying
  query "person is flying through the air"
motion sleeping
# The miniature can do neither of these: they are learnt from clips.
motion growing
  clips "witch/growing/*.mp4"
motion rolling
  clips "witch/rolling/*.mp4"

# Everything written by hand.
scene garden
  background "a garden in the morning"
  narration """
    The witch walks among her flowers, then waves to them.
    Her cat watches.
    """
  duration 6s
  transition fade 0.5s
  avoid "text, watermark"
  camera "a still wide shot"

  witch walking 0s..3s "a witch in a purple dress and a pointed hat is walking rightwards"
    at 0s [0.04 0.34 0.34 0.92]
    at 1s [0.09 0.34 0.39 0.92]
    at 2s [0.14 0.34 0.44 0.92]
    at 3s [0.19 0.34 0.49 0.92]
  witch waving 3s..6s "a witch in a purple dress and a pointed hat is waving"
    at 3s [0.19 0.34 0.49 0.92]
    at 6s [0.19 0.34 0.49 0.92]
  cat sitting 0s..6s "an orange cat is sitting"
    at 0s [0.68 0.44 0.96 0.92]
  flowers 0s..6s "luminous flowers"
    at 0s [0.48 0.54 0.68 0.94]

scene kitchen
  background "a kitchen"
  narration "Back home she stirs a potion while the cat naps."
  transition dissolve 0.5s

  witch stirring
    at 0s left
  cat sleeping

# Motions and characters that are learnt.
scene spell
  background "a garden in the evening"
  narration "One lick of the potion, and the cat grows and grows."
  transition dissolve 0.5s

  cat growing 0s..6s "an orange cat is growing"
    at 0s [0.34 0.24 0.66 0.94]

scene visitors
  background "the beach"
  narration "A dragon and a pirate have come to see it."

  dragon standing 0s..6s
    at 0s [0.06 0.4 0.38 0.92]
  pirate waving 0s..6s
    at 0s [0.62 0.4 0.94 0.92]

scene hill
  background "the desert"
  narration "A robot, in a hurry, comes rolling by."

  robot rolling 0s..6s
    at 0s [0.06 0.44 0.34 0.94]
    at 6s [0.5 0.44 0.78 0.94]

# Only told: the planner finds the background, the beats and the boxes.
scene beach
  narration "In the afternoon the witch waves on the beach, and the cat dances."

scene sky
  background "the night sky"
  narration "When the moon is up, the witch flies over the roofs."
  transition fade 1s

  witch flying 0s..6s
    at 0s [0.28 0.06 0.62 0.64]
    at 6s [0.38 0.06 0.72 0.64]

scene home
  narration "The cat sleeps by the flowers in the garden."

  cat sleeping
    at 0s right
  flowers
    at 0s left
