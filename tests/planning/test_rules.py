from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.language.story import MISSING, Beat, Character, Motion, Prop, Scene, Story
from dreamrunner.planning import plan_story, rules
from dreamrunner.planning.english import lexicon
from dreamrunner.planning.english.word_forms import ing_form, verb_lemma
from dreamrunner.planning.narration import mentions, reader

STORY = Story(
    Path("witch.story"),
    "A Witch's Day",
    topic="one day of a witch",
    characters=(
        Character("witch", "a girl witch in a violet dress"),
        Character("cat", "a small black cat"),
        Character("snow-queen"),
    ),
    props=(Prop("flowers", "luminous flowers"), Prop("old-owl")),
    motions=(Motion("stirring-a-pot"), Motion("stirring"), Motion("waving")),
)
CAST = ["witch", "cat", "snow-queen"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("The witch walks in her moonlit garden.", "a moonlit garden"),
        ("They meet in an old, dark forest at night.", "an old, dark forest at night"),
        ("She looks at a castle while sitting on the beach.", "a beach"),
        ("Through woods and over hills they go.", "woods"),
        ("By the sea at sunset, the cat yawns.", "the sea at sunset"),
        ("Into the witch's kitchen!", "a kitchen"),
        ("The mushroom is good.", None),
        ("", None),
    ],
)
def test_the_place_that_a_narration_names(text: str, place: str | None) -> None:
    assert mentions.place(text) == place


@pytest.mark.parametrize(
    ("text", "doings"),
    [
        ("The witch walks, then waves. The cat watches.", {"witch": ("walking", "waving"), "cat": ("watching",)}),
        ("The witch and the cat ran.", {"witch": ("running",), "cat": ("running",)}),
        ("Back home she stirs a potion while the cat naps.", {"witch": ("stirring",), "cat": ("napping",)}),
        ("The witch stirs a big pot.", {"witch": ("stirring-a-pot",)}),
        ("The snow queen flies over the sea.", {"snow-queen": ("flying",)}),
        ("The witch takes a walk.", {"witch": ("walking",)}),
        ("Walks are nice.", {}),
    ],
)
def test_what_a_narration_has_everyone_do(text: str, doings: dict) -> None:
    told: dict[str, tuple[str, ...]] = {}
    for event in reader.read_telling(text, CAST, CAST, [motion.name for motion in STORY.motions], "witch").events:
        told[event.entity] = (*told.get(event.entity, ()), event.motion)
    assert told == doings


def test_a_scene_without_beats_is_cast_from_its_narration() -> None:
    def cast(text: str, before: tuple[str, ...] = ()) -> list[tuple]:
        scene = Scene("a", narration=text or MISSING)
        return [(beat.entity, beat.motion) for beat in rules.cast(STORY, scene, rules.read_scene(STORY, scene, before))]

    assert cast("The cat naps near the flowers.") == [("cat", "napping"), ("flowers", None)]
    assert cast("She stirs a potion while the cat naps.") == [("witch", "stirring"), ("cat", "napping")]
    assert cast("She waves.", ("flowers", "snow-queen")) == [("snow-queen", "waving")]
    assert cast("The witch walks, sits, and waves.") == [
        ("witch", "walking"),
        ("witch", "sitting"),
        ("witch", "waving"),
    ]
    assert cast("Silence.") == []
    assert cast("An old owl.") == [("old-owl", None)]
    assert cast("") == [("witch", "standing"), ("cat", "standing")]


def test_a_missing_motion_is_what_the_description_or_the_narration_says() -> None:
    def motions(text: str, *beats: Beat) -> list[str | None]:
        scene = Scene("a", narration=text, beats=beats)
        return list(rules.motions(STORY, scene, rules.read_scene(STORY, scene, ())))

    said = "The witch walks, then waves."
    assert motions(said, Beat("witch"), Beat("witch"), Beat("witch")) == ["walking", "waving", "standing"]
    assert motions(said, Beat("witch", "walking"), Beat("witch")) == ["walking", "waving"]
    assert motions(said, Beat("witch", description="a witch sleeping"), Beat("witch")) == ["sleeping", "walking"]
    assert motions(said, Beat("cat"), Beat("flowers", None)) == ["standing", None]


def test_a_missing_background() -> None:
    def background(name: str, text: str, before: str | None = None, topic: str = "a day") -> str:
        story = Story(Path("s"), "s", topic=topic)
        return rules.background(story, Scene(name, narration=text), before)

    assert background("kitchen", "She swims in the lake.", "a cave") == "a lake"
    assert background("kitchen", "Back home she sings.", "a cave") == "a kitchen"
    assert background("evening", "Back home she sings.", "a cave") == "a cosy room"
    assert background("evening", "She sings.", "a cave") == "a cave"
    assert background("evening", "She sings.", None, "a day at the beach") == "a beach"
    assert background("evening", "She sings.") == "a meadow under a blue sky"


def test_descriptions_are_looks_and_motion() -> None:
    assert rules.description(rules.looks_of(STORY), "cat", "sitting") == "a small black cat, sitting"
    assert rules.description(rules.looks_of(STORY), "cat", "stir-a-pot") == "a small black cat, stirring a pot"
    assert rules.description(rules.looks_of(STORY), "snow-queen", "walking_left") == "a snow queen, walking left"
    assert rules.description(rules.looks_of(STORY), "cat", "flying", -1) == "a small black cat, flying leftwards"
    assert rules.description(rules.looks_of(STORY), "cat", "walking_left", -1) == "a small black cat, walking left"
    assert rules.description(rules.looks_of(STORY), "flowers", None) == "luminous flowers"
    assert rules.description(rules.looks_of(STORY), "old-owl", None) == "an old owl"


def test_a_missing_narration_tells_the_descriptions_once() -> None:
    assert rules.narration(["a cat, sitting", "A witch waves!", "a cat, sitting"], "a room") == (
        "A cat, sitting. A witch waves!"
    )
    assert rules.narration([], "a dark room") == "A dark room."


def test_a_topic_becomes_six_scenes_of_the_declared_things() -> None:
    scenes = rules.outline(STORY)
    assert [scene.name for scene in scenes] == ["opening", "journey", "meeting", "adventure", "return", "goodnight"]
    assert scenes[1].narration == "The witch is stirring in a forest, and the snow queen is waving nearby."
    motions = {beat.motion for scene in scenes for beat in scene.beats}
    assert motions == {None, "stirring-a-pot", "stirring", "waving"}
    assert {beat.entity for scene in scenes for beat in scene.beats} == {*CAST, "flowers", "old-owl"}


@pytest.mark.parametrize(
    "forms",
    [
        "walk walks walked walking",
        "stir stirs stirred stirring",
        "wave waves waved waving",
        "fly flies flew flying",
        "dance dances danced dancing",
        "sing sings sang singing",
        "nap naps napped napping",
        "watch watches watching",
    ],
)
def test_all_forms_of_a_verb_have_one_lemma(forms: str) -> None:
    assert len({verb_lemma(form) for form in forms.split()}) == 1


def test_every_known_verb_is_a_base_form_and_is_found_by_its_ing_form() -> None:
    # "saw" alone is what somebody has seen.
    assert all(verb_lemma(verb) == verb == verb_lemma(ing_form(verb)) for verb in lexicon.VERBS - {"saw"})
    assert (verb_lemma("saws"), ing_form("saws"), verb_lemma("saw")) == ("saw", "sawing", "see")
    assert len({ing_form(verb) for verb in lexicon.VERBS}) == len(lexicon.VERBS)


def test_who_comes_or_goes_and_does_nothing_else_walks() -> None:
    text = 'character cat "a cat"\n\nscene s\n  narration "It is night."\n  cat 0s..3s\n    enters left\n  cat 3s..6s\n'
    plan = plan_story(check_text(text, Path("x.story")).story).plan
    assert [beat.motion for beat in plan.scenes[0].beats] == ["walking", "standing"]
