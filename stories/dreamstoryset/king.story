use "cast.story"

story "The King Without a Servant"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 14

scene bedroom
  background "a royal bedroom in the morning"
  narration "Nobody wakes the king. He stretches, and then he yawns."

  king stretching 0s..3s
  king yawning 3s..6s

scene mirror
  background "a hall of mirrors"
  narration "He brushes his hair by himself, and bows to his mirror."

  king brushing-hair 0s..3s
  king bowing 3s..6s

scene breakfast
  background "a long table under chandeliers"
  narration "He pours his own milk and drinks his own tea."

  king pouring-milk 0s..3s
  king drinking-tea 3s..6s

scene balcony
  background "a stone balcony above a square"
  narration "From the balcony he waves, and salutes a passing guard."

  king waving 0s..3s
  king saluting 3s..6s

scene throne-room
  background "a throne room with red carpets"
  narration "He sweeps the floor round the throne, and sits down on it."

  king sweeping-the-floor 0s..3s
  king sitting 3s..6s

scene evening
  background "a tower room in the evening"
  narration "In the evening he lights a candle and reads until it is gone."

  king lighting-a-candle 0s..3s
  king reading 3s..6s
