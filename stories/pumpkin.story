# What a thing looks like changes while it is filmed: one beat for each look.
story "The Pumpkin Ripens"
  language 1
  style "watercolour"
  seed 31

character witch "a witch in a purple dress"
character snowman "a white snowman"

prop pumpkin "a pumpkin"

motion standing
motion melting
  query "snow is melting"

scene summer
  background "a garden"
  narration "The pumpkin is green, then yellow, then orange. The witch stands by and waits."

  pumpkin 0s..2s "a small green pumpkin"
    at 0s [0.6 0.62 0.8 0.92]
  pumpkin 2s..4s "a yellow pumpkin"
    at 2s [0.58 0.57 0.82 0.92]
  pumpkin 4s..6s "a large orange pumpkin"
    at 4s [0.55 0.5 0.85 0.92]
  witch standing 0s..6s
    at 0s left

scene thaw
  background "a garden in the snow"
  narration "In winter a snowman stands there, and one day he is smaller."

  snowman standing 0s..3s "a large white snowman is standing"
    at 0s [0.3 0.25 0.7 0.92]
  snowman melting 3s..6s "a small white snowman is melting"
    at 3s [0.3 0.25 0.7 0.92]
    at 6s [0.38 0.6 0.62 0.92]
