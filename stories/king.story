# One character throughout, doing two things in every scene.
story "The King's Morning"
  language 1
  style "woodcut"
  seed 11

character king "a king in a red robe with a golden crown"

motion sleeping
motion waving
  query "person is waving with both arms"
motion walking
motion reading
  query "person is reading a letter"
motion dancing
motion jumping

scene bedchamber
  background "a castle in the morning"
  narration "The king sleeps late, then sits up."
  transition dissolve

  king sleeping 0s..3s "a king in a red robe is sleeping"
    at 0s center
  king sitting 3s..6s "a king in a red robe is sitting"
    at 3s center

scene balcony
  background "a castle"
  narration "He strolls out onto the balcony and waves to everybody below."

  king walking 0s..3s
    at 0s left
    at 3s center
  king waving 3s..6s
    at 3s center

scene letter
  narration "A letter has come. He reads it twice, and jumps for joy."

  king reading 0s..4s
  king jumping 4s..6s

scene garden
  background "a garden"
  narration "Nobody is looking, so he dances through his garden and has to sit down."
  transition fade 1s

  king dancing 0s..4s
  king sitting 4s..6s
