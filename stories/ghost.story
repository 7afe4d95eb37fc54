# Every box is written by hand, one a second: nothing is left to a planner.
story "The Ghost Moves House"
  language 1
  style "charcoal"
  planner none
  seed 60

character ghost "a white ghost"
character king "a king in a blue robe"

motion flying
motion sitting
motion sleeping

scene attic
  background "a castle at night"
  narration "The ghost rises from its corner and drifts across the hall."
  duration 6s
  transition dissolve 1s

  ghost flying 0s..6s "a white ghost is flying"
    at 0s [0.02 0.42 0.3 0.92]
    at 1s [0.1 0.3 0.38 0.8]
    at 2s [0.22 0.18 0.5 0.68]
    at 3s [0.36 0.1 0.64 0.6]
    at 4s [0.48 0.08 0.76 0.58]
    at 5s [0.6 0.1 0.88 0.6]

scene chamber
  background "a castle"
  narration "It stops above the sleeping king, who notices nothing."
  duration 6s
  transition fade 0.5s

  king sleeping 0s..6s "a king in a blue robe is sleeping"
    at 0s [0.1 0.5 0.5 0.92]
    at 1s [0.1 0.5 0.5 0.92]
    at 2s [0.1 0.5 0.5 0.92]
    at 3s [0.1 0.5 0.5 0.92]
    at 4s [0.1 0.5 0.5 0.92]
    at 5s [0.1 0.5 0.5 0.92]
  ghost flying 0s..6s "a white ghost is flying"
    at 0s [0.7 0.05 0.98 0.5]
    at 1s [0.62 0.05 0.9 0.5]
    at 2s [0.54 0.04 0.82 0.49]
    at 3s [0.44 0.03 0.72 0.48]
    at 4s [0.34 0.03 0.62 0.48]
    at 5s [0.24 0.02 0.52 0.47]

scene crypt
  background "a forest at night"
  narration "Before dawn it finds a hollow tree and sits down in it."
  duration 4s

  ghost sitting 0s..4s "a white ghost is sitting"
    at 0s [0.36 0.36 0.64 0.92]
    at 1s [0.36 0.37 0.64 0.92]
    at 2s [0.36 0.38 0.64 0.92]
    at 3s [0.36 0.38 0.64 0.92]
