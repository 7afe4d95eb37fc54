"""The example that defines the language must be read as it stands."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.language import MISSING, PLACES, Box, KeyFrame, Span, Transition, read_story
from dreamrunner.language.formatter import format_text

EXAMPLE = '''\
# witch.story
use "cast.story"                     # characters, props and motions from another file

story "A Witch's Day"
  language 1
  topic "one day in the life of a witch and her cat"
  style "storybook watercolour"
  model miniature                    # the bundled model; or cogvideox-2b, cogvideox-5b, "a/path/or/hub-id"
  seed 7

character witch
  looks "a girl witch in a violet dress and a pointed hat"
  images "refs/witch/*.png"          # photos: a subject LoRA is trained from them

character cat "a small black cat with green eyes"    # short form: looks on the same line

prop flowers "luminous flowers"      # a thing without a motion of its own

motion stirring
  query "person is stirring a pot"   # what to search the video catalog for
motion waving
  clips "clips/waving/*.mp4"         # bring your own clips ...
motion flying
  lora "loras/flying.safetensors" 0.8   # ... or your own trained LoRA, with its scale

scene garden
  background "a mysterious garden with luminous flowers under the moon"
  narration """
    The witch walks among her flowers, then waves them goodnight.
    The cat watches.
    """
  duration 6s
  transition fade 0.5s               # into the next scene: cut (default), fade, dissolve
  avoid "text, watermark"            # negative prompt
  camera "slow push in"

  witch walking 0s..3s "A girl witch is walking among the luminous flowers"
    at 0s [0.6 0.0 1.0 0.8]
    at 2s [0.5, 0.0, 0.9, 0.8]       # commas are allowed
  witch waving 3s..6s                # description and boxes left to the planner
  cat sitting
    at 0s left                       # a place in words
  flowers

scene kitchen
  narration "Back home she stirs a potion while the cat naps."
'''


def test_the_example_is_sound_and_says_what_it_seems_to(tmp_path: Path) -> None:
    for name in ("refs/witch/1.png", "clips/waving/1.mp4", "loras/flying.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "cast.story").write_text('character dragon "a dragon"\n')
    path = tmp_path / "witch.story"
    path.write_text(EXAMPLE)
    checked = read_story(path)
    assert checked.diagnostics == ()
    story = checked.story
    assert (story.title, story.model, story.seed) == ("A Witch's Day", "miniature", 7)
    assert [item.name for item in story.characters] == ["dragon", "witch", "cat"]
    assert story.characters[1].images == (tmp_path / "refs/witch/1.png",)
    assert [item.name for item in story.motions] == ["stirring", "waving", "flying", "walking", "sitting"]
    assert story.motions[2].loras[0].scale == 0.8
    garden, kitchen = story.scenes
    assert garden.narration == "The witch walks among her flowers, then waves them goodnight.\nThe cat watches."
    assert (garden.duration, garden.transition) == (6.0, Transition("fade", 0.5))
    walking, waving, sitting, flowers = garden.beats
    assert walking.span == Span(0.0, 3.0)
    assert walking.keyframes == (KeyFrame(0.0, Box(0.6, 0.0, 1.0, 0.8)), KeyFrame(2.0, Box(0.5, 0.0, 0.9, 0.8)))
    assert (waving.span, waving.description, waving.keyframes) == (Span(3.0, 6.0), MISSING, ())
    assert sitting.keyframes == (KeyFrame(0.0, PLACES["left"]),)
    assert flowers.motion is None
    assert kitchen.beats == () and kitchen.background is MISSING
    formatted = format_text(EXAMPLE, path).text
    assert formatted.count("#") == EXAMPLE.count("#")
