"""What a model's name turns into, and the one line that a wrong one gets."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dreamrunner.backbones import TABLE, BackboneError, Loaded, describe, load
from dreamrunner.files import digest
from dreamrunner.regions import Grid
from tests.material.models import build_miniature


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return build_miniature(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "story" / "tiny"))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def edit(path: Path, **changes) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_folder_of_the_miniatures_architecture_is_sampled_like_it(folder):
    backbone = describe(str(folder))
    assert backbone.name == "tiny" and backbone.source == folder
    assert (backbone.width, backbone.height, backbone.frames) == (96, 64, 17)
    assert (backbone.steps, backbone.guidance, backbone.dtype, backbone.text_tokens) == (20, 3.0, "float32", 24)
    assert backbone.grid == Grid(frames=17, steps=5, rows=8, columns=12)


def test_a_relative_folder_is_looked_up_beside_the_story(folder, monkeypatch):
    assert describe("tiny", story_folder=folder.parent).source == folder
    monkeypatch.chdir(folder.parent)
    assert describe("tiny").source == folder
    with pytest.raises(BackboneError, match="unknown model 'tiny'"):
        describe("tiny", story_folder=folder.parent.parent)


def test_another_size(folder):
    backbone = describe(str(folder), size=(160, 32))
    assert (backbone.width, backbone.height) == (160, 32)
    assert (backbone.grid.rows, backbone.grid.columns) == (4, 20)


@pytest.mark.parametrize(("size", "nearest"), [((100, 64), "96x64"), ((96, 4), "96x8"), ((720, 481), "720x480")])
def test_a_size_that_comes_to_no_whole_tokens(folder, size, nearest):
    with pytest.raises(BackboneError, match=f"multiples of 8; the nearest is {nearest}"):
        describe(str(folder), size=size)


def test_a_model_with_a_patch_over_time_has_a_largest_size(folder):
    edit(folder / "transformer" / "config.json", patch_size_t=2, num_layers=2)
    backbone = describe(str(folder))
    assert backbone.grid == Grid(frames=17, steps=3, rows=8, columns=12, temporal_patch=2)
    with pytest.raises(BackboneError, match="at most 96x64"):
        describe(str(folder), size=(192, 64))


def test_digest_follows_the_weights_and_not_the_place(folder, original, tmp_path):
    here, there = describe(str(folder)).digest, describe(str(original)).digest
    assert here == there
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    tensors["proj_out.bias"] += 1
    save_file(tensors, weights)
    changed = describe(str(folder)).digest
    assert changed != here
    edit(folder / "scheduler" / "scheduler_config.json", prediction_type="epsilon")
    assert describe(str(folder)).digest not in (here, changed)


def test_digest_reads_unchanged_files_once(folder, cache, monkeypatch):
    first = describe(str(folder)).digest
    monkeypatch.setattr(digest.hashlib, "file_digest", None)
    assert describe(str(folder)).digest == first
    (cache / "digests.json").write_text("{broken")
    monkeypatch.undo()
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(cache))
    assert describe(str(folder)).digest == first


def test_digest_without_a_cache_folder_only_costs_time(folder, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(blocked / "cache"))
    assert len(describe(str(folder)).digest) == 64


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


DAMAGES = {
    "model_index.json is not valid JSON": lambda f: (f / "model_index.json").write_text("{"),
    "model_index.json is not a JSON object": lambda f: (f / "model_index.json").write_text("[]"),
    "no model_index.json, so it is no model folder": lambda f: (f / "model_index.json").unlink(),
    "holds a StableDiffusionPipeline; only text-to-video": lambda f: edit(
        f / "model_index.json", _class_name="StableDiffusionPipeline"
    ),
    "has a UMT5EncoderModel as its text_encoder": lambda f: edit(
        f / "model_index.json", text_encoder=["transformers", "UMT5EncoderModel"]
    ),
    "has no vae; download": lambda f: shutil.rmtree(f / "vae"),
    "has no transformer; download": lambda f: edit(f / "model_index.json", transformer=["diffusers"]),
    "has no text_encoder; download": lambda f: edit(f / "model_index.json", text_encoder=[["transformers"], {}]),
    "transformer has no weights": lambda f: next((f / "transformer").glob("*.safetensors")).unlink(),
    "transformer has only pickled weights": lambda f: next((f / "transformer").glob("*.safetensors")).rename(
        f / "transformer" / "diffusion_pytorch_model.bin"
    ),
    "safetensors is cut short": lambda f: cut(next((f / "transformer").glob("*.safetensors"))),
    "is not a safetensors file": lambda f: next((f / "vae").glob("*.safetensors")).write_bytes(b"\xff" * 64),
    "text_encoder lacks model-00002": lambda f: (f / "text_encoder" / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}})
    ),
    "cannot read .*vae/config.json: no such file": lambda f: (f / "vae" / "config.json").unlink(),
    "has an incomplete config": lambda f: (f / "transformer" / "config.json").write_text("{}"),
}


@pytest.mark.parametrize("message", DAMAGES)
def test_a_damaged_folder_is_one_line(folder, message):
    DAMAGES[message](folder)
    with pytest.raises(BackboneError, match=message) as error:
        describe(str(folder))
    assert str(folder) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("miniatur", "unknown model 'miniatur'; did you mean miniature"),
        ("cogvideox", "unknown model 'cogvideox'; did you mean cogvideox-[25]b"),
        ("", f"unknown model ''; choose {', '.join(TABLE)}, a folder, or a hub id"),
        ("./nowhere", "there is no model folder .*/nowhere"),
        ("/no/where/at/all", "there is no model folder /no/where/at/all"),
    ],
)
def test_an_unknown_model(model, message):
    with pytest.raises(BackboneError, match=message):
        describe(model)


def run(code: str, **env) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )


ASK = """
from dreamrunner.backbones import BackboneError, describe
import sys
try:
    describe(sys.argv[-1] if len(sys.argv) > 1 else "cogvideox-2b")
except BackboneError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "env", [{"HF_ENDPOINT": "http://127.0.0.1:9"}, {"HF_HUB_OFFLINE": "1"}], ids=["down", "offline"]
)
def test_a_hub_out_of_reach_is_one_line_that_says_what_to_do(tmp_path, env):
    told = run(ASK, HF_HOME=str(tmp_path / "hf"), **env)
    assert told.returncode == 0, told.stderr
    (line,) = told.stdout.splitlines()
    assert "zai-org/CogVideoX-2b" in line and "cannot be reached" in line and "download it elsewhere" in line


def test_a_model_in_the_hub_cache_needs_no_network(original, tmp_path):
    """The cache's layout as huggingface_hub keeps it: refs/main names the snapshot."""
    home = tmp_path / "hf"
    repo = home / "hub" / "models--zai-org--CogVideoX-2b"
    shutil.copytree(original, repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    code = "from dreamrunner.backbones import describe; b = describe('cogvideox-2b'); print(b.name, b.source)"
    told = run(code, HF_HOME=str(home), HF_ENDPOINT="http://127.0.0.1:9")
    assert told.stdout.split() == ["cogvideox-2b", str(repo / "snapshots" / "abc")], told.stderr


def test_describing_imports_no_torch(folder):
    told = run(f"""
import sys
from dreamrunner.backbones import describe
from dreamrunner.priors import read_adapter
from dreamrunner.regions import lower
from dreamrunner.rendering import Frames, RenderError
describe({str(folder)!r})
print([name for name in ("torch", "diffusers", "transformers", "peft") if name in sys.modules])
""")
    assert told.stdout.strip() == "[]", told.stderr


def test_a_loaded_model_is_the_stock_pipeline_in_float32_on_a_cpu(folder, capfd):
    import torch
    from diffusers import CogVideoXPipeline

    loaded = load(describe(str(folder)))
    assert type(loaded.pipe) is CogVideoXPipeline and loaded.backbone.source == folder
    assert not any(one.training for one in (loaded.pipe.transformer, loaded.pipe.vae, loaded.pipe.text_encoder))
    if not torch.cuda.is_available():
        assert loaded.pipe.transformer.dtype == torch.float32
    output = capfd.readouterr()
    assert output.out == output.err == ""


def test_files_that_changed_since_are_one_line(folder):
    backbone = describe(str(folder))
    next((folder / "transformer").glob("*.safetensors")).unlink()
    with pytest.raises(BackboneError, match="cannot load tiny from") as error:
        load(backbone)
    assert "\n" not in str(error.value)


def test_a_model_that_computes_on_a_gpu_lies_elsewhere_at_first(folder, monkeypatch):
    from dreamrunner.backbones import resident

    backbone, gpu = describe(str(folder)), torch.device("cuda")
    monkeypatch.setattr("dreamrunner.backbones.load", lambda one: Loaded(one, None, gpu), raising=False)
    resident.loaded.cache_clear()
    assert resident.loaded(backbone, "cuda").device == gpu
    with pytest.raises(BackboneError, match="can't use this machine's GPU"):
        resident.loaded(backbone, "cpu")
    resident.loaded.cache_clear()
