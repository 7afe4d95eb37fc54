# Who speaks: lines in turn and at a time, music under them, a scene as long as its words.
story "Supper"
  language 1
  model miniature
  seed 9
  music "supper/waltz.ogg" 0.4

character witch "a witch in a purple dress and a pointed hat"
character cat "an orange cat"

motion stirring
motion sitting
motion waving

scene kitchen
  background "a kitchen"
  narration "In the evening the witch cooks."
  duration auto
  transition dissolve 0.5s

  witch stirring
    at 0s left
    says "Soup is ready!"
  cat sitting
    at 0s right
    says "At last."

scene garden
  background "a garden in the evening"
  music "supper/waltz.ogg" 0.2

  witch waving 0s..3s
    says "Good night, cat!" at 0.5s
  cat sitting
    says "Good night."

scene beach
  background "the beach"
  music "supper/waltz.ogg" 0
  narration ""
