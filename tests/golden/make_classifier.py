#!/usr/bin/env python3
"""Writes classifier.json: PyTorch's logits, computed in float64, of the ResNet-20 in weights/resnet20-cifar10.json for
the pictures in tools/examples/pictures, read by Pillow and prepared by torchvision as the file's preset says. Needs torch,
torchvision, numpy, Pillow."""

import base64
import json
import pathlib

import numpy as np
import torch
from make_models import CifarResNet, text
from make_pictures import pipeline
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tensor(entry):
    data = b"".join(base64.b64decode(piece) for piece in entry["data"])
    dtype = np.dtype(entry["dtype"]).newbyteorder("<")
    return torch.from_numpy(np.frombuffer(data, dtype).reshape(entry["shape"]).copy())


def main():
    weights = json.loads((ROOT / "weights/resnet20-cifar10.json").read_text())
    model = CifarResNet(20)
    model.load_state_dict({name: tensor(entry) for name, entry in weights["tensors"].items()})
    model.eval().double()
    prepare = pipeline(**weights["preset"])
    lines = []
    for path in sorted((ROOT / "tools/examples/pictures").iterdir()):
        with torch.no_grad():
            logits = model(prepare(Image.open(path).convert("RGB"))[None].double())[0]
        lines.append(f' "{path.name}": {text(logits.tolist())}')
    pathlib.Path(__file__).with_name("classifier.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
