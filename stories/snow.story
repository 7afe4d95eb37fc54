# Where things stand to one another: beside, above, between, in front.
story "Above and Beside"
  language 1
  style "paper cut-out"
  seed 44

character snowman "a white snowman"
character rabbit "a small white rabbit"
character ghost "a white ghost"
character cat "a black cat"

prop flowers "red flowers"
prop mushroom "a red mushroom"

scene beside
  background "a forest in the snow"
  narration "The snowman stands to the left of the rabbit."

  snowman standing
    at 0s left
  rabbit sitting
    at 0s right

scene above
  background "a castle at night"
  narration "A ghost hangs in the air above the cat."

  ghost flying
    at 0s top-center
  cat sitting
    at 0s [0.35 0.58 0.65 0.95]

scene between
  background "a forest"
  narration "The rabbit sits between the flowers and the mushroom."

  flowers
    at 0s [0.05 0.6 0.3 0.95]
  rabbit sitting
    at 0s center
  mushroom
    at 0s [0.72 0.6 0.95 0.95]

scene in-front
  background "a forest"
  narration "The cat walks past in front of the snowman."

  snowman standing
    at 0s center
  cat walking
    at 0s bottom-left
    at 6s bottom-right
