# Paths that cross: two walk past each other, and their boxes meet in the middle.
story "The Post Road"
  language 1
  style "flat colours"
  seed 5

character dog "a large red dog"
character robot "a blue robot"

motion walking

scene road
  background "a desert"
  narration "A dog walks to the east, a robot to the west. They pass without a word."

  dog walking-rightwards 0s..6s "a large red dog is walking rightwards"
    at 0s [0 0.4 0.3 0.92]
    at 3s [0.3 0.4 0.6 0.92]
    at 6s [0.7 0.4 1 0.92]
  robot walking-leftwards 0s..6s "a blue robot is walking leftwards"
    at 0s [0.72 0.3 1 0.88]
    at 3s [0.38 0.3 0.66 0.88]
    at 6s [0 0.3 0.28 0.88]

scene turn
  background "a desert at night"
  narration "After a while the dog turns round and follows."
  transition fade 1s

  robot walking 0s..6s
    at 0s [0.4 0.3 0.7 0.88]
    at 6s [0 0.3 0.3 0.88]
  dog sitting 0s..2s
    at 0s right
  dog walking 2s..6s
    at 2s right
    at 6s [0.4 0.35 0.7 0.92]
