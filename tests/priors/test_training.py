"""Training: what learns from what, the same bytes every time, and going on where it was cut short."""

import dataclasses
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.priors import Encoder, Preview, StepReport, TrainingError, read_sidecar, train_motion, train_subject
from dreamrunner.priors.motion import MotionObjective
from dreamrunner.priors.network import with_loras
from dreamrunner.priors.subject import SubjectObjective
from dreamrunner.priors.training import draw_step, sample_of, train
from tests.material import warm
from tests.material.models import build_small
from tests.material.tiny_training import BLOCKS, RECIPE, clips, load_four_blocks, photos


def awake(network) -> None:
    """Give every LoRA a B that is not zero, so that each has a gradient to get."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weights in network.parameters.values():
            for weight in weights.values():
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.1)


def gradients(network) -> dict[str, bool]:
    """For each LoRA whether all of its matrices (True) or none of them (False) have a gradient."""
    found = {}
    for name, weights in network.parameters.items():
        has = {weight.grad is not None and bool(weight.grad.any()) for weight in weights.values()}
        assert len(has) == 1, f"part of {name} has gradients"
        found[name] = has.pop()
    return found


def test_each_loss_reaches_its_own_lora_and_no_other(four_blocks):
    samples = Encoder(four_blocks).samples(clips(3))
    objective = MotionObjective(3, BLOCKS, RECIPE)
    with with_loras(four_blocks, objective.loras, RECIPE, seed=0) as network:
        awake(network)
        draw = draw_step(four_blocks, samples, seed=0, step=0)
        seen = []

        def backward(loss):
            loss.backward()
            seen.append(gradients(network))
            for weights in network.parameters.values():
                for weight in weights.values():
                    weight.grad = None

        objective.step(network, draw, backward)
    quiet = {f"spatial-{index}": False for index in range(3)}
    assert seen == [{"temporal": True} | quiet, {"temporal": False} | quiet | {f"spatial-{draw.index}": True}]


def test_the_spatial_lora_takes_part_in_the_temporal_pass_and_not_the_reverse(four_blocks):
    """The temporal loss reads the clip's spatial LoRA; the spatial loss is blind to the temporal one."""
    samples = Encoder(four_blocks).samples(clips(1))
    recipe = dataclasses.replace(RECIPE, dropout=0.0)
    objective = MotionObjective(1, BLOCKS, recipe)
    losses = {}
    with with_loras(four_blocks, objective.loras, recipe, seed=0) as network:
        for changed in ("nothing", "temporal", "spatial-0"):
            awake(network)
            with torch.no_grad():
                for weight in network.parameters.get(changed, {}).values():
                    weight.mul_(2)
            draw = draw_step(four_blocks, samples, seed=0, step=0)
            losses[changed] = objective.step(network, draw, lambda loss: None)
    assert losses["temporal"]["spatial"] == losses["nothing"]["spatial"]
    assert losses["temporal"]["temporal"] != losses["nothing"]["temporal"]
    assert losses["spatial-0"]["temporal"] != losses["nothing"]["temporal"]
    assert losses["spatial-0"]["spatial"] != losses["nothing"]["spatial"]


def test_a_subject_learns_in_even_blocks_alone(four_blocks):
    samples = Encoder(four_blocks).stills(photos(2))
    objective = SubjectObjective(BLOCKS, RECIPE)
    with with_loras(four_blocks, objective.loras, RECIPE, seed=0) as network:
        awake(network)
        objective.step(network, draw_step(four_blocks, samples, 0, 0), lambda loss: loss.backward())
        assert gradients(network) == {"subject": True}
        assert {FAMILY.block_of(name) + 1 for name in network.parameters["subject"]} == {2, 4}
    assert all((one.latents[1:] - one.latents[1:2]).abs().max() < 1e-4 for one in samples), "a photo stands still"


@pytest.mark.parametrize(("kind", "numbers"), [("motion", {1, 3}), ("subject", {2, 4})])
def test_an_adapters_file_touches_only_its_blocks(four_blocks, tmp_path, kind, numbers):
    adapter = train_some(four_blocks, tmp_path / "a.safetensors", kind)
    layers = {name.removeprefix("transformer.").split(".lora_")[0] for name in load_file(adapter.file)}
    assert {FAMILY.block_of(layer) + 1 for layer in layers} == numbers
    assert len(layers) == 2 * 5
    assert {block + 1 for block in read_sidecar(adapter.file).blocks} == numbers


def test_one_round_visits_every_clip_once(four_blocks):
    samples = Encoder(four_blocks).samples(clips(3))
    picked = [draw_step(four_blocks, samples, 7, step).index for step in range(30)]
    rounds = [picked[start : start + 3] for start in range(0, 30, 3)]
    assert all(sorted(one) == [0, 1, 2] for one in rounds) and len({tuple(one) for one in rounds}) > 1


def train_some(loaded: Loaded, file: Path, kind: str, **how):
    if kind == "motion":
        return train_motion(loaded, clips(3), RECIPE, of="waving", file=file, **how)
    return train_subject(loaded, photos(3), RECIPE, of="witch", file=file, **how)


@pytest.mark.parametrize("kind", ["motion", "subject"])
def test_a_seed_is_one_file_bit_for_bit(four_blocks, tmp_path, kind):
    first = train_some(four_blocks, tmp_path / "1.safetensors", kind, seed=3)
    torch.rand(1)  # what else draws random numbers changes nothing
    second = train_some(four_blocks, tmp_path / "2.safetensors", kind, seed=3)
    other = train_some(four_blocks, tmp_path / "3.safetensors", kind, seed=4)
    assert first.file.read_bytes() == second.file.read_bytes()
    assert first.digest == second.digest != other.digest
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_training_leaves_the_pipeline_and_the_random_state_as_they_were(four_blocks, tmp_path):
    transformer = four_blocks.pipe.transformer
    before = {name: value.clone() for name, value in transformer.state_dict().items()}
    state = torch.get_rng_state()
    train_some(four_blocks, tmp_path / "a.safetensors", "motion")
    after = transformer.state_dict()
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)
    assert not transformer.training and not any(weight.requires_grad for weight in transformer.parameters())
    assert torch.equal(state, torch.get_rng_state())


def test_the_pipelines_scheduler_keeps_its_tables_where_they_are(four_blocks):
    """Adding noise moves a scheduler's tables to where the latents are: those of another, if it is to film
    afterwards."""
    objective, own = SubjectObjective(BLOCKS, RECIPE), four_blocks.pipe.scheduler
    with with_loras(four_blocks, objective.loras, RECIPE, seed=0) as network:
        elsewhere = torch.zeros(3, 4, 8, 8, device="meta")
        noise, timestep = torch.zeros_like(elsewhere), torch.tensor([3], device="meta")
        network.family.add_noise(network.scheduler, elsewhere, noise, timestep)
        assert network.scheduler.alphas_cumprod.device.type == "meta"
    assert own.alphas_cumprod.device.type == "cpu" and network.scheduler.config == own.config


def test_gradient_checkpointing_changes_no_bit(four_blocks, tmp_path):
    plain = train_motion(four_blocks, clips(2), RECIPE, of="a", file=tmp_path / "1.safetensors")
    saving = dataclasses.replace(RECIPE, checkpointing=True)
    thrifty = train_motion(four_blocks, clips(2), saving, of="a", file=tmp_path / "2.safetensors")
    assert plain.digest == thrifty.digest
    assert not four_blocks.pipe.transformer.is_gradient_checkpointing


@pytest.mark.parametrize(
    "change", [{"debiased": False}, {"arrangement": "half-half"}, {"output_projection": True}, {"alpha": 4.0}]
)
def test_every_option_changes_what_is_learnt(four_blocks, tmp_path, change):
    plain = train_motion(four_blocks, clips(2), RECIPE, of="a", file=tmp_path / "1.safetensors")
    changed = dataclasses.replace(RECIPE, **change)
    other = train_motion(four_blocks, clips(2), changed, of="a", file=tmp_path / "2.safetensors")
    one, two = load_file(plain.file), load_file(other.file)
    assert one.keys() != two.keys() or any(not torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_training_lowers_the_loss_of_every_kind_of_prediction(tmp_path, prediction):
    loaded = load_four_blocks(tmp_path / "model", prediction=prediction, rotary=prediction == "v_prediction")
    samples = Encoder(loaded).samples(clips(1))
    losses = {}
    for rate in (1e-12, 1e-2):
        recipe = dataclasses.replace(RECIPE, steps=20, rank=4, dropout=0.0, learning_rate=rate)
        losses[rate] = train(loaded, samples, MotionObjective(1, BLOCKS, recipe), recipe, seed=0, key=f"{rate}",
                             checkpoint=tmp_path / f"{rate}.safetensors").losses  # fmt: skip
    # the same noise at the same timesteps, so the two differ by what was learnt
    for name in ("temporal", "spatial"):
        assert sum(losses[1e-2][name][10:]) < 0.99 * sum(losses[1e-12][name][10:]), name


@pytest.mark.parametrize("step", [0, 24, 49, 50, 120, 199])
def test_a_decaying_rate_rises_for_fifty_steps_and_falls_along_a_cosine(step):
    recipe = dataclasses.replace(RECIPE, steps=200, learning_rate=0.5, decay=True)
    falling = 0.02 + 0.98 * math.cos(math.pi * step / 400) ** 2
    assert recipe.rate_at(step) == pytest.approx(0.5 * falling * min(1, (step + 1) / 50))
    assert dataclasses.replace(recipe, decay=False).rate_at(step) == 0.5


def test_each_step_is_as_long_as_its_rate(four_blocks, tmp_path):
    """Adam's first step moves every weight that has a gradient by the rate; B begins at nought."""
    recipe = dataclasses.replace(RECIPE, steps=1, learning_rate=0.5, decay=True)
    trained = train_motion(four_blocks, clips(1), recipe, of="a", file=tmp_path / "a.safetensors")
    longest = max(float(tensor.abs().max()) for name, tensor in load_file(trained.file).items() if ".lora_B" in name)
    assert longest == pytest.approx(0.5 / 50, rel=1e-3)


class Unplugged(Exception):
    """Stands for whatever ends a training half-way."""


def unplug_at(number: int):
    def on_step(report: StepReport) -> None:
        if report.step == number:
            raise Unplugged

    return on_step


@pytest.mark.parametrize("kind", ["motion", "subject"])
def test_a_training_that_was_cut_short_goes_on_and_ends_in_the_same_bytes(four_blocks, tmp_path, kind):
    whole = train_some(four_blocks, tmp_path / "whole.safetensors", kind)
    kept, file, steps = tmp_path / "checkpoint.safetensors", tmp_path / "cut.safetensors", []
    for number in (2, 4):
        with pytest.raises(Unplugged):
            train_some(four_blocks, file, kind, checkpoint=kept, save_every=0.0, on_step=unplug_at(number))
    assert kept.exists() and not file.exists()
    again = train_some(four_blocks, file, kind, checkpoint=kept, on_step=lambda report: steps.append(report.step))
    assert steps == [5], "it went on after the fourth step"
    assert again.file.read_bytes() == whole.file.read_bytes()
    assert kept.exists(), "one that was named is the caller's to remove"


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_a_checkpoint_holds_what_later_steps_read_and_an_earlier_one_changed(four_blocks, tmp_path, cut):
    kept = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Unplugged):
        train_some(
            four_blocks, tmp_path / "a", "motion", checkpoint=kept, save_every=0.0, seed=1, on_step=unplug_at(cut)
        )
    drawn = [sample_of(1, step, 3) for step in range(RECIPE.steps)]
    needed = {f"spatial-{index}" for index in set(drawn[:cut]) & set(drawn[cut:])}
    assert {name.partition("/")[0] for name in load_file(kept)} == {"temporal"} | needed
    assert len(needed) < 3


def test_a_checkpoint_of_its_own_is_gone_once_the_file_is_written(four_blocks, tmp_path, monkeypatch):
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    with pytest.raises(Unplugged):
        train_some(four_blocks, tmp_path / "a.safetensors", "motion", save_every=0.0, on_step=unplug_at(2))
    assert len(list((tmp_path / "cache" / "training").iterdir())) == 1
    train_some(four_blocks, tmp_path / "a.safetensors", "motion")
    assert list((tmp_path / "cache" / "training").iterdir()) == []


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(("spoil", "count"), [(cut_short, 3), (empty, 3), (lambda file: None, 2)])
def test_a_broken_checkpoint_or_one_of_other_clips_is_no_beginning(four_blocks, tmp_path, spoil, count):
    kept, file, steps = tmp_path / "checkpoint.safetensors", tmp_path / "a.safetensors", []
    with pytest.raises(Unplugged):
        train_some(four_blocks, file, "motion", checkpoint=kept, save_every=0.0, on_step=unplug_at(3))
    spoil(kept)
    hear = lambda report: steps.append(report.step)  # noqa: E731
    train_motion(four_blocks, clips(count), RECIPE, of="waving", file=file, checkpoint=kept, on_step=hear)
    assert steps == [1, 2, 3, 4, 5]


_CHILD = """
import os, signal, sys
from pathlib import Path
from dreamrunner.backbones import describe, load
from dreamrunner.priors import train_motion
from tests.material.tiny_training import RECIPE, clips

def on_step(report):
    print(report.step, flush=True)
    if str(report.step) == os.environ.get("DREAMRUNNER_HOLD"):
        os.kill(os.getpid(), signal.SIGSTOP)

folder = Path(sys.argv[1])
train_motion(load(describe(sys.argv[2])), clips(3), RECIPE, of="waving", file=folder / "killed.safetensors",
             checkpoint=folder / "checkpoint.safetensors", save_every=0.0, on_step=on_step)
"""


def test_a_killed_process_loses_only_its_last_step(four_blocks, tmp_path):
    whole = train_some(four_blocks, tmp_path / "whole.safetensors", "motion")
    command = [sys.executable, "-c", _CHILD, str(tmp_path), str(four_blocks.backbone.source)]
    holding = warm.environment(DREAMRUNNER_HOLD="4")
    with warm.Popen(command, env=holding, stdout=subprocess.PIPE, text=True) as child:
        os.waitpid(child.pid, os.WUNTRACED)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL and not (tmp_path / "killed.safetensors").exists()
    finished = warm.run(command, env=warm.environment(), text=True, check=True)
    assert finished.stdout.split()[0] in ("4", "5")
    assert (tmp_path / "killed.safetensors").read_bytes() == whole.file.read_bytes()


def test_previews_show_the_prior_so_far_and_change_nothing(four_blocks, tmp_path):
    shown = {}
    preview = Preview(every=2, prompt="a witch is waving", write=lambda step, frames: shown.update({step: frames}))
    with_previews = train_some(four_blocks, tmp_path / "1.safetensors", "motion", preview=preview)
    without = train_some(four_blocks, tmp_path / "2.safetensors", "motion")
    assert with_previews.digest == without.digest
    assert shown.keys() == {2, 4} and shown[2].shape == (9, 32, 32, 3) and (shown[2] != shown[4]).any()


def test_latents_and_texts_are_computed_once(four_blocks, tmp_path, monkeypatch):
    fresh = Encoder(four_blocks, tmp_path / "kept")
    computed = fresh.samples(clips(2))
    assert len(list((tmp_path / "kept").iterdir())) == 4

    def refuse(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr("dreamrunner.priors.encoding.encode_video", refuse)
    monkeypatch.setattr("dreamrunner.priors.encoding.encode_text", refuse)
    kept = Encoder(four_blocks, tmp_path / "kept").samples(clips(2))
    assert all(
        torch.equal(a.latents, b.latents) and torch.equal(a.text, b.text) for a, b in zip(computed, kept, strict=True)
    )
    with pytest.raises(AssertionError):
        Encoder(four_blocks, tmp_path / "elsewhere").samples(clips(1))
    next((tmp_path / "kept").iterdir()).write_bytes(b"broken")
    with pytest.raises(AssertionError):
        Encoder(four_blocks, tmp_path / "kept").samples(clips(2))


def test_clips_of_another_size_are_refused(four_blocks):
    (clip,) = clips(1)
    with pytest.raises(ValueError, match=r"\(9, 32, 32, 3\)"):
        Encoder(four_blocks).samples([dataclasses.replace(clip, frames=clip.frames[:5])])


@pytest.mark.parametrize("kind", ["motion", "subject"])
def test_a_model_of_one_block_is_refused_in_a_line(tmp_path, kind):
    loaded = load(describe(str(build_small(tmp_path / "model", 1))))
    learn, material = (train_motion, clips(1)) if kind == "motion" else (train_subject, photos(1))
    with pytest.raises(TrainingError, match=f"model has too few blocks to learn a {kind} in; two are needed"):
        learn(loaded, material, RECIPE, of="waving", file=tmp_path / "lora.safetensors")


def test_a_training_that_goes_astray_says_so(four_blocks, tmp_path):
    wild = dataclasses.replace(RECIPE, learning_rate=1e30)
    with pytest.raises(TrainingError, match="lower learning rate"):
        train_motion(four_blocks, clips(1), wild, of="waving", file=tmp_path / "a.safetensors")


def test_only_the_lora_that_lasts_comes_back(four_blocks):
    samples = Encoder(four_blocks).samples(clips(2))
    trained = train(four_blocks, samples, MotionObjective(2, BLOCKS, RECIPE), RECIPE, seed=0, key="0" * 64)
    assert {FAMILY.block_of(name) + 1 for name in trained.tensors} == {1, 3}
    assert {name: len(values) for name, values in trained.losses.items()} == {"temporal": 5, "spatial": 5}


def test_every_clip_is_learnt_with_its_own_words(four_blocks):
    """A prompt per video (paper 3.2): what the network reads in both passes is the caption of the clip that it sees."""
    several = [
        dataclasses.replace(clip, caption=f"a {word}")
        for clip, word in zip(clips(3), ("cat", "dog", "king"), strict=True)
    ]
    samples = Encoder(four_blocks).samples(several)
    objective = MotionObjective(3, BLOCKS, RECIPE)
    read = []
    with with_loras(four_blocks, objective.loras, RECIPE, seed=0) as network:
        predict = network.predict
        network.predict = lambda noisy, text, timestep: read.append(text) or predict(noisy, text, timestep)
        for step in range(3):
            draw = draw_step(four_blocks, samples, 0, step)
            objective.step(network, draw, lambda loss: None)
            own = Encoder(four_blocks).samples([several[draw.index]])[0]
            assert len(read) == 2 and all(torch.equal(text, own.text) for text in read)
            assert torch.equal(draw.sample.latents, own.latents)
            read.clear()
    assert not torch.equal(samples[0].text, samples[1].text)
