scene   scene
  looks   at   0s..1s
    at 0s   left
# ====
scene scene
  looks at 0s..1s
    at 0s left
