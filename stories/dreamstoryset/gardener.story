use "cast.story"

story "Four Seasons and a Hedge"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 18

scene spring
  background "a bare garden bed in spring"
  narration "In spring the gardener digs, and plants seeds in a row."

  gardener digging 0s..3s
  gardener planting-seeds 3s..6s

scene rain
  background "a garden in light rain"
  narration "It rains at last: she opens an umbrella and walks home."

  gardener opening-an-umbrella 0s..3s
  gardener walking 3s..6s

scene summer
  background "a garden full of flowers"
  narration "In summer she waters the flowers and sniffs at each."

  gardener watering-flowers 0s..3s
  gardener sniffing 3s..6s

scene hedge
  background "a tall green hedge"
  narration "The hedge has grown. She trims it, and wipes her forehead."

  gardener trimming-a-hedge 0s..3s
  gardener wiping-the-forehead 3s..6s

scene orchard
  background "an orchard with ladders"
  narration "In autumn she picks apples and carries them off in a basket."

  gardener picking-apples 0s..3s
  gardener carrying-a-basket 3s..6s

scene leaves
  background "a lawn covered in leaves"
  narration "She rakes the leaves, and pushes them away in a wheelbarrow."

  gardener raking-leaves 0s..3s
  gardener pushing-a-wheelbarrow 3s..6s

scene shed
  background "a shed with tools on the wall"
  narration "In the shed she sweeps the floor, and kneels to look for a ring."

  gardener sweeping-the-floor 0s..3s
  gardener kneeling 3s..6s

scene winter
  background "a cottage room with a fire"
  narration "In winter she reads of seeds by the fire, and yawns."

  gardener reading 0s..3s
  gardener yawning 3s..6s
