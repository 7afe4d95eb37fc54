use "cast.story"

story "Rehearsal"
  language 1
  style "storybook illustration"
  model cogvideox-2b
  seed 17

scene door
  background "a dressing room with lamps round a mirror"
  narration "The dancer brushes her hair and laces her shoes."

  dancer brushing-hair 0s..3s
  dancer lacing-shoes 3s..6s

scene warm-up
  background "an empty dance studio"
  narration "She stretches at the bar, and skips rope to get warm."

  dancer stretching 0s..3s
  dancer skipping-rope 3s..6s

scene practice
  background "a dance studio with tall windows"
  narration "She leaps across the room, and pirouettes in the middle."

  dancer leaping 0s..3s
  dancer pirouetting 3s..6s

scene again
  background "a dance studio in the afternoon"
  narration "The teacher is not content. She runs up and jumps again."

  dancer running 0s..3s
  dancer jumping 3s..6s

scene break
  background "a backstage corridor with boxes"
  narration "In the break she sits on a box and drinks tea."

  dancer sitting 0s..3s
  dancer drinking-tea 3s..6s

scene stage
  background "a large stage with a red curtain"
  narration "In the evening she twirls a ribbon and dances through it."

  dancer twirling-a-ribbon 0s..3s
  dancer dancing 3s..6s

scene applause
  background "a stage covered in flowers"
  narration "When it is over she bows, and then she waves."

  dancer bowing 0s..3s
  dancer waving 3s..6s
