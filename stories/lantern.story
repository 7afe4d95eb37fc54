# What an author tries first: the story that `make demo` films. Somebody comes, goes, carries, crosses and grows.
story "The Lantern"
  language 1
  style "flat colours"
  model miniature-2
  seed 12

character witch "a purple witch"
character cat "an orange cat"
character frog "a green frog"
# The model has never seen this one: its photos are learnt first.
character dragon
  looks "a dragon"
  images "lantern/dragon/*.png"

prop lantern "a lantern"

motion walking
motion waving

# Two cross: the cat's boxes are written, of the witch's way only the ends.
scene garden
  background "a garden"
  narration "The witch walks home. Her cat goes the other way."

  cat walking 0s..6s "an orange cat is walking rightwards"
    at 0s [0 0.5 0.26 0.94]
    at 6s [0.74 0.5 1 0.94]
  witch walking
    at 0s right
    at 6s left

# A thing is carried and put down.
scene shore
  background "the beach at night"
  narration "She brings her lantern to the sea, puts it down and waves to the ships."

  witch walking 0s..4s "a purple witch is walking rightwards"
    at 0s [0.02 0.3 0.28 0.94]
    at 4s [0.5 0.3 0.76 0.94]
  witch waving 4s..6s "a purple witch is waving"
    at 4s [0.5 0.3 0.76 0.94]
  lantern 0s..6s
    at 0s [0.26 0.52 0.36 0.74]
    at 4s [0.74 0.52 0.84 0.74]
    at 5s [0.82 0.74 0.92 0.94]
    at 6s [0.82 0.74 0.92 0.94]

# Somebody new comes in, and the cat leaves.
scene visitor
  background "the mountains"
  narration "A dragon has seen the light and comes near. The cat leaves at once."

  dragon walking 0s..6s
    enters right
    at 4s [0.5 0.24 0.84 0.94]
    at 6s [0.5 0.24 0.84 0.94]
  cat walking 1s..4s "an orange cat is walking leftwards"
    at 1s [0.1 0.52 0.36 0.94]
    leaves left

# A box that grows.
scene spell
  background "a forest"
  narration "One look at the light, and a frog grows and grows."

  frog growing 0s..6s "a green frog is growing"
    at 0s [0.42 0.66 0.58 0.94]
    at 1s [0.42 0.66 0.58 0.94]
    at 6s [0.22 0.12 0.78 0.94]

# Only told: the planner finds the beats and the boxes.
scene home
  background "a castle at night"
  narration "At home the witch dances, and the cat sleeps beside her."
