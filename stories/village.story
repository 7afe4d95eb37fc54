# A cast that several stories share; it has no scenes of its own.
character witch
  looks "a witch in a purple dress and a pointed hat"
character dog "a large red dog"
character rabbit "a white rabbit"

prop pumpkin "an orange pumpkin"
prop mushroom "a red mushroom"

motion walking
  query "person is walking"
motion jumping
motion waving
  query "person is waving with both arms"
motion sleeping
