#!/usr/bin/env python3
"""Writes models.json: PyTorch's logits of every model in the zoo for several inputs, computed in float64 from
parameters that are float32 numbers by a rule, so that no weights need to be stored. tests/zoo/models.h fills Minnow's
models by the same rule. Needs torch, torchvision, numpy.

The rule keeps deep models well-conditioned, so that a test's tolerance can be small: the largest logit is between 0.08
and 6, and PyTorch's own float32 differs from float64 by at most 1.4e-6 of it. They are sensitive as well: errors of 5 %
in any one tensor of parameters move a logit by 1e-5 of the largest, and so does twice the epsilon of batch norm at
nearly every size."""

import pathlib

import numpy as np
import torch
import torchvision

IMAGENET = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
            "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"]
CIFAR = [20, 32, 44, 56, 110]
INPUTS = [[1, 3, 1, 1], [3, 3, 5, 9], [1, 3, 32, 32], [3, 3, 65, 97], [1, 3, 224, 224]]
SHOWN = 16  # logits of each picture
COUNT = 65_521  # prime: no period of a layer's


class BasicBlock(torch.nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, planes, 3, stride, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(planes)
        self.conv2 = torch.nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(planes)
        self.downsample = torch.nn.Sequential()
        if stride != 1 or inputs != planes:
            self.downsample.append(torch.nn.Conv2d(inputs, planes, 1, stride, bias=False))
            self.downsample.append(torch.nn.BatchNorm2d(planes))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class CifarResNet(torch.nn.Module):
    """He et al. 2015, section 4.2, with projections where the shape changes."""

    def __init__(self, depth):
        super().__init__()
        blocks = (depth - 2) // 6

        def stage(inputs, planes, stride):
            rest = [BasicBlock(planes, planes, 1) for _ in range(blocks - 1)]
            return torch.nn.Sequential(BasicBlock(inputs, planes, stride), *rest)

        self.conv1 = torch.nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.fc = torch.nn.Linear(64, 10)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.layer3(self.layer2(self.layer1(y)))
        return self.fc(torch.nn.functional.adaptive_avg_pool2d(y, 1).flatten(1))


def uniform(count, seed):
    """Numbers in [-1, 1) with 24 bits each, from a Mersenne twister as C++ has it."""
    words = np.random.RandomState(seed).randint(2**32, size=count, dtype=np.uint32)
    return (words >> 8).astype(np.float32) / np.float32(2**23) - np.float32(1)


def centre_and_spread(name, shape):
    if len(shape) > 1:
        return 0, np.sqrt(3 / 32 / np.prod(shape[1:]))  # a variance of 1/32 comes out where one of 1 comes in
    if name.endswith("running_var"):
        return 1 / 32, 1 / 64
    if name.endswith("running_mean"):
        return 0, 1 / 32
    if name.endswith("bias"):
        return 0, 1 / 8
    return 3 / 4, 1 / 4


def fill(model):
    numbers, at = uniform(COUNT, 1), 0
    for name, tensor in model.state_dict().items():
        if tensor.dim() == 0:
            continue  # a counter
        centre, spread = centre_and_spread(name, tuple(tensor.shape))
        value = np.float32(centre) + np.float32(spread) * numbers[(at + np.arange(tensor.numel())) % COUNT]
        tensor.copy_(torch.from_numpy(value.reshape(tensor.shape)))
        at += tensor.numel()


def logits(model):
    """A list of pictures for each input, empty for one that is too small for the model."""
    fill(model)
    model.eval().double()
    for shape in INPUTS:
        x = torch.from_numpy(2 * uniform(int(np.prod(shape)), 2).reshape(shape))
        try:
            with torch.no_grad():
                yield model(x.double())[:, :SHOWN].tolist()
        except RuntimeError:
            yield []


def models():
    for name in IMAGENET:
        yield name, getattr(torchvision.models, name)(weights=None)
    for depth in CIFAR:
        yield f"resnet{depth}", CifarResNet(depth)


def text(numbers):
    return "[" + ", ".join(f"{number:.9g}" for number in numbers) + "]"


def main():
    entries = []
    for name, model in models():
        inputs = ["[" + ",\n   ".join(text(picture) for picture in pictures) + "]" for pictures in logits(model)]
        entries.append(f'  "{name}": [\n  ' + ",\n  ".join(inputs) + "]")
    path = pathlib.Path(__file__).with_name("models.json")
    path.write_text(f'{{"inputs": {INPUTS},\n "logits": {{\n' + ",\n".join(entries) + "}}\n")


if __name__ == "__main__":
    main()
