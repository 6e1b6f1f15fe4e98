#!/usr/bin/env python3
"""Writes models.json: logits of torchvision's models with parameters that a formula gives, so that no weights need to
be stored. tests/zoo/golden_test.cpp fills Minnow's models with the same numbers. Needs torch, torchvision, numpy."""

import json
import pathlib

import numpy as np
import torch
import torchvision

MODELS = ["resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2"]
INPUT = [2, 3, 65, 47]
SHOWN = 8


def uniform(count, stream):
    """Numbers in [-1, 1) with 24 bits each, from a hash of their index and the stream."""
    with np.errstate(over="ignore"):
        h = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        h += np.uint64((stream + 1) * 0xBF58476D1CE4E5B9 % 2**64)
        h ^= h >> np.uint64(31)
        h *= np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(29)
    return (h >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def value(name, shape, stream):
    u = uniform(int(np.prod(shape)), stream).reshape(shape)
    if len(shape) > 1:
        return u * np.sqrt(3 / np.prod(shape[1:]))  # variance 1 / fan-in
    if name.endswith("running_var"):
        return 1 + u / 2
    if name.endswith("running_mean") or name.endswith("bias"):
        return u / 8
    return 0.75 + u / 4


def logits(name):
    model = getattr(torchvision.models, name)(weights=None).eval()
    state = model.state_dict()
    for stream, (key, old) in enumerate(state.items()):
        if old.dim() > 0:
            state[key] = torch.tensor(value(key, tuple(old.shape), stream), dtype=torch.float32)
    model.load_state_dict(state)
    x = torch.tensor(2 * uniform(int(np.prod(INPUT)), 1_000_000).reshape(INPUT), dtype=torch.float32)
    with torch.no_grad():
        return model(x)[:, :SHOWN].tolist()


def main():
    golden = {"input": INPUT, "logits": {name: logits(name) for name in MODELS}}
    path = pathlib.Path(__file__).with_name("models.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
