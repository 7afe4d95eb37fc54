"""What does region attention cost? ``python benchmarks/attention.py [--family NAME] [--sweep] [--json]``

``--family wan`` measures attention across text (``benchmarks/attention_wan.py`` says what); the rest is CogVideoX.

The same tokens four ways, at CogVideoX-2B's grid (49 frames of 720x480: 13 x 30 x 45 video tokens, 226 text tokens a
prompt), in one run, the ways taking turns:

- ``plain``: one prompt, no mask: what no control at all costs.
- ``dense``: region attention as a square of booleans, broadcast over heads (the released code holds one for each head).
- ``ours``: the same without a mask (``dreamrunner/rendering/attention.py``).
- ``flex``: the same by PyTorch's FlexAttention, compiled, where it compiles.

On a CPU that is one attention of ``--heads`` heads in float32 (its time grows with the heads, the ratios don't). With
``--layers``, and by itself on a GPU, it is a whole denoising step with guidance through a transformer of the 2B's size
with random weights, in half precision on the GPU. Figures:

- ``ours_over_plain``, ``dense_over_ours``, ``flex_over_ours``: medians of the rounds' ratios of time (CPU time on a
  CPU, so that what else the machine does hardly counts).
- ``max_difference``: the largest difference of ``ours`` to ``dense``, anywhere in the result.
- ``layout_bytes``: what the layout takes; ``memory_over_plain``: peak memory of ours over plain's, on a CPU that of
  the attention beside its inputs, on a GPU that of the step with its weights.
- ``lora5_over_none``: a linear layer of the 2B with five region LoRAs of rank 32, over the layer alone.

``--sweep`` prints the ratios for 1 to 19 conditions.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch
from safetensors.torch import save_file

from benchmarks import attention_wan
from benchmarks.attention_ways import (
    FIGURES,
    SIZE,
    Way,
    attention_ways,
    build_transformer,
    grid_of,
    layout_video,
    scene,
    step_ways,
)
from dreamrunner.backbones import Grid
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.regions import lower
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.region_lora import adapted, rows_of

TARGETS = {
    "cpu": {"ours_over_plain": 1.05, "dense_over_ours": -1.8, "layout_bytes": 1e6, "lora5_over_none": 1.5},
    "cuda": {"ours_over_plain": 1.06, "dense_over_ours": -1.6, "layout_bytes": 1e6, "memory_over_plain": 1.05},
}
"""At most; a negative number is a least."""


def measure(ways: dict[str, Way], rounds: int, device: str) -> tuple[dict[str, float], dict[str, Way]]:
    """Each way once for what it gives and its memory, then ``rounds`` times in turns for its time."""
    results = {}
    for name in list(ways):
        try:
            with peak_memory(device) as peak:
                results[name] = ways[name].work()
            ways[name].memory = peak[0] + (ways[name].held if device == "cpu" else 0)
        except Exception as error:
            if name != "flex":
                raise
            print(f"flex does not compile here: {type(error).__name__}", file=sys.stderr)
            del ways[name]
    for _ in range(rounds):
        for way in ways.values():
            way.seconds.append(timed(way.work, device))
    figures = {"ours_over_plain": ratio(ways["ours"], ways["plain"])}
    for name in ("dense", "flex"):
        if name in ways:
            figures[f"{name}_over_ours"] = ratio(ways[name], ways["ours"])
    figures["memory_over_plain"] = ways["ours"].memory / ways["plain"].memory
    if "dense" in results:
        figures["max_difference"] = (results["ours"] - results["dense"]).abs().max().item()
    return figures, ways


def ratio(one: Way, other: Way) -> float:
    """The median over the rounds of one way's time over another's."""
    return statistics.median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))


def timed(work: Callable[[], object], device: str) -> float:
    """Seconds of a work: of the processor, or of the GPU."""
    if device == "cuda":
        torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        return time.perf_counter() - start
    start = time.process_time()
    work()
    return time.process_time() - start


@contextlib.contextmanager
def peak_memory(device: str) -> Iterator[list[int]]:
    """Fills its list with the peak of memory in bytes: all that the GPU holds, or what a CPU's process grows by."""
    peak = [0]
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        yield peak
        peak[0] = torch.cuda.max_memory_allocated()
        return
    Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the peak so far
    before = _resident("VmRSS")
    yield peak
    peak[0] = max(_resident("VmHWM") - before, 1)


def _resident(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def lora_over_none(grid: Grid, words: int, channels: int, rounds: int, device: str) -> float:
    """A linear layer with five region LoRAs of rank 32 over the layer alone: the median of the rounds' ratios.

    Every figure has an adapter of its own, on its text and its boxes, and a fifth works on the first figure again.
    """
    planned, adapters = scene(1 + FIGURES, FIGURES)
    again = adapters[0].model_copy(update={"name": "again", "file": Path("again.safetensors")})
    program = lower(planned, grid, adapters=(*adapters, again))
    heads = channels // SIZE
    transformer = build_transformer(grid.model_copy(update={"frames": 1}), words, heads, 1, device)
    layer, name = transformer.transformer_blocks[0].attn1.to_q, "transformer.transformer_blocks.0.attn1.to_q"
    rows = {(one.adapter, FAMILY.token_order): rows_of(one, program, words, device=device) for one in program.lora_maps}
    tokens = len(program.conditions) * words + layout_video(program)
    x = torch.randn(1, tokens, channels, device=device, dtype=transformer.dtype)
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for adapter in (*adapters, again):
            file = Path(folder) / adapter.file
            matrices = {"A": torch.randn(32, channels), "B": torch.randn(channels, 32) * 0.01}
            save_file({f"{name}.lora_{part}.weight": matrix for part, matrix in matrices.items()}, file)
            made.append(adapter.model_copy(update={"file": file}))
        with adapted(transformer, made, rows):
            with_them = transformer.transformer_blocks[0].attn1.to_q
            ways = Way(lambda: with_them(x)), Way(lambda: layer(x))
            for way in ways:
                way.work()
            for _ in range(3 * rounds):
                for way in ways:
                    way.seconds.append(timed(way.work, device))
    return ratio(*ways)


def across_text(parsed: argparse.Namespace) -> int:
    """Measure attention in which video reads text, and print its figures."""
    grid = attention_wan.grid_of(parsed.frames or 81, *map(int, (parsed.size or "832x480").split("x")))
    rows = []
    for conditions in range(1, 20) if parsed.sweep else [parsed.conditions]:
        with torch.inference_mode():
            figures, seconds = attention_wan.measure(
                conditions,
                grid,
                parsed.words or 512,
                parsed.heads or attention_wan.HEADS,
                parsed.rounds or 3,
                parsed.device,
                timed,
            )
        rows.append({name: float(f"{value:.4g}") for name, value in (figures | seconds).items()})
        if parsed.json:
            continue
        print(f"a block of {grid.steps * grid.rows * grid.columns} video tokens, {conditions} prompts, {parsed.device}")
        for name, value in rows[-1].items():
            target = attention_wan.TARGETS.get(name)
            print(f"{name:22} {value:9.3g}{'' if target is None else f'  (at most {target:g})'}")
    if parsed.json:
        print(json.dumps(rows if parsed.sweep else rows[0]))
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=("cogvideox", "wan"), default="cogvideox", help="whose attention")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--conditions", type=int, default=5, help="descriptions, the background included (default: 5)")
    parser.add_argument("--sweep", action="store_true", help="1 to 19 conditions, one after the other")
    parser.add_argument("--rounds", type=int, help="rounds, of which the median counts (default: 9; sweep: 3)")
    parser.add_argument(
        "--heads", type=int, help="attention heads (default: 1 for an attention, 30 for a step; wan: 12)"
    )
    parser.add_argument("--layers", type=int, help="a whole step with so many layers (default: 30 on a GPU, else none)")
    parser.add_argument("--threads", type=int, default=1, help="threads on a CPU (default: 1)")
    parser.add_argument("--frames", type=int, help="(default: 49; wan: 81)")
    parser.add_argument("--size", help="pixels, multiples of 16 (default: 720x480; wan: 832x480)")
    parser.add_argument("--words", type=int, help="text tokens a prompt (default: 226; wan: 512)")
    parser.add_argument("--without", nargs="*", default=[], choices=("dense", "flex"), help="ways to leave out")
    parsed = parser.parse_args(arguments)
    torch.set_num_threads(parsed.threads)
    if parsed.family == "wan":
        return across_text(parsed)
    parsed.frames, parsed.size, parsed.words = parsed.frames or 49, parsed.size or "720x480", parsed.words or 226
    grid = grid_of(parsed.frames, *map(int, parsed.size.split("x")))
    layers = parsed.layers if parsed.layers is not None else 30 * (parsed.device == "cuda")
    heads = parsed.heads or (30 if layers else 1)
    rounds = parsed.rounds or (3 if parsed.sweep else 9)
    which = {"dense", "flex"} - set(parsed.without)

    @torch.inference_mode()
    def figures_of(conditions: int, which: set[str]) -> tuple[dict[str, float], dict[str, Way]]:
        program = lower(scene(conditions)[0], grid)
        if layers:
            ways = step_ways(program, parsed.words, heads, layers, parsed.device, which)
        else:
            ways = attention_ways(program, parsed.words, heads, which)
        figures, ways = measure(ways, rounds, parsed.device)
        return figures | {"layout_bytes": RegionLayout.of(program, parsed.words).nbytes()}, ways

    if parsed.sweep:
        rows = []
        for conditions in range(1, 20):
            figures, _ = figures_of(conditions, which - {"flex"})
            rows.append({"conditions": conditions} | figures)
            if not parsed.json:
                if conditions == 1:
                    print("".join(f"{name:>19}" for name in rows[0]))
                print("".join(f"{value:19.3g}" if value % 1 else f"{value:19.0f}" for value in rows[-1].values()))
        if parsed.json:
            print(json.dumps(rows))
        return 0

    figures, ways = figures_of(parsed.conditions, which)
    with torch.no_grad():
        figures["lora5_over_none"] = lora_over_none(grid, parsed.words, 30 * SIZE, rounds, parsed.device)
    if parsed.json:
        seconds = {f"{name}_seconds": statistics.median(way.seconds) for name, way in ways.items()}
        print(json.dumps({name: float(f"{value:.4g}") for name, value in (figures | seconds).items()}))
        return 0
    what = f"a step of {layers} layers" if layers else "an attention"
    print(f"{what} of {heads} heads, {layout_video(lower(scene(2)[0], grid))} video tokens, {parsed.device}")
    for name, way in ways.items():
        print(f"{name:18} {statistics.median(way.seconds):9.3f} s {way.memory / 1e6:9.0f} MB")
    for name, value in figures.items():
        target = TARGETS[parsed.device].get(name)
        bound = "" if target is None else f"  (at {'most' if target > 0 else 'least'} {abs(target):g})"
        print(f"{name:18} {value:9.3g}{bound}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
