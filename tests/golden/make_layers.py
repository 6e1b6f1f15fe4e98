#!/usr/bin/env python3
"""Writes pool.json, layers.json, ...: what PyTorch gives for ops with windows or sums, and for layers.

Made with PyTorch 1.13: python3 tests/golden/make_layers.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
NAN, INF = math.nan, math.inf


def number(value):
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return float(f"{value:.9g}")  # as many digits as a float32 holds


def pack(t):
    packed = {"shape": list(t.shape), "data": [number(v) for v in t.flatten().tolist()]}
    return packed if t.dtype == torch.float32 else dict(packed, dtype=str(t.dtype).removeprefix("torch."))


def rand(*shape):
    return (torch.randn(*shape) * 1000).round() / 1000


def with_values(t, values):
    for index, value in values.items():
        t[index] = value
    return t


def pools():
    def case(op, x, **options):
        return {"op": op, "x": pack(x), "options": options, "y": pack(getattr(F, op)(x, **options))}

    x, odd = rand(2, 3, 8, 8), rand(1, 2, 7, 5)
    special = with_values(rand(1, 1, 6, 6), {(0, 0, 1, 1): NAN, (0, 0, 4, 4): -INF, (0, 0, 5, 5): INF})
    low = torch.full((1, 1, 4, 4), -INF)
    for op in ("max_pool2d", "avg_pool2d"):
        yield case(op, x, kernel_size=2)
        yield case(op, odd, kernel_size=3, stride=2, padding=1)
        yield case(op, odd, kernel_size=[3, 2], stride=[2, 1], padding=[1, 0])
        yield case(op, odd, kernel_size=3, stride=2, ceil_mode=True)
        # The last window would begin in the right padding and is dropped.
        yield case(op, rand(1, 1, 5, 5), kernel_size=2, stride=3, padding=1, ceil_mode=True)
        yield case(op, rand(1, 1, 6, 4), kernel_size=3, stride=2, padding=1, ceil_mode=True)
        yield case(op, rand(1, 1, 7, 10), kernel_size=4, stride=4, padding=2, ceil_mode=True)
        yield case(op, rand(3, 9, 4), kernel_size=3, stride=1)
        yield case(op, rand(1, 1, 1, 1), kernel_size=1)
        yield case(op, special, kernel_size=2, stride=1)
        yield case(op, rand(0, 3, 5, 5), kernel_size=2)
    yield case("max_pool2d", odd, kernel_size=2, dilation=2)
    yield case("max_pool2d", odd, kernel_size=3, dilation=[2, 1], padding=1, ceil_mode=True, stride=2)
    yield case("max_pool2d", rand(1, 1, 2, 9), kernel_size=2, dilation=3, padding=1)
    yield case("max_pool2d", -rand(1, 1, 5, 5).abs() - 1, kernel_size=3, padding=1)
    yield case("max_pool2d", low, kernel_size=2)
    for ceil_mode in (False, True):
        for include in (False, True):
            more = dict(kernel_size=3, stride=2, padding=1, ceil_mode=ceil_mode, count_include_pad=include)
            yield case("avg_pool2d", odd, **more)
            yield case("avg_pool2d", rand(1, 2, 6, 8), **more)
            yield case("avg_pool2d", rand(1, 1, 7, 9), **dict(more, kernel_size=[5, 4], stride=3, padding=2))
    yield case("avg_pool2d", odd, kernel_size=3, padding=1, divisor_override=7)
    yield case("avg_pool2d", odd, kernel_size=3, padding=1, count_include_pad=False, divisor_override=-2)


def adaptive_pools():
    for op in ("adaptive_avg_pool2d", "adaptive_max_pool2d"):
        for shape, size in (
            ((2, 3, 7, 7), (1, 1)), ((1, 2, 7, 5), (3, 2)), ((1, 2, 5, 7), (4, 3)), ((1, 1, 3, 2), (7, 5)),
            ((3, 10, 6), (4, 4)), ((1, 2, 14, 14), (7, 7)), ((1, 1, 9, 8), (7, None)), ((1, 1, 9, 8), (None, 3)),
            ((1, 1, 1, 1), (2, 2)), ((0, 2, 5, 5), (2, 3)), ((1, 1, 5, 5), (0, 2)), ((2, 5, 17, 13), (1, 1)),
        ):
            x = rand(*shape)
            yield {"op": op, "x": pack(x), "size": list(size), "y": pack(getattr(F, op)(x, size))}
        x = with_values(rand(1, 1, 6, 6), {(0, 0, 1, 1): NAN, (0, 0, 5, 5): INF, (0, 0, 4, 0): -INF})
        yield {"op": op, "x": pack(x), "size": [3, 4], "y": pack(getattr(F, op)(x, (3, 4)))}


def matmuls():
    for a, b in (
        ((5,), (5,)), ((5,), (5, 3)), ((4, 5), (5,)), ((4, 5), (5, 3)), ((1, 1), (1, 1)), ((33, 65), (65, 17)),
        ((2, 4, 5), (5, 3)), ((2, 4, 5), (5,)), ((4, 5), (2, 5, 3)), ((5,), (2, 5, 3)), ((2, 4, 5), (2, 5, 3)),
        ((1, 4, 5), (3, 5, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((3, 1, 2, 4), (1, 2, 4, 3)), ((0, 5), (5, 3)),
        ((4, 0), (0, 3)), ((2, 0, 4), (2, 4, 3)), ((0, 2, 4), (4, 3)),
    ):
        x, y = rand(*a), rand(*b)
        yield {"a": pack(x), "b": pack(y), "y": pack(torch.matmul(x, y))}


def linears():
    for shape, out, bias in (((3, 7), 5, True), ((7,), 3, True), ((2, 3, 4, 5), 1, False), ((0, 4), 3, True),
                             ((1, 65), 19, True), ((3, 1), 2, False), ((2, 0), 3, True)):
        x, w = rand(*shape), rand(out, shape[-1])
        b = rand(out) if bias else None
        case = {"x": pack(x), "weight": pack(w), "y": pack(F.linear(x, w, b))}
        yield dict(case, bias=pack(b)) if bias else case


def softmaxes():
    inf_row = with_values(rand(3, 5), {1: -INF, (2, 0): -INF})
    for x, dim in ((rand(3, 5), 1), (rand(3, 5), 0), (rand(2, 3, 4, 5), -3), (rand(2, 3, 4), -1), (rand(19), 0),
                   (rand(2, 1), 1), (rand(2, 3) * 300, 1), (inf_row, 1), (rand(0, 3), 1), (rand(3, 0), 1),
                   (torch.tensor(2.5), 0), (torch.tensor([1.0, NAN, 2.0]), 0), (torch.tensor([1.0, INF, 2.0]), 0)):
        yield {"x": pack(x), "dim": dim, "softmax": pack(x.softmax(dim)), "log_softmax": pack(x.log_softmax(dim))}


def batch_norms():
    def evaluation(x, affine, eps):
        c = x.shape[1]
        mean, var = rand(c), rand(c).abs()
        weight, bias = (rand(c), rand(c)) if affine else (None, None)
        case = {"x": pack(x), "mean": pack(mean), "var": pack(var), "eps": eps,
                "y": pack(F.batch_norm(x, mean, var, weight, bias, False, 0.1, eps))}
        return dict(case, weight=pack(weight), bias=pack(bias)) if affine else case

    def training(x, affine, momentum, running=True, eps=1e-5):
        c = x.shape[1]
        mean, var = rand(c), rand(c).abs() + 0.5
        weight, bias = (rand(c), rand(c)) if affine else (None, None)
        case = {"x": pack(x), "eps": eps, "momentum": momentum}
        if running:
            case.update(mean=pack(mean), var=pack(var))
        if affine:
            case.update(weight=pack(weight), bias=pack(bias))
        stats = (mean.clone(), var.clone()) if running else (None, None)
        case["y"] = pack(F.batch_norm(x, *stats, weight, bias, True, momentum, eps))
        if running:
            case.update(new_mean=pack(stats[0]), new_var=pack(stats[1]))
        return case

    yield "eval", [evaluation(rand(2, 3, 5, 4), True, 1e-5), evaluation(rand(2, 3, 5, 4), False, 1e-3),
                   evaluation(rand(1, 19, 1, 1), True, 1e-5), evaluation(rand(0, 3, 2, 2), True, 1e-5),
                   evaluation(rand(4, 5), True, 0.5)]
    yield "training", [training(rand(2, 3, 5, 4), True, 0.1), training(rand(3, 1, 1, 1), False, 0.25),
                       training(rand(1, 2, 1, 3) + 100, True, 1.0), training(rand(2, 17, 3, 3), True, 0.1, False),
                       training(rand(4, 5), True, 0.5, True, 0.1), training(rand(0, 3, 2, 2), True, 0.1)]


def printed():
    nn = torch.nn
    modules = {
        "conv": nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        "conv_plain": nn.Conv2d(3, 8, 3),
        "conv_full": nn.Conv2d(4, 8, (3, 1), stride=(1, 2), padding=(1, 0), dilation=(2, 1), groups=2),
        "conv_same": nn.Conv2d(4, 8, 3, padding="same"),
        "conv_valid": nn.Conv2d(4, 8, 3, padding="valid"),
        "linear": nn.Linear(512, 10),
        "linear_no_bias": nn.Linear(3, 2, bias=False),
        "batch_norm": nn.BatchNorm2d(64),
        "batch_norm_full": nn.BatchNorm2d(3, eps=0.001, momentum=None, affine=False, track_running_stats=False),
        "batch_norm_one": nn.BatchNorm2d(3, eps=0.0001, momentum=1.0),
        "relu": nn.ReLU(), "relu6": nn.ReLU6(), "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "silu": nn.SiLU(),
        "gelu": nn.GELU(), "hardswish": nn.Hardswish(), "hardsigmoid": nn.Hardsigmoid(), "identity": nn.Identity(),
        "leaky_relu": nn.LeakyReLU(), "leaky_relu_steep": nn.LeakyReLU(0.2),
        "max_pool": nn.MaxPool2d(3, stride=2, padding=1),
        "max_pool_plain": nn.MaxPool2d(2),
        "max_pool_full": nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=2, ceil_mode=True),
        "max_pool_pairs": nn.MaxPool2d((3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1)),
        "max_pool_pair": nn.MaxPool2d((3, 3)),
        "avg_pool": nn.AvgPool2d(2), "avg_pool_full": nn.AvgPool2d((3, 2), stride=1, padding=1),
        "avg_pool_pairs": nn.AvgPool2d((2, 2), stride=(2, 2), padding=(1, 1)),
        "adaptive_avg_pool": nn.AdaptiveAvgPool2d((1, 1)), "adaptive_avg_pool_one": nn.AdaptiveAvgPool2d(1),
        "adaptive_max_pool": nn.AdaptiveMaxPool2d((7, None)), "adaptive_max_pool_pair": nn.AdaptiveMaxPool2d((7, 7)),
        "adaptive_max_pool_one": nn.AdaptiveMaxPool2d(7),
        "flatten": nn.Flatten(), "flatten_all": nn.Flatten(0, 2), "softmax": nn.Softmax(1), "dropout": nn.Dropout(),
        "dropout_rare": nn.Dropout(0.25), "zero_pad": nn.ZeroPad2d(1), "zero_pad_full": nn.ZeroPad2d((1, 2, 3, 4)),
        "upsample": nn.Upsample(scale_factor=2), "upsample_size": nn.Upsample(size=(4, 5), mode="bilinear"),
        "upsample_side": nn.Upsample(size=4), "upsample_square": nn.Upsample(size=(4, 4)),
        "upsample_uneven": nn.Upsample(scale_factor=(2, 1.5)),
        "upsample_pair": nn.Upsample(scale_factor=(2, 2)),
        "upsample_corners": nn.Upsample(scale_factor=0.3, mode="bilinear", align_corners=True),
    }
    return {name: str(module) for name, module in modules.items()}


def conv_layers():
    for shape, out, options in (
        ((2, 3, 7, 5), 4, dict(kernel_size=3, stride=2, padding=1)),
        ((1, 4, 6, 7), 6, dict(kernel_size=[3, 2], stride=[1, 2], padding=[1, 0], dilation=[2, 1], groups=2)),
        ((1, 2, 5, 6), 3, dict(kernel_size=[4, 2], padding="same")),
        ((1, 2, 5, 5), 3, dict(kernel_size=3, padding="valid", bias=False)),
        ((1, 2, 3, 3), 2, dict(kernel_size=1, padding=3)),
        ((0, 2, 5, 5), 3, dict(kernel_size=3)),
        ((3, 8, 8), 3, dict(kernel_size=3, groups=3)),
    ):
        x = rand(*shape)
        layer = torch.nn.Conv2d(shape[-3], out, **options)
        with torch.no_grad():
            yield {"in": shape[-3], "out": out, "options": options, "x": pack(x), "y": pack(layer(x)),
                   "state": {name: pack(value) for name, value in layer.state_dict().items()}}


def batch_norm_layers():
    """Two batches in training mode, then one in eval mode."""
    for options in ({}, {"momentum": None}, {"momentum": 0.5, "affine": False}, {"track_running_stats": False},
                    {"eps": 0.1}):
        layer = torch.nn.BatchNorm2d(3, **options)
        batches = [rand(2, 3, 4, 5), rand(3, 3, 2, 2) + 5, rand(2, 3, 1, 3)]
        with torch.no_grad():
            results = [layer(batches[0]), layer(batches[1]), layer.eval()(batches[2])]
        yield {"options": options, "x": [pack(x) for x in batches], "y": [pack(y) for y in results],
               "state": {name: pack(value) for name, value in layer.state_dict().items()}}


golden = {
    "pool": list(pools()),
    "adaptive_pool": list(adaptive_pools()),
    "matmul": list(matmuls()),
    "linear": list(linears()),
    "softmax": list(softmaxes()),
    "batch_norm": dict(batch_norms()),
    "layers": {"printed": printed(), "conv2d": list(conv_layers()), "batch_norm2d": list(batch_norm_layers())},
}
folder = pathlib.Path(__file__).parent
for name, cases in golden.items():
    with open(folder / f"{name}.json", "w") as out:
        json.dump(cases, out, separators=(",", ":"))
        out.write("\n")
