# Carrying: a thing has boxes of its own, which move as those of its carrier do, and stay when it is put down.
story "The Lantern"
  language 1
  style "flat colours"
  model miniature-2
  seed 4

character witch "a purple witch"

prop lantern "a lantern"

motion walking
motion waving

scene shore
  background "the beach at night"
  narration "A witch brings a lantern down to the sea, puts it down and waves to the ships."

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
