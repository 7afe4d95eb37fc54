"""A scene through the stock pipeline, with random weights: what must hold whatever the picture shows."""

import numpy as np
import pytest
import torch
from diffusers import CogVideoXDDIMScheduler, CogVideoXTransformer3DModel
from safetensors.torch import save_file

from dreamrunner.backbones import describe, load
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors import AdapterError, read_adapter
from dreamrunner.regions import Grid, lower
from dreamrunner.rendering import RenderError, render
from tests.material.models import autoencoder, randomize, save_pipeline, text_encoder

WITCH, CAT = Box(0, 0.1, 0.4, 1), Box(0.6, 0.4, 1, 1)


def scene(*, avoid="red", cat="a cat is sitting") -> PlannedScene:
    beats = (
        PlannedBeat(
            entity="witch",
            motion="walking",
            start=0,
            end=6,
            description="a witch is walking",
            keyframes=(KeyFrame(0, WITCH), KeyFrame(5, Box(0.3, 0.1, 0.7, 1))),
        ),
        PlannedBeat(entity="cat", motion="sitting", start=0, end=6, description=cat, keyframes=(KeyFrame(0, CAT),)),
    )
    return PlannedScene(
        name="garden",
        background="in the garden",
        narration="",
        duration=6.0,
        seed=1,
        beats=beats,
        transition=Transition(),
        avoid=avoid,
    )


def film(loaded, made=None, adapters=(), *, steps=2, **more) -> np.ndarray:
    program = lower(made or scene(), loaded.backbone.grid, adapters=adapters)
    return render(program, loaded, adapters, **{"seed": 1, "steps": steps, "guidance": 3.0, **more}).pixels


@pytest.fixture(scope="module")
def usual(loaded):
    return film(loaded)


def test_frames_have_the_backbones_size_and_the_scenes_duration(loaded):
    frames = render(lower(scene(), loaded.backbone.grid), loaded, seed=1, steps=1)
    assert frames.pixels.shape == (9, 32, 48, 3) and frames.pixels.dtype == np.uint8
    assert frames.duration == 6.0 and frames.rate == pytest.approx(9 / 6)


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_film(loaded, usual):
    assert np.array_equal(film(loaded), usual)
    assert not np.array_equal(film(loaded, seed=2), usual)


@pytest.mark.parametrize(
    "change",
    [
        {"attention": "hard"},
        {"attention": "plain"},
        {"guidance": 6.0},
        {"guidance": 1.0},
        {"steps": 3},
        {"unconditional_regions": False},
        {"made": scene(cat="a small dog is waving")},
        {"made": scene(avoid="blue")},
    ],
    ids=str,
)
def test_every_option_reaches_the_picture(loaded, usual, change):
    assert not np.array_equal(film(loaded, **change), usual)


def test_plain_is_the_stock_pipeline_with_one_prompt(loaded):
    program = lower(scene(), loaded.backbone.grid)
    video = loaded.pipe(
        prompt=program.plain_prompt,
        negative_prompt="red",
        num_inference_steps=2,
        guidance_scale=3.0,
        max_sequence_length=24,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
    ).frames[0]
    wanted = np.round(video * 255).astype(np.uint8)
    assert np.array_equal(film(loaded, attention="plain"), wanted)


def test_a_scene_of_background_alone_is_the_stock_pipeline_too(loaded):
    made = scene().model_copy(update={"beats": ()})
    difference = film(loaded, made).astype(int) - film(loaded, made, attention="plain").astype(int)
    assert abs(difference).max() <= 1


def test_progress_counts_the_steps(loaded):
    told = []
    film(loaded, steps=3, on_step=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.fixture(scope="module")
def lora(loaded, tmp_path_factory):
    tensors = {}
    for block, _ in enumerate(loaded.pipe.transformer.transformer_blocks):
        name = f"transformer.transformer_blocks.{block}.attn1.to_v"
        generator = torch.Generator().manual_seed(block)
        tensors[f"{name}.lora_A.weight"] = torch.randn(4, 32, generator=generator)
        tensors[f"{name}.lora_B.weight"] = torch.randn(32, 4, generator=generator)
    file = tmp_path_factory.mktemp("lora") / "witch.safetensors"
    save_file(tensors, file)
    return read_adapter(file, kind="subject", of="witch")


def test_adapters_reach_the_picture_by_region_or_everywhere(loaded, usual, lora):
    pictures = [
        usual,
        film(loaded, adapters=[lora]),
        film(loaded, adapters=[lora], lora="global"),
        film(loaded, adapters=[lora], unconditional_regions=False),
    ]
    assert len({picture.tobytes() for picture in pictures}) == 4
    none = lora.model_copy(update={"scale": 0.0})
    assert np.array_equal(film(loaded, adapters=[none]), usual)
    assert np.array_equal(film(loaded), usual), "nothing of an adapter stays behind"


def test_an_adapter_that_the_scene_does_not_use_is_not_even_read(loaded, usual, lora):
    elsewhere = lora.model_copy(update={"of": "king", "file": lora.file.with_name("missing.safetensors")})
    assert np.array_equal(film(loaded, adapters=[elsewhere]), usual)


def test_ctrl_c_leaves_the_pipeline_usable(loaded, usual, lora):
    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(loaded, adapters=[lora], on_step=stop)
    assert np.array_equal(film(loaded), usual)


def test_a_program_for_another_grid_is_refused(loaded):
    program = lower(scene(), Grid(frames=49, steps=13, rows=30, columns=45))
    with pytest.raises(RenderError, match=r"lowered for another model or size than .* at 48x32"):
        render(program, loaded, seed=1)


def test_a_missing_adapter_is_refused(loaded, lora):
    program = lower(scene(), loaded.backbone.grid, adapters=[lora])
    with pytest.raises(RenderError, match="subject-witch"):
        render(program, loaded, seed=1)
    with pytest.raises(AdapterError, match="cannot read"):
        render(program, loaded, [lora.model_copy(update={"file": lora.file.with_name("gone.safetensors")})], seed=1)


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_a_number_of_steps_that_cannot_be(loaded, steps):
    with pytest.raises(RenderError, match=f"with {steps} steps: small takes 1 to 1000"):
        film(loaded, steps=steps)


def test_any_whole_number_is_a_seed(loaded):
    assert film(loaded, seed=10**30, steps=1).shape == film(loaded, seed=-1, steps=1).shape


def test_too_little_memory_is_one_line_and_leaves_the_pipeline_usable(loaded, usual):
    def exhausted(done, of):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(RenderError, match="at 48x32 needs more memory"):
        film(loaded, on_step=exhausted)
    assert np.array_equal(film(loaded), usual)


def test_numbers_that_overflow_are_an_error_not_a_black_film(loaded):
    weight = loaded.pipe.transformer.proj_out.weight
    before = weight.detach().clone()
    try:
        with torch.no_grad():
            weight.fill_(float("nan"))
        with pytest.raises(RenderError, match="overflowed"):
            film(loaded)
    finally:
        with torch.no_grad():
            weight.copy_(before)


@pytest.mark.parametrize(
    "geometry",
    [
        {"use_rotary_positional_embeddings": True},
        {"use_rotary_positional_embeddings": True, "patch_size_t": 2, "patch_bias": False},
    ],
    ids=["5b", "1.5"],
)
def test_other_geometries_render_through_their_own_pipeline(tmp_path, geometry):
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=2,
        in_channels=4,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=32,
        sample_width=12,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=8,
        **geometry,
    )
    folder = save_pipeline(
        tmp_path / "model",
        text_encoder(32),
        autoencoder(3, 4),
        randomize(transformer, 0, 0.2),
        CogVideoXDDIMScheduler(),
    )
    loaded = load(describe(str(folder)))
    assert loaded.backbone.grid.temporal_patch == geometry.get("patch_size_t", 1)
    regions, hard = film(loaded, steps=1), film(loaded, steps=1, attention="hard")
    assert regions.shape == (9, 32, 48, 3) and not np.array_equal(regions, hard)


def test_a_scene_longer_than_a_clip_is_filmed_in_windows_at_the_same_rate(loaded):
    def long(last: Box) -> PlannedScene:
        beats = [beat.model_copy(update={"end": 18.0}) for beat in scene().beats]
        beats[0] = beats[0].model_copy(
            update={"keyframes": (KeyFrame(0, WITCH), KeyFrame(15, WITCH), KeyFrame(17, last))}
        )
        return scene().model_copy(update={"duration": 18.0, "beats": tuple(beats)})

    def film(made: PlannedScene, **more) -> np.ndarray:
        program = lower(made, loaded.backbone.grid.spanning(made.duration))
        return render(program, loaded, **{"seed": 1, "steps": 2, **more}).pixels

    usual = film(long(WITCH))
    assert len(usual) == 25 and pytest.approx(9 / 6, abs=0.15) == 25 / 18
    assert np.array_equal(film(long(WITCH)), usual)
    # Windows of three latent frames begin at each of the first five. A box that moves at the end changes what the last
    # two see and, in one step, nothing before they begin.
    changed = (film(long(CAT), steps=1) != film(long(WITCH), steps=1)).any((1, 2, 3))
    assert changed[9:].any() and not changed[:9].any()
    for attention in ("plain", "hard"):
        assert len(film(long(WITCH), attention=attention)) == 25


def test_a_program_for_another_rate_or_a_shorter_clip_is_refused(loaded):
    grid = loaded.backbone.grid
    for other in (grid.model_copy(update={"steps": 2, "frames": 5}), grid.model_copy(update={"rows": 3})):
        with pytest.raises(RenderError, match="another model or size"):
            render(lower(scene(), other), loaded, seed=1, steps=1)
