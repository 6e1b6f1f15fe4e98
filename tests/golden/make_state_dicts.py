#!/usr/bin/env python3
"""Writes state_dicts.json: for each of torchvision's models, and for the zoo's others as PyTorch has them, the FNV-1a of
its state dict, a line "NAME SHAPE KIND DTYPE" for each tensor in order, and that of ImageNet's labels, a line for each.
Facts about torchvision come from the folder given, zoo of the shared data; the others need torch and torchvision.

    tests/golden/make_state_dicts.py ../shared/zoo"""

import json
import pathlib
import sys

from make_models import CIFAR, CifarResNet
from make_pictures import fnv1a


def lines_hash(lines):
    return fnv1a("".join(line + "\n" for line in lines).encode())


def state_dict_hash(entries):
    return lines_hash(f"{name} {shape} {kind} {dtype}" for name, shape, kind, dtype in entries)


def entries_of(model):
    parameters = dict(model.named_parameters())
    for name, tensor in model.state_dict().items():
        kind = "param" if name in parameters else "buffer"
        yield name, list(tensor.shape), kind, "f32" if tensor.is_floating_point() else "i64"


def main():
    folder = pathlib.Path(sys.argv[1])
    state_dicts = json.loads((folder / "torchvision_state_dicts.json").read_text())["state_dicts"]
    hashes = {name: state_dict_hash(entries) for name, entries in state_dicts.items()}
    for depth in CIFAR:
        hashes[f"resnet{depth}"] = state_dict_hash(entries_of(CifarResNet(depth)))
    labels = json.loads((folder / "imagenet_categories.json").read_text())
    golden = {"imagenet_labels": lines_hash(labels), "state_dicts": hashes}
    pathlib.Path(__file__).with_name("state_dicts.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
