location   kitchen   "a kitchen"
location cellar   from    kitchen
    images   "a.png"    "b.png"
character crone from   witch  looks   "old"   # a comment
scene one
    in    kitchen   # where
    takes   4
    witch   walking
        enters   left
        at 2s [-.5 , 0,  .5, 1]  # half outside
        leaves   right
# ====
location kitchen "a kitchen"
location cellar from kitchen
  images "a.png" "b.png"
character crone from witch looks "old"  # a comment

scene one
  in kitchen  # where
  takes 4
  witch walking
    enters left
    at 2s [-0.5 0 0.5 1]  # half outside
    leaves right
