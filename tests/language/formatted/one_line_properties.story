character   witch   looks   "a witch"
prop hat   "a hat"
motion   flying   query "person is flying"
character cat images  "a.png"   "b.png"
# ====
character witch looks "a witch"
prop hat "a hat"
motion flying query "person is flying"
character cat images "a.png" "b.png"
