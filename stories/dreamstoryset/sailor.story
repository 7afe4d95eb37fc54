use "cast.story"

story "The Last Boat Out"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 16

scene pier
  background "a wooden pier in the morning"
  narration "The sailor walks along the pier and pulls his boat to it."

  sailor walking 0s..3s
  sailor pulling-a-rope 3s..6s

scene knots
  background "the deck of a small boat"
  narration "He ties a knot that will hold, and salutes the harbour."

  sailor tying-a-knot 0s..3s
  sailor saluting 3s..6s

scene rowing
  background "a calm bay"
  narration "Out in the bay he rows, and stops to wipe his forehead."

  sailor rowing-a-boat 0s..3s
  sailor wiping-the-forehead 3s..6s

scene lookout
  background "a boat on the open sea"
  narration "He looks through his spyglass and points to the north."

  sailor looking-through-a-spyglass 0s..3s
  sailor pointing 3s..6s

scene fishing
  background "a boat beside a buoy"
  narration "He casts a line and waits. At last he catches a fish."

  sailor casting-a-fishing-line 0s..3s
  sailor catching-a-fish 3s..6s

scene supper
  background "a ship's cabin with a lamp"
  narration "He lights a candle in the cabin and stirs a small pot."

  sailor lighting-a-candle 0s..3s
  sailor stirring 3s..6s

scene song
  background "a pier under the stars"
  narration "Back on the pier he plays the accordion, and dances to it."

  sailor playing-the-accordion 0s..3s
  sailor dancing 3s..6s
