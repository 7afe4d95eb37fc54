use "cast.story"

story "Market Day"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 22

scene early
  background "a market square at dawn"
  narration "The gardener pushes her wheelbarrow, and the baker carries a basket."

  gardener pushing-a-wheelbarrow 0s..6s
  baker carrying-a-basket 0s..6s

scene stalls
  background "a market stall with loaves and apples"
  narration "The baker slices bread. The boy sniffs at it."

  baker slicing-bread 0s..6s
  boy sniffing 0s..6s

scene lost-ball
  background "a market stall with apples"
  narration "The gardener throws a ball that was lost here, and the boy jumps for it."

  gardener throwing-a-ball 0s..6s
  boy jumping 0s..6s

scene noon
  background "a crowded square at noon"
  narration "The boy blows bubbles, and the baker claps."

  boy blowing-bubbles 0s..6s
  baker clapping 0s..6s

scene lunch
  background "a bench under a tree"
  narration "The gardener drinks tea, while the boy tastes the soup."

  gardener drinking-tea 0s..6s
  boy tasting-soup 0s..6s

scene evening
  background "an empty square in the evening"
  narration "The baker sweeps the square. The gardener waves good night."

  baker sweeping-the-floor 0s..6s
  gardener waving 0s..6s
