"""Sections of ``gpu.py``: one layer's attention in every way, and whole denoising steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.attention_ways import SIZE, dense_mask, layout_video
from benchmarks.gpu_bench import Bench, Found
from benchmarks.gpu_models import Model
from benchmarks.gpu_models_cogvideox import CogVideoX
from dreamrunner.rendering.attention import region_attention
from dreamrunner.rendering.forms import Form, form_of
from dreamrunner.rendering.in_order import Kernel, by_signature, cudnn, efficient, flash, merged, usual_kernel
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.renderer import regional

CONDITIONS = 2, 5, 19
CHECKED_HEADS = 2
"""Heads whose result is compared to that in float32."""
SLOW_TO_PLAN = 2.0
"""Seconds of a kernel's first call for a scene above which it is tried neither on further scenes nor in steps."""
ROWS = 2048
"""Queries of the float32 reference at a time: 2048 x 22,000 scores a head are 0.2 GB."""


def attention(bench: Bench, found: Found, models: dict[str, CogVideoX]) -> None:
    """One layer of a step with guidance (a batch of two): time, memory, error and kernels of every way to attend."""
    for which, model in models.items():
        for count in CONDITIONS:
            row = found[f"{which} n={count}"] = {}
            with bench.caught(row), torch.inference_mode():
                one_attention(bench, row, model, count, quick_kernels(bench))
            bench.save()


def kernels(device: str) -> dict[str, Kernel]:
    """The kernels that give a log-sum-exp on a device, by name."""
    return {"flash": flash, "cudnn": cudnn, "efficient": efficient} if device == "cuda" else {"flash": flash}


def quick_kernels(bench: Bench) -> list[str]:
    """Those of which no first call so far took long, or failed."""
    rows = [row for row in bench.found.get("attention", {}).values() if isinstance(row, dict)]

    def slow(name: str) -> bool:
        tried = [row[f"merged_{name}"] for row in rows if f"merged_{name}" in row]
        return any("failed" in each or each["first"] > SLOW_TO_PLAN for each in tried)

    return [name for name in kernels(bench.device) if not slow(name)]


def one_attention(bench: Bench, row: Found, model: CogVideoX, count: int, names: list[str]) -> None:
    """All ways to attend in a scene of ``count`` conditions.

    ``plain`` is one prompt without regions; ``raster`` the form of a processor, a launch for each signature, whose
    tokens are gathered; ``signatures`` the same with tokens in order; ``merged_*`` one launch over all video, in order,
    by a kernel; ``dense`` a square of booleans.
    """
    program = model.program(count)
    layout = RegionLayout.of(program, model.words, device=bench.device)
    ordered = RegionLayout.of(program, model.words, device=bench.device, form="merged").in_order
    text = count * model.words
    total = text + layout_video(program)
    generator = torch.Generator(bench.device).manual_seed(count)
    drawn = {"generator": generator, "device": bench.device, "dtype": model.dtype}
    # laid out as the transformer lays them out: tokens before heads
    query, key, value = (torch.randn(2, total, model.heads, SIZE, **drawn).transpose(1, 2) for _ in range(3))
    one = [each[:, :, text - model.words :] for each in (query, key, value)]
    words = torch.arange(text, device=bench.device)
    moved = torch.cat([words, ordered.order + text]), torch.cat([words, ordered.places + text])
    its = [each.transpose(1, 2).index_select(1, moved[0]).transpose(1, 2) for each in (query, key, value)]
    # forms with a launch for each signature write over the text of their keys and values
    scratch, in_order = (key.clone(), value.clone()), (its[1].clone(), its[2].clone())
    row |= {"tokens": total, "signatures_of_it": len(layout.signatures)}
    row["product"] = {"form": form_of(program, bench.device), "kernel": getattr(usual_kernel(*its), "__name__", None)}
    reference = exact_attention(bench, [each[:1, :CHECKED_HEADS] for each in (query, key, value)], program, model.words)
    row["errors"] = {}
    ways: dict[str, Callable[[], Tensor]] = {
        "plain": lambda: F.scaled_dot_product_attention(*one),
        "raster": lambda: region_attention(query, *scratch, layout),
        "signatures": lambda: by_signature(its[0], *in_order, ordered, model.words),
    }
    for name in names:
        ways[f"merged_{name}"] = partial(merged, *its, ordered, model.words, kernels(bench.device)[name])
    mask = dense_mask(program, model.words, bench.device)
    ways["dense"] = lambda: F.scaled_dot_product_attention(query, key, value, attn_mask=mask)

    firsts = {}
    for name, work in ways.items():
        way: Found = {}
        with bench.caught(way):
            for used, kept in zip((*scratch, *in_order), (key, value, *its[1:]), strict=True):
                used.copy_(kept)
            with bench.peak(way):
                result: list[Tensor] = []
                way["first"] = bench.once(lambda work=work, result=result: result.append(work()))
            if name != "plain":
                got = result[0][:1, :CHECKED_HEADS]
                raster = name in ("raster", "dense")
                way |= differences(got if raster else got.index_select(2, moved[1]), reference)
            del result
        firsts[name] = way
    works = {name: work for name, work in ways.items() if "failed" not in firsts[name] and name != "dense"}
    timed = bench.in_turns(works, 2 if bench.tiny else 9, warm=1, seconds=3.0)
    if "failed" not in firsts["dense"]:
        timed["dense"] = bench.timed(ways["dense"], 2, warm=0, seconds=1.0)
        timed["dense"]["over_plain"] = timed["dense"]["median"] / timed["plain"]["median"]
    for name, way in firsts.items():
        row[name] = {**timed.get(name, {}), **way}
    row["errors"] = {name: way["error"] for name, way in firsts.items() if "error" in way}
    if bench.device == "cuda" and count == CONDITIONS[1]:
        row["plain_kernels"] = plain_kernels(bench, one)
        shown = ("plain", "raster", "signatures", *(f"merged_{name}" for name in names[:2]), "dense")
        row["launched"] = {name: launched(bench, ways[name]) for name in shown}


def exact_attention(bench: Bench, parts: list[Tensor], program: Any, words: int) -> Tensor:
    """Masked attention of a few heads as its definition says, in float32, some rows of the square at a time."""
    query, key, value = (each.float() for each in parts)
    mask = dense_mask(program, words, bench.device)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        rows = []
        for start in range(0, query.shape[2], ROWS):
            some = slice(start, start + ROWS)
            scores = query[:, :, some] @ key.transpose(2, 3) / SIZE**0.5
            rows.append(scores.masked_fill_(~mask[some], -torch.inf).softmax(-1) @ value)
        return torch.cat(rows, 2)
    finally:
        torch.set_float32_matmul_precision(before)


def differences(result: Tensor, reference: Tensor) -> Found:
    """``error``: the norm of the difference over that of the reference; ``largest``: the largest difference."""
    off = result.float() - reference.float()
    return {"error": float(off.norm() / reference.float().norm()), "largest": float(off.abs().max())}


def plain_kernels(bench: Bench, one: list[Tensor]) -> Found:
    """Attention without regions by each kernel that gives a log-sum-exp, and how far that is from the exact one."""
    found: Found = {}
    query, key, _value = (each[:1, :1].float() for each in one)
    parts = (query[:, :, start : start + ROWS] for start in range(0, query.shape[2], ROWS))
    exact = torch.cat([(part @ key.transpose(2, 3) / SIZE**0.5).logsumexp(-1) for part in parts], -1)
    for name, kernel in kernels(bench.device).items():
        row = found[name] = {}
        with bench.caught(row):
            row |= bench.timed(lambda kernel=kernel: kernel(*one), 7)
            row["log_sum_exp_off"] = float((kernel(*one)[1][:1, :1] - exact).abs().max())
    return found


def launched(bench: Bench, work: Callable[[], object]) -> list[str] | str:
    """The names of the GPU kernels that a work launches, those that took longest first; why not, where unknown."""
    try:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            work()
            bench.sync()
        events = sorted(profile.key_averages(), key=lambda event: -event.device_time_total)
        return [f"{event.count} x {event.key[:100]}" for event in events[:6]]
    except Exception as error:  # profiling is an extra
        return f"{type(error).__name__}: {str(error)[:100]}"


def step(bench: Bench, found: Found, model: Model) -> None:
    """A whole denoising step: plain, in every form, dense; its peak; how far the result is from dense; and whether the
    same is computed twice, bit for bit.

    Where guidance's branches are a batch it has both. Where they are two calls, the ways are those of the conditional
    one, ``unconditional`` is the other, and ``step_over_plain`` is of both together.
    """
    network, family = model.transformer(bench.device), model.family
    least, middle, most = CONDITIONS
    texts = {count: model.given(network, count, bench.device) for count in (1, *CONDITIONS)}
    for given in texts.values():  # all have the same latents
        given["hidden_states"] = texts[1]["hidden_states"]
    forms: tuple[Form, ...] = get_args(Form) if family.conditioning == "joint" else ("signatures",)

    def predict(count: int, **more: Any) -> Tensor:
        given = texts[count] | more
        with torch.inference_mode(), family.text_length(network, given["encoder_hidden_states"].shape[1]):
            return network(**given, return_dict=False)[0]

    def regions(count: int, form: Form | None, text: int | None = None) -> Callable[[], Tensor]:
        layout = RegionLayout.of(model.program(count), model.words, device=bench.device, form=form)

        def work() -> Tensor:
            with regional(network):
                return predict(text or count, attention_kwargs={"regions": layout})

        return work

    def dense() -> Tensor:
        with model.densely(network, model.program(middle)):
            return predict(middle)

    ways = {"plain": lambda: predict(1), "raster": regions(middle, None)}
    for count in (middle, most, least):
        end = "" if count == middle else f" n={count}"
        ways |= {f"{form}{end}": regions(count, form) for form in forms}
    if family.branches == "calls":
        ways["unconditional"] = regions(middle, forms[0], 1)
    ways["dense"] = dense
    found |= {"weights_gb": bench.held_gb()}
    found["product"] = {f"n={count}": form_of(model.program(count), bench.device) for count in CONDITIONS}
    results: dict[str, Tensor] = {}
    for name, work in ways.items():
        row = found[name] = {}
        with bench.caught(row), bench.peak(row):
            row["first"] = bench.once(lambda name=name, work=work: results.update({name: work()}))
    bench.save()
    works = {name: work for name, work in ways.items() if "failed" not in found[name] and name != "dense"}
    rows = bench.in_turns(works, 2 if bench.tiny else 5, warm=0, seconds=18.0)
    if "failed" not in found["dense"]:
        rows["dense"] = bench.timed(ways["dense"], 1, warm=0)
    for name, row in rows.items():
        found[name] = {**row, **found[name]}
        if "peak_gb" in found[name] and "peak_gb" in found["plain"]:
            found[name]["peak_over_plain"] = found[name]["peak_gb"] / found["plain"]["peak_gb"]
    truth = results.get("dense")
    for name in ("raster", *forms):
        if "median" in found[name] and "median" in found["dense"]:
            found[name]["dense_over_this"] = found["dense"]["median"] / found[name]["median"]
        if "median" in found[name] and "median" in found.get("unconditional", {}):
            both = found[name]["median"] + found["unconditional"]["median"]
            found[name]["step_over_plain"] = both / (2 * found["plain"]["median"])
        if name in results and truth is not None:
            found[name]["off_dense"] = differences(results[name], truth)
        if name in results:
            found[name]["same_bits_twice"] = bool(torch.equal(results[name], ways[name]()))
