# Two characters, then three.
story "Three at the Sea"
  language 1
  style "children's book illustration"
  seed 23

character mermaid "a mermaid with a green tail"
character frog "a small green frog"
character rabbit "a white rabbit"

motion waving
motion jumping
motion reading

scene shore
  background "a beach"
  narration "A mermaid sits on the sand and reads to a frog."

  mermaid reading "a mermaid with a green tail is reading"
    at 0s left
  frog sitting "a small green frog is sitting"
    at 0s right

scene guest
  background "a beach"
  narration "A rabbit comes along, and the frog jumps to greet it."

  mermaid sitting
    at 0s left
  frog jumping
    at 0s center
  rabbit walking
    at 0s [0.8 0.4 1 0.92]
    at 6s [0.65 0.4 0.85 0.92]

scene farewell
  background "a beach at night"
  narration "When the moon rises, all three wave to one another."
  duration 4s

  mermaid waving
  frog waving
  rabbit waving
