# Growing: a box that grows.
story "The Hungry Frog"
  language 1
  style "flat colours"
  model miniature-2
  seed 7

character frog "a green frog"

prop mushroom "a red mushroom"

motion eating
motion growing

scene wood
  background "a forest"
  narration "A frog eats of a mushroom, and grows."

  frog eating 0s..2s "a small green frog is eating"
    at 0s [0.42 0.64 0.58 0.94]
  frog growing 2s..6s "a green frog is growing"
    at 2s [0.42 0.64 0.58 0.94]
    at 6s [0.2 0.1 0.8 0.94]
  mushroom 0s..6s
    at 0s [0.84 0.7 0.96 0.94]
