"""A voice in Piper's own form that hums: one tone, 50 ms for each phoneme."""

from __future__ import annotations

import json
import string
from pathlib import Path

RATE, PITCH = 22_050, 440


def build_voice(folder: Path) -> Path:
    """Write ``hum.onnx`` and its settings; the network counts its phonemes and gives a sine of that length."""
    import onnx
    from onnx import TensorProto, helper

    folder.mkdir(parents=True, exist_ok=True)
    number = {"start": 0, "step": 1, "each": RATE // 20}
    constants = [helper.make_tensor(name, TensorProto.INT64, (), [value]) for name, value in number.items()]
    constants.append(helper.make_tensor("shape", TensorProto.INT64, (4,), [1, 1, 1, -1]))
    constants.append(helper.make_tensor("turn", TensorProto.FLOAT, (), [2 * 3.14159265 * PITCH / RATE]))
    constants.append(helper.make_tensor("loud", TensorProto.FLOAT, (), [0.5]))
    nodes = [
        helper.make_node("Size", ["input"], ["phonemes"]),
        helper.make_node("Mul", ["phonemes", "each"], ["samples"]),
        helper.make_node("Range", ["start", "samples", "step"], ["at"]),
        helper.make_node("Cast", ["at"], ["time"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["time", "turn"], ["angle"]),
        helper.make_node("Sin", ["angle"], ["tone"]),
        helper.make_node("Mul", ["tone", "loud"], ["quiet"]),
        helper.make_node("Reshape", ["quiet", "shape"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, None]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, None])
    graph = helper.make_graph(nodes, "hum", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "hum.onnx")
    symbols = "_^$ ,.?!" + string.ascii_lowercase
    settings = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": len(symbols),
        "num_speakers": 1,
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
    }
    (folder / "hum.onnx.json").write_text(json.dumps(settings))
    return folder / "hum.onnx"
