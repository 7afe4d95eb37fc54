# Who and what the story is about. Other stories of this folder can `use "cast.story"` as well.
character witch
  looks "a witch in a purple dress and a pointed hat"
  # Photos teach the film what she looks like: put some into refs/witch and take the # away.
  # images "refs/witch/*.png"

character cat "an orange cat"

# A place that looks alike in every scene that says `in kitchen`.
# location kitchen "a kitchen"

motion walking
  query "person is walking"
motion flying
  query "person is flying through the air"
