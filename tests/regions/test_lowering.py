"""Lowering: prompts, regions and LoRA maps of a scene."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors import Adapter
from dreamrunner.regions import Grid, RegionProgram, lower, masks, region_mask, signatures
from dreamrunner.regions.signatures import uncovered

GRID = Grid(frames=17, steps=5, rows=8, columns=12)
LEFT, RIGHT = Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1)


def beat(entity, description, box=LEFT, *, motion=None, span=(0.0, 6.0), keyframes=None) -> PlannedBeat:
    return PlannedBeat(
        entity=entity,
        motion=motion,
        start=span[0],
        end=span[1],
        description=description,
        keyframes=keyframes or (KeyFrame(0.0, box),),
    )


def scene(*beats, background="a garden", **more) -> PlannedScene:
    return PlannedScene(
        name="garden",
        background=background,
        narration="",
        duration=6.0,
        transition=Transition(),
        seed=1,
        beats=beats,
        **more,
    )


def adapter(kind, of) -> Adapter:
    return Adapter(name=f"{kind}-{of}", kind=kind, of=of, file=Path("x.safetensors"), digest="0" * 64)


def test_prompts_of_a_scene():
    program = lower(
        scene(
            beat("witch", "A witch is walking."),
            beat("cat", "A cat", RIGHT),
            camera="slow push in",
            avoid="text, watermark",
        ),
        GRID,
        style="storybook watercolour",
    )
    assert [condition.prompt for condition in program.conditions] == [
        "A witch is walking, storybook watercolour",
        "A cat, storybook watercolour",
        "a garden, slow push in, storybook watercolour",
    ]
    assert program.plain_prompt == "A witch is walking and A cat in a garden, slow push in, storybook watercolour"
    assert program.negative_prompt == "text, watermark"


@pytest.mark.parametrize(("background", "plain"), [("on a beach", "A cat on a beach"), ("a beach", "A cat in a beach")])
def test_plain_prompt_joins_the_background_by_its_own_preposition(background, plain):
    assert lower(scene(beat("cat", "A cat"), background=background), GRID).plain_prompt == plain


def test_a_scene_without_beats_is_background_alone():
    program = lower(scene(), GRID)
    assert [condition.prompt for condition in program.conditions] == ["a garden"]
    assert masks(program).all() and program.plain_prompt == "a garden"


def test_an_entity_with_two_descriptions_is_two_conditions_each_in_its_span():
    program = lower(
        scene(beat("witch", "A witch walks", span=(0, 3)), beat("witch", "A witch waves", RIGHT, span=(3, 6))), GRID
    )
    walking, waving, _ = masks(program).reshape(3, 5, 8, 12).any((2, 3))
    # token frames stand for 0.18, 1.06, 2.47, 3.88 and 5.29 seconds
    assert walking.tolist() == [True, True, True, False, False]
    assert waving.tolist() == [False, False, False, True, True]


def test_the_same_words_are_one_condition_over_the_union_of_their_boxes():
    program = lower(scene(beat("cat", "A cat", LEFT), beat("tom", "A cat", RIGHT)), GRID)
    assert len(program.conditions) == 2
    cats, background = masks(program)
    assert cats.all() and not background.any()


def test_boxes_move_between_key_frames():
    frames = (KeyFrame(0.0, Box(0, 0, 0.5, 1)), KeyFrame(6.0, Box(0.5, 0, 1, 1)))
    moving = lower(scene(beat("cat", "A cat", keyframes=frames)), GRID).conditions[0].regions
    assert [step[0].column0 for step in moving] == [0, 1, 2, 4, 5]
    held = lower(scene(beat("cat", "A cat", keyframes=frames)), GRID, interpolation="hold").conditions[0].regions
    assert [step[0].column0 for step in held] == [0, 0, 0, 0, 0]


def test_adapters_go_by_the_plans_fields_not_by_the_words():
    program = lower(
        scene(beat("witch", "A girl", motion="waving"), beat("cat", "A cat near the witch waving", RIGHT)),
        GRID,
        adapters=[adapter("subject", "witch"), adapter("motion", "waving"), adapter("subject", "king")],
    )
    assert [(one.adapter, one.conditions) for one in program.lora_maps] == [
        ("subject-witch", (0,)),
        ("motion-waving", (0,)),
    ]
    assert program.lora_maps[0].regions == program.conditions[0].regions


def test_an_entity_in_two_overlapping_beats_gets_its_adapter_once():
    program = lower(
        scene(beat("witch", "A witch", LEFT, motion="waving"), beat("witch", "A girl", LEFT, motion="waving")),
        GRID,
        adapters=[adapter("subject", "witch")],
    )
    (only,) = program.lora_maps
    assert only.conditions == (0, 1)
    assert all(len(step) == 1 for step in only.regions)


def test_a_program_survives_json():
    program = lower(scene(beat("witch", "A witch")), GRID, adapters=[adapter("subject", "witch")])
    assert RegionProgram.model_validate_json(program.model_dump_json()) == program


corner = st.floats(0, 1) | st.floats(-1, 2)


@st.composite
def beats(draw):
    start, end = sorted(draw(st.lists(st.floats(0, 6), min_size=2, max_size=2, unique=True)))
    keyframes = []
    for at in sorted(draw(st.lists(st.floats(0, 6), min_size=1, max_size=3, unique=True))):
        (x0, x1), (y0, y1) = (sorted((draw(corner), draw(corner))) for _ in range(2))
        keyframes.append(KeyFrame(at, Box(x0, y0, x1, y1)))
    return beat(
        draw(st.sampled_from("abc")),
        draw(st.sampled_from(["A one", "A two", "A three", "A four"])),
        motion=draw(st.sampled_from([None, "waving"])),
        span=(start, end),
        keyframes=tuple(keyframes),
    )


grids = st.sampled_from(
    [
        GRID,
        Grid(frames=1, steps=1, rows=3, columns=2),
        Grid(frames=49, steps=13, rows=30, columns=45),
        Grid(frames=9, steps=2, rows=5, columns=7, temporal_patch=2),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(beats(), max_size=6), grids)
def test_every_token_has_an_owner_and_the_background_only_what_is_left(several, grid):
    covering = masks(lower(scene(*several), grid))
    assert covering.any(0).all()
    assert not (covering[-1] & covering[:-1].any(0)).any()


@settings(max_examples=60, deadline=None)
@given(st.lists(beats(), min_size=1, max_size=6), grids)
def test_a_condition_is_the_union_of_its_beats_and_no_beat_is_lost(several, grid):
    program = lower(scene(*several), grid)
    for condition, mask in zip(program.conditions[:-1], masks(program)[:-1], strict=True):
        assert mask.any()
        own = [lower(scene(one), grid) for one in several if one.description == condition.prompt]
        assert np.array_equal(mask, np.logical_or.reduce([masks(one)[0] for one in own if len(one.conditions) > 1]))


@settings(max_examples=60, deadline=None)
@given(st.lists(beats(), min_size=1, max_size=6), st.randoms(use_true_random=False), grids)
def test_nothing_depends_on_the_order_of_entities(several, random, grid):
    adapters = [adapter("subject", "a"), adapter("subject", "b"), adapter("motion", "waving")]
    shuffled = random.sample(several, len(several))
    one, other = (lower(scene(*order), grid, adapters=adapters) for order in (several, shuffled))

    def by_prompt(program):
        return {condition.prompt: condition.regions for condition in program.conditions}

    def loras(program):
        return {
            one.adapter: (one.regions, {program.conditions[index].prompt for index in one.conditions})
            for one in program.lora_maps
        }

    assert by_prompt(one) == by_prompt(other) and loras(one) == loras(other)


@settings(max_examples=60, deadline=None)
@given(st.lists(beats(), max_size=6), grids)
def test_signatures_are_the_masks_in_another_form(several, grid):
    covering = masks(lower(scene(*several), grid))
    again = np.zeros_like(covering)
    seen = []
    for signature in signatures(covering):
        assert signature.conditions and list(signature.tokens) == sorted(signature.tokens)
        again[np.ix_(signature.conditions, signature.tokens)] = True
        seen += signature.tokens.tolist()
    assert np.array_equal(again, covering)
    assert sorted(seen) == list(range(covering.shape[1]))
    assert len({signature.conditions for signature in signatures(covering)}) == len(signatures(covering))


def test_signatures_hold_more_conditions_than_an_integer_has_bits():
    covering = np.eye(80, dtype=bool)
    assert [signature.conditions for signature in signatures(covering)] == [(i,) for i in range(80)]


def test_region_mask_is_a_union():
    program = lower(scene(beat("a", "A", Box(0, 0, 0.5, 0.5)), beat("b", "A", Box(0.25, 0.25, 0.75, 0.75))), GRID)
    mask = region_mask(program.conditions[0].regions, GRID)[0]
    # 4 x 6 and 4 x 6 tokens that share 2 x 3
    assert mask.sum() == 24 + 24 - 6


def test_a_learnt_character_is_called_by_its_placeholder_in_its_own_prompts_only():
    told = scene(
        beat("witch", "A small witch waves to a cat"),
        beat("cat", "A cat sits near the witch"),
        beat("flowers", "flowers"),
        background="a witch's garden",
    )
    learnt = adapter("subject", "witch").model_copy(update={"placeholder": "[v1]"})
    moving = adapter("motion", "walking").model_copy(update={"placeholder": ""})
    program = lower(told, GRID, adapters=[learnt, moving])
    assert [condition.prompt for condition in program.conditions] == [
        "A small [v1] witch waves to a cat",
        "A cat sits near the witch",
        "flowers",
        "a witch's garden",
    ]
    assert program.plain_prompt.startswith("A small [v1] witch waves to a cat and A cat sits near the witch")
    assert told.beats[0].description == "A small witch waves to a cat"
    assert lower(told, GRID, adapters=[adapter("subject", "witch"), moving]).conditions == lower(told, GRID).conditions


def test_who_is_outside_the_frame_has_no_tokens_and_no_lora_then():
    comes = (KeyFrame(0.0, Box(-0.5, 0, 0.0, 1)), KeyFrame(3.0, Box(-0.5, 0, 0.0, 1)), KeyFrame(6.0, Box(0, 0, 0.5, 1)))
    program = lower(scene(beat("cat", "A cat", keyframes=comes)), GRID, adapters=[adapter("subject", "cat")])
    covered = [
        region_mask(each, GRID).sum(axis=(1, 2))
        for each in (program.conditions[0].regions, program.lora_maps[0].regions)
    ]
    assert covered[0].tolist() == covered[1].tolist() == [0, 0, 0, 16, 40]


def test_who_is_outside_all_the_time_is_no_condition():
    away = Box(1.0, 0, 1.5, 1)
    program = lower(
        scene(beat("cat", "A cat", away), beat("witch", "A witch"), beat("cat", "A cat", away)),
        GRID,
        adapters=[adapter("subject", "cat"), adapter("subject", "witch")],
    )
    assert [condition.prompt for condition in program.conditions] == ["A witch", "a garden"]
    assert [(each.adapter, each.conditions) for each in program.lora_maps] == [("subject-witch", (0,))]


def test_the_lora_of_a_location_works_where_nobody_is():
    kitchen = adapter("subject", "kitchen").model_copy(update={"placeholder": "[v1]"})
    made = scene(
        beat("cat", "A cat", Box(0.25, 0.5, 0.75, 1.0), span=(0.0, 3.0)),
        background="a cosy kitchen, at night",
        setting="kitchen",
    )
    program = lower(made, GRID, adapters=[kitchen, adapter("subject", "cellar")])
    background = program.conditions[-1]
    assert background.prompt == "a cosy [v1] kitchen, at night"
    assert program.plain_prompt == "A cat in a cosy [v1] kitchen, at night"
    (lora,) = program.lora_maps
    assert (lora.adapter, lora.conditions) == ("subject-kitchen", (1,))
    assert region_mask(lora.regions, GRID).ravel().tolist() == masks(program)[-1].tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(beats(), max_size=6), grids)
def test_the_rectangles_that_are_left_lie_apart_and_are_all_that_is_left(several, grid):
    program = lower(scene(*several), grid)
    left = uncovered([condition.regions for condition in program.conditions], grid)
    assert region_mask(left, grid).ravel().tolist() == masks(program)[-1].tolist()
    area = sum((r.row1 - r.row0) * (r.column1 - r.column0) for step in left for r in step)
    assert area == masks(program)[-1].sum()
