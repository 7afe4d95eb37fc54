# Almost nothing is written: a topic and a rabbit. The planner makes the rest.
story "A Rabbit Goes Out"
  topic "a rabbit explores the forest, meets a frog and comes home at night"

character rabbit "a white rabbit"
character frog "a green frog"
