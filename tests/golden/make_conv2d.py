"""Writes conv2d.json: convolutions by PyTorch, one per kind of stride, padding, dilation and group."""
import json
import pathlib

import torch
import torch.nn.functional as F

CASES = [
    ([2, 3, 9, 8], [5, 3, 3, 3], {}),
    ([1, 3, 11, 13], [4, 3, 7, 7], dict(stride=2, padding=3)),
    ([1, 4, 6, 6], [6, 2, 3, 3], dict(padding=1, groups=2)),
    ([1, 5, 7, 7], [5, 1, 5, 5], dict(stride=[2, 1], padding=[2, 1], groups=5)),
    ([1, 4, 5, 5], [8, 1, 3, 3], dict(padding=1, groups=4)),
    ([3, 2, 4, 4], [3, 2, 2, 4], dict(padding="same")),
    ([1, 2, 5, 6], [3, 2, 3, 2], dict(padding="same", dilation=[1, 2])),
    ([1, 2, 5, 6], [3, 2, 3, 2], dict(padding="valid")),
    ([1, 2, 3, 3], [2, 2, 1, 1], dict(padding=[4, 2])),
    ([1, 2, 9, 9], [2, 2, 3, 3], dict(dilation=[3, 2], stride=[1, 3], padding=2)),
    ([1, 9, 4, 5], [17, 9, 1, 1], {}),
    ([1, 9, 5, 5], [3, 9, 1, 1], dict(stride=2)),
    ([3, 6, 5], [2, 3, 3, 3], {}),
    ([1, 1, 1, 1], [1, 1, 1, 1], {}),
]

torch.manual_seed(0)
cases = []
for i, (x_shape, w_shape, options) in enumerate(CASES):
    x, w = torch.randn(x_shape), torch.randn(w_shape)
    bias = torch.randn(w_shape[0]) if i % 2 else None
    pack = lambda t: dict(shape=list(t.shape), data=[round(float(v), 7) for v in t.flatten()])
    case = dict(x=pack(x), w=pack(w), options=options)
    if bias is not None:
        case["bias"] = pack(bias)
    # The answer belongs to the rounded numbers that the file holds.
    back = lambda p: torch.tensor(p["data"], dtype=torch.float32).double().reshape(p["shape"])
    y = F.conv2d(back(case["x"]), back(case["w"]), back(case["bias"]) if bias is not None else None, **options)
    case["y"] = dict(shape=list(y.shape), data=[float(f"{v:.9g}") for v in y.flatten()])
    cases.append(case)
pathlib.Path(__file__).with_name("conv2d.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
