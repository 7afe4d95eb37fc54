# A long one: forty scenes, most of them a line of narration and who is in it.
story "Once Around the World"
  language 1
  style "storybook watercolour"
  seed 80

character dog "a large red dog"
character robot "a blue robot"
character ghost "a white ghost"
character frog "a small green frog"
character mermaid "a mermaid with a green tail"
character snowman "a white snowman"
character king "a king in a red robe"

prop mushroom "a red mushroom"

motion walking
  query "person is walking"
motion waving
  query "person is waving with both arms"
motion flying

scene gate
  background "a castle"
  narration "A dog and a robot leave the castle by the small gate."

  dog walking
  robot walking

scene moat
  background "a castle"
  narration "At the moat they turn round and wave."

  dog sitting
  robot waving

scene first-mile
  background "a garden"
  narration "The first mile leads through gardens."

  robot walking

scene milestone
  background "a garden"
  narration "At the milestone the dog sits down."

  dog sitting

scene noon
  background "a garden"
  narration "They eat at noon. The robot only pretends to."
  transition dissolve

  dog sitting
  robot sitting

scene afternoon
  background "a forest"
  narration "In the afternoon they come into the forest."

  dog walking
  robot walking

scene mushrooms
  background "a forest"
  narration "The robot counts mushrooms."

  robot standing
  mushroom

scene echo
  background "a forest"
  narration "The dog barks, and somebody barks back."
  transition fade 1s

  dog jumping

scene first-night
  background "a forest at night"
  narration "They sleep under a fir tree."

  dog sleeping
  robot sitting

scene owl
  background "a forest at night"
  narration "Something white flies over them. It is no owl."
  transition dissolve

  ghost flying

scene morning
  background "a forest"
  narration "In the morning the ghost is still there."

  ghost standing
  dog sitting

scene company
  background "a forest"
  narration "It would like to come along."

  ghost waving
  robot waving

scene three
  background "a forest"
  narration "Now they are three."

  dog walking
  robot walking
  ghost flying

scene edge
  background "a desert"
  narration "The forest ends, and the sand begins."

  robot walking

scene dunes
  background "a desert"
  narration "Up one dune and down the next."
  transition dissolve

  dog walking-rightwards

scene heat
  background "a desert"
  narration "The heat is bad for robots."
  transition fade 1s

  robot sitting

scene shade
  background "a desert"
  narration "The ghost gives no shade, but it tries."

  ghost flying
  robot sitting

scene mirage
  background "a desert"
  narration "The dog sees a castle that is not there."

  dog jumping

scene well
  background "a desert"
  narration "They find a well and a green frog in it."

  frog sitting
  dog sitting

scene frog-talk
  background "a desert"
  narration "The frog knows the way, or says so."
  transition dissolve

  frog waving
  robot standing

scene cold-night
  background "a desert at night"
  narration "Nights in the desert are cold."

  dog sleeping
  robot standing

scene stars
  background "a desert at night"
  narration "The robot reads the stars."

  robot reading

scene salt
  background "a beach"
  narration "A week later the wind tastes of salt."

  dog walking

scene sea
  background "a beach"
  narration "There is the sea. The dog runs up and down."
  transition fade 1s

  dog jumping

scene shells
  background "a beach"
  narration "The ghost looks for shells."
  transition dissolve

  ghost walking

scene mermaid
  background "a beach"
  narration "A mermaid sits on the rocks and reads."

  mermaid reading

scene question
  background "a beach"
  narration "They ask her for the end of the world."

  mermaid sitting
  robot standing

scene answer
  background "a beach"
  narration "She points to the north."

  mermaid waving

scene tide
  background "a beach at night"
  narration "The tide comes in while they sleep."

  dog sleeping
  ghost sleeping

scene north
  background "a beach"
  narration "They follow the shore to the north."
  transition dissolve

  dog walking
  robot walking

scene frost
  background "a garden in the snow"
  narration "One morning the grass is white."

  dog standing

scene snowfall
  background "a forest in the snow"
  narration "Then it snows for three days."
  transition fade 1s

  robot walking-leftwards

scene snowman
  background "a forest in the snow"
  narration "Somebody has built a snowman."

  snowman standing

scene hat
  background "a forest in the snow"
  narration "The snowman takes off his hat."

  snowman waving
  dog sitting

scene lost
  background "a forest in the snow"
  narration "For a day they walk in a circle."
  transition dissolve

  dog walking
  ghost flying

scene lights
  background "a castle at night"
  narration "Then there are lights."

  robot standing

scene castle
  background "a castle in the snow"
  narration "It is the castle that they set out from."

  dog standing
  robot standing

scene king
  background "a castle"
  narration "The king himself opens the gate."

  king waving

scene feast
  background "a kitchen"
  narration "There is soup, and oil for the robot."

  king sitting
  robot sitting

scene asleep
  background "a kitchen"
  narration "The dog is asleep before the story is told."
  transition fade 1s

  dog sleeping
  ghost flying
