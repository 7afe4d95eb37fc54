"""``dreamrunner train``, and LoRA files that stories bring, through the real process with real files."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from dreamrunner.priors import read_sidecar
from tests.material import warm
from tests.material.strangers import clips, photos

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(cache: Path) -> dict[str, str]:
    return warm.environment(DREAMRUNNER_CACHE=str(cache))


def dreamrunner(folder: Path, *arguments: str | Path, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*warm.PROGRAM, *map(str, arguments)]
    done = warm.run(command, cwd=folder, env=environment(cache or folder / "cache"), text=True)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of spinning, photos of a dragon, and a LoRA learnt from each by hand."""
    root = tmp_path_factory.mktemp("training")
    clips(root / "clips")
    photos(root / "refs")
    (root / "clips" / "brief.mp4").write_bytes((root / "clips" / "spinning 0.mp4").read_bytes()[:2000])
    told = (
        "--steps",
        "3",
        "--rank",
        "2",
        "--lr",
        "1e-3",
        "--seed",
        "5",
        "--preview",
        "2",
        "-o",
        "out/spins.safetensors",
    )
    # One of the two imports what it needs itself.
    command = [*warm.PROGRAM, "train", "motion", "spins", "--clips", "clips/*.mp4", *told]
    motion = subprocess.run(command, cwd=root, env=environment(root / "cache"), capture_output=True, text=True)
    subject = dreamrunner(root, "train", "subject", "dragon", "--images", "refs/*.png", "--steps", "5")
    assert (motion.returncode, subject.returncode) == (0, 0), motion.stderr + subject.stderr
    for name, done in (("motion", motion), ("subject", subject)):
        (root / f"{name}.said").write_text(done.stderr + done.stdout)
    return root


def test_a_motion_is_learnt_as_it_was_asked_for(folder: Path) -> None:
    said = (folder / "motion.said").read_text()
    assert said.endswith("\nout/spins.safetensors\n") and "skipped clips/brief.mp4: is " in said
    assert "learning spins for miniature: 3 steps, rank 2\n" in said and "learnt 1 motion in" in said
    sidecar = json.loads((folder / "out" / "spins.json").read_text())
    asked = {"kind": "motion", "of": "spins", "steps": 3, "rank": 2, "learning_rate": 1e-3, "seed": 5}
    assert asked.items() <= sidecar.items()
    assert sidecar["captions"] == ["spinning 0", "spinning 1"] and len(sidecar["losses"]["temporal"]) == 3
    tensors = load_file(folder / "out" / "spins.safetensors")
    assert {tensor.shape[0] for name, tensor in tensors.items() if "lora_A" in name} == {2}


def test_a_preview_is_a_film(folder: Path) -> None:
    with av.open(folder / "out" / "spins-00002.mp4") as container:
        assert sum(1 for _ in container.decode(video=0)) == 51  # 17 of 8 a second, in 24 a second
    assert sorted(file.name for file in (folder / "out").iterdir()) == [
        "spins-00002.mp4",
        "spins.json",
        "spins.safetensors",
    ]


def test_a_subject_is_learnt_with_the_models_own_numbers(folder: Path) -> None:
    assert (folder / "subject.said").read_text().endswith("\ndragon.safetensors\n")
    sidecar = read_sidecar(folder / "dragon.safetensors")
    assert (sidecar.kind, sidecar.of, sidecar.rank, sidecar.steps) == ("subject", "dragon", 32, 5)
    assert set(sidecar.captions) == {"a [v1] dragon"} and sidecar.blocks == (1, 3, 5)


def test_the_same_again_is_taken_from_the_store_without_torch(folder: Path) -> None:
    before = (folder / "dragon.safetensors").read_bytes()
    (folder / "dragon.safetensors").write_bytes(b"damaged")
    watch = "import sys; from dreamrunner.cli import main; code = main(sys.argv[1:]); "
    watch += "sys.exit(code or 40 * bool({'torch', 'diffusers'} & set(sys.modules)))"
    command = [sys.executable, "-c", watch, "train", "subject", "dragon", "--images", "refs/*.png", "--steps", "5"]
    done = subprocess.run(command, cwd=folder, env=environment(folder / "cache"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "learnt 1 character: kept from before" in done.stderr
    assert (folder / "dragon.safetensors").read_bytes() == before


# A child whose training keeps a checkpoint after every step, tells each that it begins, and holds where it is told to.
TELLING = """
import os, signal, sys
import dreamrunner.files.checkpoint, dreamrunner.priors.training as training
from dreamrunner.cli import main
dreamrunner.files.checkpoint.SAVE_EVERY = 0.0
draw = training.draw_step
def told(loaded, samples, seed, step, *more):
    print("step", step, file=sys.stderr, flush=True)
    if str(step) == os.environ.get("DREAMRUNNER_HOLD"):
        os.kill(os.getpid(), signal.SIGSTOP)
    return draw(loaded, samples, seed, step, *more)
training.draw_step = told
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_an_interrupted_training_goes_on_and_ends_in_the_same_bytes(
    folder: Path, tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    arguments = ["train", "subject", "dragon", "--images", "refs/*.png", "--steps", "5"]
    command = [sys.executable, "-c", TELLING, *arguments, "-o", str(tmp_path / "cut.safetensors")]
    options = {"cwd": folder, "env": environment(tmp_path / "cache"), "stderr": subprocess.PIPE, "text": True}
    holding = options | {"env": options["env"] | {"DREAMRUNNER_HOLD": "3"}}
    with warm.Popen(command, stdout=subprocess.DEVNULL, **holding) as child:
        for line in child.stderr:
            if line == "step 3\n":
                os.waitpid(child.pid, os.WUNTRACED)
                # Cleaning takes nothing that a training needs while it runs, be it only its checkpoint.
                cleaned = dreamrunner(folder, "cache", "gc", "--keep", "0", cache=tmp_path / "cache")
                assert cleaned.returncode == 0, cleaned.stderr
                child.send_signal(stop)
                child.send_signal(signal.SIGCONT)
                break
        rest = child.stderr.read()
    assert child.returncode == code
    if stop == signal.SIGINT:
        assert rest.endswith("Stopped. What is finished is kept: run the same command again to go on.\n")
    assert not (tmp_path / "cut.safetensors").exists()
    (kept,) = (tmp_path / "cache" / "training").glob("*.safetensors")
    assert dreamrunner(folder, "cache", "gc", cache=tmp_path / "cache").returncode == 0  # nor when it was cut short
    again = warm.run(command, **options)
    assert again.returncode == 0, again.stderr
    steps = [line for line in again.stderr.splitlines() if line.startswith("step ")]
    # Ctrl-C lets a step that is under way come to its end, which may be kept as well.
    assert steps == ["step 3", "step 4"] or (stop == signal.SIGINT and steps == ["step 4"])
    assert (tmp_path / "cut.safetensors").read_bytes() == (folder / "dragon.safetensors").read_bytes()
    assert not kept.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("motion", "spins"), 2, "one of the arguments --clips --catalog is required"),
        (("motion", "spins", "--clips", "*.mp4", "--catalog", "c"), 2, "not allowed with"),
        (("motion", "a b", "--clips", "*.mp4"), 2, "'a b' is no name: a name is one word, as `a-b`"),
        (("subject", "dragon"), 2, "--images"),
        (("subject", "dragon", "--images", "refs/*.png", "--lr", "0"), 2, "'0' is not a number above 0"),
        (("subject", "dragon", "--images", "refs/*.png", "--lr", "nan"), 2, "'nan' is not a number above 0"),
        (("subject", "dragon", "--images", "refs/*.png", "--rank", "0"), 2, "must be at least 1"),
        (("subject", "dragon", "--images", "refs/*.png", "-o", "dragon.pt"), 2, "must end in .safetensors"),
        (("subject", "dragon", "--images", "refs/*.png", "--model", "miniatur"), 2, "did you mean miniature?"),
        (("motion", "spins", "--clips", "none/*.mp4"), 1, "no file matches none/*.mp4"),
        (("motion", "spins", "--clips", "clips/brief.mp4"), 1, "no clip can be used: clips/brief.mp4 is "),
        (("subject", "dragon", "--images", "clips/brief.mp4"), 1, "no photo can be used: clips/brief.mp4 is not a"),
        (("motion", "spins", "--catalog", "nowhere"), 1, "nowhere is not a catalog"),
        (("subject", "dragon", "--images", "refs/*.png", "-o", "refs/0.png/a.safetensors"), 3, "can't write"),
    ],
)
def test_what_cannot_be_done_is_one_line(folder: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = dreamrunner(folder, "train", *arguments)
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert message in last and "error: " in last
    assert done.stdout == ""


def changed(source: Path, target: Path, change: Callable[[dict], dict]) -> Path:
    """Another LoRA file, made from one, without its metadata."""
    save_file(change(load_file(source)), target)
    return target


def cut_short(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes()[:-1])


def pickled(source: Path, target: Path) -> None:
    import torch

    torch.save({}, target)


def of_other_ranks(source: Path, target: Path) -> None:
    changed(source, target, lambda all: {name: part[:1] if "lora_A" in name else part for name, part in all.items()})


def of_another_model(source: Path, target: Path) -> None:
    changed(source, target, lambda all: {name: part[:, :8] if "lora_A" in name else part for name, part in all.items()})


def of_a_deeper_model(source: Path, target: Path) -> None:
    changed(source, target, lambda all: {name.replace("blocks.5", "blocks.29"): part for name, part in all.items()})


def of_other_weights(source: Path, target: Path) -> None:
    with safe_open(source, "np") as file:
        metadata = {name: re.sub(r'"backbone_digest": "\w+"', '"backbone_digest": "0"', told)
                    for name, told in file.metadata().items()}  # fmt: skip
    save_file(load_file(source), target, metadata)


def halved(source: Path, target: Path) -> None:
    changed(source, target, lambda all: dict(list(all.items())[:-1]))


def of_the_other_kind(source: Path, target: Path) -> None:
    target.write_bytes((source.parent / "out" / "spins.safetensors").read_bytes())


REFUSED = {
    cut_short: "cut short",
    pickled: "not a safetensors file",
    of_other_ranks: "have the ranks 1 and 32",
    of_another_model: "was made for another model: ",
    of_other_weights: "was trained for other weights (miniature) than miniature has here; train it anew",
    of_a_deeper_model: "miniature has no transformer_blocks.29",
    halved: "only half of its LoRA",
    of_the_other_kind: "was trained for a motion, spins; dragon is a character",
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_a_lora_that_does_not_fit_is_refused(folder: Path, tmp_path: Path, make: Callable[[Path, Path], None]) -> None:
    make(folder / "dragon.safetensors", tmp_path / "own.safetensors")
    story = 'character dragon\n  looks "a dragon"\n  lora "own.safetensors"\n\nscene one\n  dragon standing\n'
    (tmp_path / "one.story").write_text(story)
    done = dreamrunner(tmp_path, "build", "one.story")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: one.story: ") and "own.safetensors" in last and REFUSED[make] in last
    assert not (tmp_path / "build").exists()
