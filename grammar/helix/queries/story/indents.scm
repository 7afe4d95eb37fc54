; What stands under a block's head or a beat is indented one step more.

[
  (story)
  (character)
  (prop)
  (location)
  (motion)
  (scene)
  (beat)
] @indent @extend
