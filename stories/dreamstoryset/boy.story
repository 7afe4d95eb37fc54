use "cast.story"

story "Rain, Then Not"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 19

scene doorway
  background "a front door in heavy rain"
  narration "It pours. The boy opens an umbrella and runs out."

  boy opening-an-umbrella 0s..3s
  boy running 3s..6s

scene puddles
  background "a street with puddles"
  narration "He splashes in every puddle, and jumps over the largest."

  boy splashing-in-water 0s..3s
  boy jumping 3s..6s

scene tree
  background "a dripping old oak"
  narration "He climbs the old oak and looks out for the sun, pointing."

  boy climbing-a-tree 0s..3s
  boy pointing 3s..6s

scene chalk
  background "a pavement that is drying"
  narration "The sun is here. He draws with chalk, and blows bubbles."

  boy drawing-with-chalk 0s..3s
  boy blowing-bubbles 3s..6s

scene wind
  background "a windy hill"
  narration "On the hill he holds his kite, and runs along with it."

  boy holding-a-kite 0s..3s
  boy running 3s..6s

scene ball
  background "a village green"
  narration "He throws a ball against the wall, and catches it again."

  boy throwing-a-ball 0s..3s
  boy catching-a-ball 3s..6s

scene beach
  background "a beach at low tide"
  narration "He builds a sandcastle and claps when it stands."

  boy building-a-sandcastle 0s..3s
  boy clapping 3s..6s

scene way-home
  background "a country road at sunset"
  narration "He rides home on his bicycle. In bed he sleeps at once."

  boy riding-a-bicycle 0s..3s
  boy sleeping 3s..6s
