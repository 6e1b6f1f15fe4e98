"""Writes tensor_ops.json: inputs and results of the tensor ops, by PyTorch 1.13."""
import json
import math
import os

import torch
import torch.nn.functional as F

inf, nan = float("inf"), float("nan")
torch.manual_seed(0)


def rand(*shape, scale=1.0):
    """Numbers with two decimals, which keep the file short."""
    return (torch.randn(*shape) * scale * 100).round() / 100


def plain(t):
    """{"shape", "dtype", "data"} with the shortest decimals that give the same float32; nan and inf as strings."""
    t = t.float() if t.dtype == torch.bool else t
    data = t.flatten().tolist()
    if t.dtype == torch.float32:
        data = [float(str(v)) if math.isfinite(v) else str(v) for v in t.flatten().numpy()]
    result = {"shape": list(t.shape), "data": data}
    return result if t.dtype == torch.float32 else result | {"dtype": "int64"}


special = torch.tensor([nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 1.5, 3.0, -3.0, 6.0, 7.0, 30.0,
                        -30.0, 1e-6, -1e-6, 80.0, 1e20])
out = {}

# Binary ------------------------------------------------------------------------------------------
pairs = [(rand(3, 5), rand(3, 5)), (rand(2, 3, 4, 5), rand(3, 1, 1)), (rand(4, 1, 3), rand(2, 1)), (rand(1), rand(7)),
         (rand(5, 1, 4), rand(5, 3, 1)), (rand(2, 1, 3, 1, 2), rand(4, 1, 5, 1)), (torch.tensor(2.5), rand(2, 3)),
         (rand(0, 3), rand(1, 3)), (special, special.flip(0)), (torch.tensor(1.5), torch.tensor(-2.0))]
functions = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
             "minimum": torch.minimum, "pow": torch.pow, "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le,
             "gt": torch.gt, "ge": torch.ge}
out["binary"] = [{"a": plain(a), "b": plain(b)} | {name: plain(f(a, b)) for name, f in functions.items()}
                 for a, b in pairs]
x = special
out["scalar"] = {"x": plain(x), "add": plain(x + 2.5), "sub": plain(x - 2.5), "rsub": plain(2.5 - x),
                 "mul": plain(x * 2.5), "div": plain(x / 2.5), "rdiv": plain(2.5 / x), "pow": plain(x**2.5),
                 "rpow": plain(2.5**x), "square": plain(x**2), "lt": plain(x < 0.5), "ge": plain(x >= 0.5),
                 "eq": plain(x == 0.0), "ne": plain(x != 0.0), "le": plain(x <= -0.5), "gt": plain(x > -0.5)}

# Unary -------------------------------------------------------------------------------------------
unary = {"neg": torch.neg, "abs": torch.abs, "exp": torch.exp, "log": torch.log, "log1p": torch.log1p,
         "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "square": torch.square, "reciprocal": torch.reciprocal,
         "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "sin": torch.sin,
         "cos": torch.cos, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "erf": torch.erf, "relu": torch.relu,
         "relu6": F.relu6, "leaky_relu": F.leaky_relu, "silu": F.silu, "gelu": F.gelu, "hardswish": F.hardswish,
         "hardsigmoid": F.hardsigmoid, "elu": F.elu, "softplus": F.softplus}
x = torch.cat([special[:-1], rand(20, scale=3.0)])
out["unary"] = {"x": plain(x)} | {name: plain(f(x)) for name, f in unary.items()} | {
    "leaky_relu 0.2": plain(F.leaky_relu(x, 0.2)), "elu 0.7": plain(F.elu(x, 0.7)),
    "softplus 2 3": plain(F.softplus(x, 2, 3)), "clamp -0.5 1.5": plain(x.clamp(-0.5, 1.5)),
    "clamp min 0.25": plain(x.clamp(min=0.25)), "clamp max 0.25": plain(x.clamp(max=0.25)),
    "clamp 2 1": plain(x.clamp(2, 1)), "clamp nan 1": plain(x.clamp(nan, 1)), "clamp 0 nan": plain(x.clamp(0, nan)),
    "clamp nan nan": plain(x.clamp(nan, nan)), "clamp min nan": plain(x.clamp(min=nan)),
    "clamp max nan": plain(x.clamp(max=nan))}

# Reductions --------------------------------------------------------------------------------------
cases = []
for t, dims in [(rand(2, 3, 4, 5), [[], [0], [-1], [1, 3], [2, 3], [0, 1], [-3], [0, 2, 3], [3, 1, 0, 2]]),
                (rand(70, 3), [[0], [1], []]), (rand(1, 1), [[0], [0, 1]]), (torch.tensor(3.5), [[]]),
                (rand(3, 1, 130), [[0], [2], [1]]), (rand(2, 3) + 1000, [[1]]),
                (torch.tensor([[1.0, nan, 3.0], [inf, 1.0, -inf], [-inf, -inf, -inf]]), [[0], [1], []])]:
    for d in dims:
        full = tuple(d) or tuple(range(t.dim()))
        cases.append({"x": plain(t), "dims": d, "sum": plain(t.sum(full)), "mean keepdim": plain(t.mean(full, True)),
                      "max": plain(t.amax(full)), "min keepdim": plain(t.amin(full, True)),
                      "var": plain(t.var(full)), "var biased": plain(t.var(full, False)), "std": plain(t.std(full)),
                      "norm": plain(torch.linalg.vector_norm(t, 2, full)),
                      "norm 1": plain(torch.linalg.vector_norm(t, 1, full)),
                      "norm 3": plain(torch.linalg.vector_norm(t, 3, full)),
                      "norm 0": plain(torch.linalg.vector_norm(t, 0, full)),
                      "norm inf": plain(torch.linalg.vector_norm(t, inf, full)),
                      "norm -inf": plain(torch.linalg.vector_norm(t, -inf, full))})
out["reduce"] = cases
t = torch.empty(2, 0, 3)
out["reduce empty"] = {"x": plain(t), "sum": plain(t.sum(1)), "sum all": plain(t.sum()), "mean": plain(t.mean(1)),
                       "mean all": plain(t.mean()), "var": plain(t.var(1)), "std": plain(t.std(1)),
                       "norm": plain(torch.linalg.vector_norm(t, 2, 1)), "max of 0": plain(t.amax(0))}

# Arg, topk ---------------------------------------------------------------------------------------
t = torch.tensor([[[3.0, 1.0], [3.0, nan], [-inf, 2.0]], [[inf, nan], [inf, nan], [0.0, -0.0]]])
out["argmax"] = [{"x": plain(t), "dim": d, "argmax": plain(t.argmax(d)), "argmin": plain(t.argmin(d)),
                  "argmax keepdim": plain(t.argmax(d, True))} for d in (0, 1, 2, -1)]
out["argmax all"] = {"x": plain(t), "argmax": plain(t.argmax()), "argmin": plain(t.argmin())}
u = rand(3, 7, 2)
u[0, 2, 0] = nan
u[1, 3, 1] = inf
out["topk"] = [{"x": plain(u), "k": k, "dim": d, "largest": big, "values": plain(u.topk(k, d, big)[0]),
                "indices": plain(u.topk(k, d, big)[1])}
               for k, d, big in [(1, -1, True), (3, 1, True), (7, 1, True), (4, 1, False), (2, 0, True), (3, 0, False)]]

# Copies ------------------------------------------------------------------------------------------
t = rand(2, 3, 4)
out["permute"] = [{"x": plain(t), "dims": d, "y": plain(t.permute(d))}
                  for d in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [-1, 0, 1])]
out["expand"] = [{"x": plain(a), "shape": s, "y": plain(a.expand(s))}
                 for a, s in [(rand(3, 1), [3, 4]), (rand(1), [2, 3]), (rand(2, 1, 3), [4, 2, -1, 3]),
                              (rand(2, 1, 3), [-1, 5, -1]), (torch.tensor(2.0), [2, 2]), (rand(1, 3), [0, 3])]]
out["pad"] = [{"x": plain(a), "pad": p, "value": v if math.isfinite(v) else str(v), "y": plain(F.pad(a, p, value=v))}
              for a, p, v in [(t, [1, 2], 0.0), (t, [1, 0, 0, 2], -1.5), (t, [0, 0, 1, 1, 2, 1], nan), (t, [-1, 2], 7.0),
                              (t, [-1, -2, 1, -2], 0.0), (t, [-4, 5], 3.0), (torch.empty(2, 0), [1, 1], 4.0), (t, [], 1.0)]]
out["slice"] = [{"x": plain(t), "dim": 2 - len(k) % 2, "args": k,
                 "y": plain(t[:, :, k[0]:k[1]:k[2]] if len(k) == 4 else t[:, k[0]:k[1]:k[2]])}
                for k in ([0, 2, 1, 0], [-3, 100, 2, 0], [3, 1, 1, 0], [-100, -1, 3, 0], [1, 3, 1], [0, 3, 2], [2, 3, 5])]

# Interpolate -------------------------------------------------------------------------------------
cases = []
for shape, size, factor in [((1, 2, 3, 4), [6, 8], None), ((2, 1, 5, 7), [3, 2], None), ((1, 1, 1, 1), [2, 3], None),
                            ((1, 1, 4, 5), [4, 5], None), ((1, 2, 3, 4), None, [2.0, 2.0]),
                            ((1, 1, 5, 6), None, [0.5, 1.7]), ((1, 1, 7, 3), None, [1.3, 0.4]),
                            ((1, 1, 6, 5), [1, 11], None), ((1, 1, 13, 11), [7, 5], None),
                            ((1, 2, 4, 5), None, [1.1, 2.0]), ((1, 1, 1, 700), None, [1.0, 1.3])]:
    a = rand(*shape)
    cases.append({"x": plain(a), "size": size, "scale_factor": factor,
                  "nearest": plain(F.interpolate(a, size, factor)),
                  "bilinear": plain(F.interpolate(a, size, factor, "bilinear", False)),
                  "align_corners": plain(F.interpolate(a, size, factor, "bilinear", True))})
out["interpolate"] = cases

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensor_ops.json")
with open(path, "w") as f:
    f.write("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(v, allow_nan=False) for k, v in out.items()) + "\n}\n")
