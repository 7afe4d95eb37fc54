"""All that only a GPU can tell, in one call: ``python benchmarks/gpu.py --out gpu.json --until 270``

CogVideoX-2B and 5B, or with ``--family wan`` Wan's models, at their full configs with random weights; nothing is
downloaded. Sections run in the order of their
worth. Each has an estimate in seconds and is left out where the time that is left does not suffice; a section's failure
is written down and the next one goes on. ``--out`` is written after every section and within long ones, so that a call
that is cut off leaves what it knew. ``docs/gpu.md`` says what each section measures and how to read it.

``--only`` and ``--without`` choose sections by name. ``--tiny --device cpu`` tries the program at toy sizes.
"""

from __future__ import annotations

import time

STARTED = time.monotonic()

import argparse
import gc
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch

from benchmarks import attention_wan, gpu_models_cogvideox, gpu_models_wan
from benchmarks.gpu_attention import CONDITIONS, attention, step
from benchmarks.gpu_bench import GB, Bench, Found, Section
from benchmarks.gpu_films import TILED, Film, decoding, encoding, films
from benchmarks.gpu_models import Model
from benchmarks.gpu_training import compiling, resuming, training
from dreamrunner.files.extras import missing
from dreamrunner.rendering import speedups

PACKAGES = "torch diffusers transformers peft accelerate safetensors numpy triton nvidia-cudnn-cu13".split()

SMALLEST_CARD, SMALL_CARD, CARD_OF_16, MIDDLE_CARD, LARGE_CARD = 7.3, 11.3, 15.3, 23.3, 47.0
"""GB that PyTorch can have of cards of 8, 12, 16, 24 and 48 GB."""


def _planned(model: str, *limits: float) -> tuple[Film, ...]:
    """Films of a model as a build plans them for cards of so many GB."""
    return tuple(Film(model, limit, planned=True) for limit in limits)


FILMS = {
    "films 2b": (Film("2b", SMALL_CARD, (TILED,)),),
    "films 5b": (Film("5b", MIDDLE_CARD, (TILED,)), Film("5b", LARGE_CARD)),
    "planned films": (
        *_planned("2b", MIDDLE_CARD, SMALL_CARD, SMALLEST_CARD),
        *_planned("5b", MIDDLE_CARD, SMALL_CARD, CARD_OF_16, SMALLEST_CARD),
    ),
    "offload": tuple(
        Film("2b", SMALL_CARD, (name, TILED)) for name in ("cpu-offload", "layerwise-casting", "group-offload")
    ),
    "films wan-1.3b": _planned("wan-1.3b", SMALLEST_CARD, CARD_OF_16, MIDDLE_CARD),
    "films wan-14b": _planned("wan-14b", CARD_OF_16, MIDDLE_CARD),
    "films wan-2.2-5b": _planned("wan-2.2-5b", MIDDLE_CARD, SMALL_CARD),
    "films wan-2.2-14b": _planned("wan-2.2-14b", MIDDLE_CARD, LARGE_CARD),
    "offload wan": (
        *(
            Film("wan-1.3b", SMALLEST_CARD, (name, TILED))
            for name in ("group-offload", "cpu-offload", "layerwise-casting")
        ),
        Film("wan-14b", MIDDLE_CARD, ("layerwise-casting", TILED)),
        *(Film("wan-14b", MIDDLE_CARD, ("int8-weights", TILED)) for _ in range(not missing("torchao"))),
    ),
}
"""By section, what is filmed."""

COMPILING = 90
"""Seconds that compiling may take, with its process's start."""

IN_HERE = "--in-here"
"""The option that has it done in this process."""


def facts(bench: Bench, found: Found) -> None:
    """The card, versions, and what the card reaches: a product of matrices, a copy, and copies from the CPU."""
    found |= {"python": platform.python_version(), "tiny": bench.tiny, "cores": os.cpu_count()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    found["torch"] = torch.__version__  # with its CUDA
    found["imports_s"] = time.monotonic() - STARTED
    if bench.device != "cuda":
        found["card"] = None
        return
    free, total = torch.cuda.mem_get_info()
    found |= {"card": torch.cuda.get_device_name(), "free_gb": free / GB, "total_gb": total / GB}
    found |= {"capability": torch.cuda.get_device_capability(), "cuda": torch.version.cuda}
    found["cudnn"] = torch.backends.cudnn.version()
    found["multiprocessors"] = torch.cuda.get_device_properties(0).multi_processor_count
    with bench.caught(found.setdefault("driver", {})):
        asked = "driver_version,clocks.sm,clocks.max.sm,power.limit,temperature.gpu"
        command = ["nvidia-smi", f"--query-gpu={asked}", "--format=csv,noheader"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
        found["driver"] |= dict(zip(asked.split(","), answer.strip().split(", "), strict=False))
    for dtype in (torch.float16, torch.bfloat16):
        one, other = torch.randn(2, 8192, 8192, device="cuda", dtype=dtype)
        seconds = bench.timed(lambda one=one, other=other: one @ other, 10, warm=3)["median"]
        found[f"tflops_{str(dtype).removeprefix('torch.')}"] = 2 * 8192**3 / seconds / 1e12
    big = torch.empty(2**31, dtype=torch.uint8, device="cuda")
    found["copy_gb_s"] = 2 * big.numel() / bench.timed(big.clone, 5)["median"] / GB
    host = torch.ones(2**29, dtype=torch.uint8)
    found["from_cpu_gb_s"] = host.numel() / bench.timed(lambda: host.to("cuda"), 3)["median"] / GB
    found["to_cpu_gb_s"] = host.numel() / bench.timed(lambda: big[: 2**29].cpu(), 3)["median"] / GB


Sections = list[tuple[str, float, Section]]
"""Every section: its name, about how many seconds it takes on an H200 (a guess from operations and bytes), and what it
does. The most telling ones come first."""


def shoot(bench: Bench, models: dict[str, Model], name: str, each: float) -> Section:
    """The section that films :data:`FILMS` of a ``name``, each in about so many seconds."""
    wanted = FILMS[name]
    if bench.device == "cpu":  # the others need a GPU
        wanted = tuple(film for film in wanted if not film.needs_gpu(models[film.model]))
    return lambda bench, found: films(bench, found, models, wanted, each)


def cogvideox_sections(bench: Bench, models: dict[str, Model]) -> Sections:
    """CogVideoX's."""
    few = bench.tiny
    toy = gpu_models_cogvideox.small("2b", width=2, layers=4, dtype=models["2b"].dtype)
    return [
        ("facts", 5, facts),
        ("attention", 30, lambda bench, found: attention(bench, found, models)),
        ("step 5b", 65, lambda bench, found: step(bench, found, models["5b"])),
        ("step 2b", 35, lambda bench, found: step(bench, found, models["2b"])),
        ("autoencoder", 35, lambda bench, found: decoding(bench, found, models["2b"])),
        ("films 2b", 15, shoot(bench, models, "films 2b", 12)),
        ("films 5b", 30, shoot(bench, models, "films 5b", 15)),
        ("training 2b", 35, lambda bench, found: training(bench, found, models["2b"], 2 if few else 20, 5)),
        ("resume", 15, lambda bench, found: resuming(bench, found, toy)),
        ("text encoder", 20, lambda bench, found: encoding(bench, found, models)),
        ("training 5b", 30, lambda bench, found: training(bench, found, models["5b"], 2 if few else 20, 3)),
        ("planned films", 40, shoot(bench, models, "planned films", 18)),
        ("offload", 15, shoot(bench, models, "offload", 12)),
        ("compile", 40, compiling_apart("compile", models["2b"])),
    ]


def wan_sections(bench: Bench, models: dict[str, Model]) -> Sections:
    """Wan's."""
    few = bench.tiny
    toy = gpu_models_wan.small("wan-2.2-14b", width=2, layers=4, dtype=models["wan-1.3b"].dtype)
    small, middle, large = models["wan-1.3b"], models["wan-2.2-5b"], models["wan-14b"]
    return [
        ("facts", 5, facts),
        ("block wan-1.3b", 10, lambda bench, found: block(bench, found, small)),
        ("step wan-1.3b", 40, lambda bench, found: step(bench, found, small)),
        ("step wan-14b", 85, lambda bench, found: step(bench, found, large)),
        ("films wan-1.3b", 40, shoot(bench, models, "films wan-1.3b", 20)),
        ("films wan-14b", 60, shoot(bench, models, "films wan-14b", 50)),
        ("autoencoder wan-1.3b", 40, lambda bench, found: decoding(bench, found, small)),
        ("training wan-1.3b", 40, lambda bench, found: training(bench, found, small, 2 if few else 20, 5)),
        ("step wan-2.2-5b", 45, lambda bench, found: step(bench, found, middle)),
        ("resume wan", 20, lambda bench, found: resuming(bench, found, toy)),
        ("films wan-2.2-5b", 50, shoot(bench, models, "films wan-2.2-5b", 40)),
        ("films wan-2.2-14b", 60, shoot(bench, models, "films wan-2.2-14b", 50)),
        ("training wan-2.2-5b", 45, lambda bench, found: training(bench, found, middle, 2 if few else 20, 3)),
        ("offload wan", 25, shoot(bench, models, "offload wan", 20)),
        ("autoencoder wan-2.2-5b", 90, lambda bench, found: decoding(bench, found, middle)),
        ("compile wan", 60, compiling_apart("compile wan", small)),
    ]


FAMILIES = {"cogvideox": (gpu_models_cogvideox, cogvideox_sections), "wan": (gpu_models_wan, wan_sections)}
"""By family, its models and its sections."""


def block(bench: Bench, found: Found, model: Model) -> None:
    """One block of Wan's, and its attention to text, plain, dense and ours: the figures of ``attention.py``."""
    rounds = 2 if bench.tiny else 15
    for count in CONDITIONS:
        row = found[f"n={count}"] = {}
        with bench.caught(row), torch.inference_mode():
            given = (count, model.grid, model.words, model.heads, rounds, bench.device)
            figures, seconds = attention_wan.measure(*given, lambda work, _: bench.once(work))
            row |= figures | seconds
        bench.save()


def compiling_apart(name: str, model: Model) -> Section:
    """A section that compiles. On a GPU it does so in a process of its own, which is ended when the time is up, or
    :data:`COMPILING` is."""

    def section(bench: Bench, found: Found) -> None:
        if bench.device == "cpu" or IN_HERE in sys.argv:
            compiling(bench, found, model)
            return
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "compile.json"
            command = [sys.executable, __file__, "--family", model.family.name, "--only", name, IN_HERE]
            seconds = min(max(bench.left, 30), COMPILING)
            try:
                subprocess.run([*command, "--out", str(out), "--until", "1e6"], timeout=seconds, check=False)
            except subprocess.TimeoutExpired:
                found["cut_off"] = f"after {seconds:.0f} s"
            if out.exists():
                found |= json.loads(out.read_text()).get(name, {})

    return section


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="the JSON file to write")
    parser.add_argument("--until", type=float, default=270.0, help="seconds from the start in which to end")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--family", choices=[*FAMILIES], default="cogvideox", help="whose models")
    parser.add_argument("--tiny", action="store_true", help="toy sizes")
    parser.add_argument("--only", nargs="+", metavar="SECTION", help="nothing but these sections")
    parser.add_argument("--without", nargs="+", default=[], metavar="SECTION", help="leave these sections out")
    parser.add_argument(IN_HERE, action="store_true", help="compile in this process")
    parser.add_argument(
        "--go-on", action="store_true", help="leave out the sections that --out holds, but for those without time then"
    )
    asked = parser.parse_args(arguments)
    makes, sections = FAMILIES[asked.family]
    models = makes.FULL
    if asked.tiny:
        dtypes = {name: torch.float32 if asked.device == "cpu" else model.dtype for name, model in models.items()}
        models = {name: makes.small(name, width=2, layers=2, dtype=dtype) for name, dtype in dtypes.items()}
        if asked.device == "cpu":
            speedups.COMPILER = "eager"  # inductor takes longer to start than all else
    elif asked.device == "cpu":
        parser.error("the full sizes need a GPU; try --tiny")
    started = STARTED if arguments is None else time.monotonic()
    bench = Bench(asked.device, tiny=asked.tiny, started=started, until=asked.until, out=asked.out)
    if asked.go_on and asked.out is not None and asked.out.exists():
        bench.found = json.loads(asked.out.read_text())
    chosen = [each for each in sections(bench, models) if not asked.only or each[0] in asked.only]
    unknown = {*(asked.only or []), *asked.without} - {name for name, _, _ in sections(bench, models)}
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    gc.collect()
    gc.freeze()  # what the imports made stays anyway, and looking through it takes longer than an attention
    for name, estimate, section in chosen:
        if name in asked.without or (name in bench.found and "left_out" not in bench.found[name]):
            continue
        bench.run(name, 0 if asked.tiny else estimate, section)
        if not bench.usable():
            go_on_anew(bench)
    gc.unfreeze()
    bench.log("done")
    return 0


def go_on_anew(bench: Bench) -> None:
    """Replace this process, which can't use its GPU any more, by one that goes on after what was found."""
    bench.log("the GPU is not usable by this process any more")
    if bench.out is None or bench.left < 30:
        raise SystemExit(1)
    given = [each for each in sys.argv[1:] if each != "--go-on"]
    # the last --until counts
    os.execv(sys.executable, [sys.executable, __file__, *given, "--go-on", "--until", str(bench.left)])


if __name__ == "__main__":
    raise SystemExit(main())
