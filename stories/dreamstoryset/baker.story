use "cast.story"

story "Bread Before Sunrise"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 15

scene street
  background "a narrow street before sunrise"
  narration "The baker runs through the dark street with a basket."

  baker running 0s..3s
  baker carrying-a-basket 3s..6s

scene table
  background "a bakery with a floured table"
  narration "He kneads the dough, and rolls it out as wide as the table."

  baker kneading-dough 0s..3s
  baker rolling-out-dough 3s..6s

scene bowl
  background "a bakery with copper bowls"
  narration "For the cakes he whisks eggs and pours milk into them."

  baker whisking-eggs 0s..3s
  baker pouring-milk 3s..6s

scene stove
  background "a bakery with a glowing oven"
  narration "While the bread bakes, he stirs his soup and tastes it."

  baker stirring 0s..3s
  baker tasting-soup 3s..6s

scene shop
  background "a small shop with shelves of bread"
  narration "The first loaf is out. He slices it, and claps his hands."

  baker slicing-bread 0s..3s
  baker clapping 3s..6s

scene cleaning
  background "a bakery at noon"
  narration "At noon he washes the dishes and sweeps the floor."

  baker washing-dishes 0s..3s
  baker sweeping-the-floor 3s..6s

scene rest
  background "a sunny bench before a shop"
  narration "Then he sits in the sun with his tea, and drinks it hot."

  baker sitting 0s..3s
  baker drinking-tea 3s..6s
