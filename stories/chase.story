# A chase: two who go the same way, out of one side of the picture and in again by the other.
story "Hare and Hound"
  language 1
  style "flat colours"
  model miniature-2
  seed 6

character rabbit "a pink rabbit"
character dog "a blue dog"

motion running

scene meadow
  background "a garden"
  narration "A rabbit runs past, and a dog runs after it."

  rabbit running 0s..4s "a pink rabbit is running rightwards"
    at 0s [0.1 0.5 0.3 0.92]
    leaves right
  dog running 1s..6s "a blue dog is running rightwards"
    enters left
    leaves right
