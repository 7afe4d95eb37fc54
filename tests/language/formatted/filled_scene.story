scene garden
  from   "9f8e7d"   offline
  background "a garden"
# ====
scene garden
  from "9f8e7d" offline
  background "a garden"
