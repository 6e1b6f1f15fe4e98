"""Writes print.json: tensors and how torch prints them. PyTorch 1.13."""
import json
import math
import os

import torch


def rows(*shape):
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


def noise(*shape):
    return torch.sin(rows(*shape) * 12.9898) * 4.37


inf, nan = float("inf"), float("nan")
cases = {
    "whole numbers": torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    "fractions": torch.tensor([0.5, 1.25, -3.0]),
    "mixed magnitudes": torch.tensor([1.0, 10.5, 100.25]),
    "scientific by ratio": torch.tensor([0.001, 1000.5]),
    "scientific by smallness": torch.tensor([1e-5, 2e-5]),
    "scientific by largeness": torch.tensor([1.5e9, 2e9]),
    "scientific whole numbers": torch.tensor([1.0, 2000.0]),
    "scientific with nan and zero": torch.tensor([0.0, nan, 1e-7, -1e7, inf]),
    "nan": torch.tensor([nan, nan]),
    "nan among whole numbers": torch.tensor([1.0, nan, -20.0]),
    "infinities": torch.tensor([inf, -inf, 1.5]),
    "infinities only": torch.tensor([inf, -inf]),
    "infinities among whole numbers": torch.tensor([[inf, -inf], [0.0, 100.0]]),
    "negative": torch.tensor([-1.5, -22.25, -333.125]),
    "negative zero": torch.tensor([-0.0, 0.0]),
    "zeros": torch.zeros(2, 3),
    "scalar": torch.tensor(3.14159),
    "whole scalar": torch.tensor(7.0),
    "nan scalar": torch.tensor(nan),
    "scalar int": torch.tensor(-42),
    "empty": torch.empty(0),
    "empty matrix": torch.empty(0, 3),
    "empty of many dimensions": torch.empty(2, 0, 3),
    "empty int": torch.empty(0, dtype=torch.int64),
    "empty int matrix": torch.empty(2, 0, dtype=torch.int64),
    "ints": torch.tensor([1, 2]),
    "ints of many lengths": torch.tensor([[1, -200], [30000, 4]]),
    "wrapped vector": rows(40) * 1.5,
    "wrapped ints": torch.arange(100),
    "wrapped matrix": noise(3, 30),
    "three dimensions": noise(2, 3, 4),
    "four dimensions": noise(2, 2, 2, 3),
    "five dimensions": rows(1, 2, 1, 2, 2),
    "elided vector": rows(1001),
    "a thousand are all shown": torch.arange(1000),
    "elided matrix": noise(50, 40),
    "elided in one dimension": noise(2, 600),
    "elided in rows": rows(600, 2),
    "elided in four dimensions": noise(7, 3, 8, 9),
    "elided hides what is large": torch.cat([torch.ones(500), torch.full((1,), 1e9), torch.ones(600)]),
    "elided int": torch.arange(2000).reshape(100, 20),
    "row longer than a line": torch.tensor([[1e-9, 1.0] * 5]),
    "largest float": torch.tensor([3.4028234663852886e38]),
    "smallest float": torch.tensor([1e-45]),
    "one in ten thousand": torch.tensor([1e-4, 1e-3]),
    "a thousandfold": torch.tensor([1.0, 1000.0]),
    "rounding up": torch.tensor([0.99996, 9.99996]),
}


def plain(t):
    """The shortest decimals that give the same float32; nan and inf as strings."""
    if t.dtype == torch.int64:
        return t.flatten().tolist()
    return [float(str(v)) if math.isfinite(v) else str(v) for v in t.flatten().numpy()]


out = {}
for name, t in cases.items():
    out[name] = {
        "tensor": {"shape": list(t.shape), "dtype": str(t.dtype)[6:], "data": plain(t)},
        "text": str(t),
    }
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "print.json")
with open(path, "w") as f:
    f.write("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in out.items()) + "\n}\n")
