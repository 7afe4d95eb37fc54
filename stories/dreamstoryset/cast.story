# The ten characters of the set, and its 64 motions.

character witch "a witch in a purple dress and a pointed hat"
character cat "an orange cat"
character robot "a blue robot"
character king "a king in a red robe"
character baker "a round baker in a white apron and a tall white hat"
character sailor "an old sailor with a grey beard and a dark blue cap"
character dancer "a young dancer in a green skirt with her hair in a bun"
character gardener "a gardener in rubber boots with a wide straw hat"
character boy "a small boy in a yellow raincoat"
character bear "a big brown bear with a striped scarf"

motion walking
motion jumping
motion waving
motion sitting
motion flying
motion sleeping
motion stirring
  query "person is stirring a pot"
motion dancing
motion reading
motion running
motion kneading-dough
motion rolling-out-dough
motion whisking-eggs
motion pouring-milk
motion slicing-bread
motion tasting-soup
motion washing-dishes
motion sweeping-the-floor
motion carrying-a-basket
motion lighting-a-candle
motion rowing-a-boat
motion pulling-a-rope
motion tying-a-knot
motion casting-a-fishing-line
motion looking-through-a-spyglass
motion playing-the-accordion
motion drinking-tea
motion saluting
motion stretching
motion pirouetting
motion leaping
motion bowing
motion lacing-shoes
motion brushing-hair
motion clapping
motion twirling-a-ribbon
motion skipping-rope
motion digging
motion planting-seeds
motion watering-flowers
motion picking-apples
motion raking-leaves
motion pushing-a-wheelbarrow
motion wiping-the-forehead
motion trimming-a-hedge
motion splashing-in-water
motion holding-a-kite
motion riding-a-bicycle
motion throwing-a-ball
motion catching-a-ball
motion building-a-sandcastle
motion drawing-with-chalk
motion opening-an-umbrella
motion blowing-bubbles
motion climbing-a-tree
motion scratching-an-itch
motion catching-a-fish
motion eating-honey
motion yawning
motion rolling-over
motion sniffing
motion hugging
motion pointing
motion kneeling
