use "cast.story"

story "Before the Long Sleep"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 20

scene waking
  background "a cave with autumn light"
  narration "The bear yawns, and scratches itself on the wall."

  bear yawning 0s..3s
  bear scratching-an-itch 3s..6s

scene wood
  background "a forest in autumn"
  narration "It walks through the wood and sniffs the air."

  bear walking 0s..3s
  bear sniffing 3s..6s

scene river
  background "a shallow river"
  narration "It splashes through the river and catches a fish."

  bear splashing-in-water 0s..3s
  bear catching-a-fish 3s..6s

scene hive
  background "an old tree with a hive"
  narration "It climbs to the hive, and eats honey until noon."

  bear climbing-a-tree 0s..3s
  bear eating-honey 3s..6s

scene meadow
  background "a meadow of dry grass"
  narration "Full of honey, it rolls over and stretches."

  bear rolling-over 0s..3s
  bear stretching 3s..6s

scene leaves
  background "a hollow full of leaves"
  narration "It digs itself a bed in the leaves, and sleeps."

  bear digging 0s..3s
  bear sleeping 3s..6s
