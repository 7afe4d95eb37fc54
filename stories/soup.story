# Characters that act on one another and on things.
story "Soup for Two"
  language 1
  style "comic strip"
  planner offline
  seed 52

character witch "a witch in a black dress and a pointed hat"
character robot "a yellow robot"

prop pot "a black pot"

motion stirring-a-pot
motion handing-over
  query "person is handing a bowl to another person"
motion taking
  query "person is taking a bowl from another person"
motion bowing

scene cooking
  background "a kitchen"
  narration "The witch stirs the pot, and the robot leans over to smell."

  witch stirring-a-pot 0s..6s "a witch in a black dress is stirring a pot"
    at 0s [0.1 0.3 0.42 0.92]
  pot 0s..6s "a black pot"
    at 0s [0.4 0.62 0.6 0.94]
  robot leaning-over 0s..6s "a yellow robot is leaning over a pot"
    at 0s right
    at 4s [0.56 0.35 0.86 0.92]

scene sharing
  background "a kitchen"
  narration "She hands a bowl to the robot. The robot takes it and bows."

  witch handing-over 0s..3s
    at 0s [0.15 0.3 0.47 0.92]
  witch waving 3s..6s
    at 3s [0.15 0.3 0.47 0.92]
  robot taking 0s..3s
    at 0s [0.5 0.35 0.8 0.92]
  robot bowing 3s..6s
    at 3s [0.5 0.35 0.8 0.92]
