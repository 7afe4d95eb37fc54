story "A box"

character witch "a witch in a purple dress"
character cat "an orange cat"

scene garden
  background "a garden"
  narration "The witch walks to the middle. The cat is on her right."

  witch walking 0s..6s
    at 0s [0.05 0.3 0.3 0.9]
    at 6s [0.4 0.3 0.65 0.9]
  cat sitting 2s..6s
    at 2s [0.7 0.6 0.95 0.92]
