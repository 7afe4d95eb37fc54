#ignore:unused she comes later
character witch "a witch"
scene a
   # ignore: not-drawn by hand
   witch walking   # ignore: unknown-motion so
  # ignore: unused stays with what follows
scene b
# ====
# ignore:unused she comes later
character witch "a witch"

scene a
  # ignore: not-drawn by hand
  witch walking  # ignore: unknown-motion so

# ignore: unused stays with what follows
scene b
