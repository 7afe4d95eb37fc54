; Blocks, beats with what stands under them, and texts over several lines.

[
  (story)
  (character)
  (prop)
  (location)
  (motion)
  (scene)
  (beat)
  (text)
] @fold
