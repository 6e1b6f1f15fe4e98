#!/usr/bin/python3
"""Writes a file of weights for Minnow from a PyTorch checkpoint. The format is described in weights/README.md.

    tools/export_weights.py net.pth net.json --model resnet20 --option num_classes=10 \\
        --resize 32 --crop 32 --mean 0.4914 0.4822 0.4465 --std 0.2470 0.2435 0.2616 \\
        --labels airplane automobile bird cat deer dog frog horse ship truck \\
        --data "CIFAR-10" --recipe "24 epochs of SGD" --accuracy "9,022 of 10,000"

The checkpoint is a state_dict, a dictionary with one under "state_dict" or "model", or safetensors.
"""
import argparse
import base64
import json
import os

BYTES_PER_STRING = 48 * 1024  # 64 KiB of base64


def read_checkpoint(path):
    """The tensors of a checkpoint by name, without the "module." that DataParallel puts in front."""
    import torch

    if path.endswith(".safetensors"):
        return read_safetensors(path)
    state = torch.load(path, map_location="cpu")
    for key in ("state_dict", "model"):
        if isinstance(state.get(key), dict):
            state = state[key]
    return {name.removeprefix("module."): tensor for name, tensor in state.items() if torch.is_tensor(tensor)}


def read_safetensors(path):
    import torch

    dtypes = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16,
              "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    state = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        dtype = dtypes[entry["dtype"]]
        flat = torch.frombuffer(data[first:last], dtype=dtype) if last > first else torch.empty(0, dtype=dtype)
        state[name] = flat.reshape(entry["shape"])
    return state


def tensor_entry(tensor):
    """A tensor as the format has it: float32 or int64, little-endian, in base64 strings of bounded length."""
    import torch

    dtype = torch.float32 if tensor.is_floating_point() else torch.int64
    data = tensor.detach().to(dtype).contiguous().numpy().tobytes()
    pieces = [data[i:i + BYTES_PER_STRING] for i in range(0, len(data), BYTES_PER_STRING)]
    return {"dtype": str(dtype).removeprefix("torch."), "shape": list(tensor.shape),
            "data": [base64.b64encode(piece).decode() for piece in pieces]}


def metadata(args):
    """Everything but the tensors. "format" comes first: readers tell the file by it."""
    result = {"format": "minnow", "version": 1}
    if args.model:
        options = dict(option.split("=", 1) for option in args.option)
        result["model"] = {"name": args.model, "options": {name: json.loads(text) for name, text in options.items()}}
    if args.mean:
        result["preset"] = {"resize": args.resize, "crop": args.crop, "interpolation": args.interpolation,
                            "mean": args.mean, "std": args.std}
    if args.labels:
        result["labels"] = args.labels
    provenance = {name: getattr(args, name) for name in ("data", "recipe", "accuracy") if getattr(args, name)}
    if provenance:
        result["provenance"] = provenance
    return result


def write(path, head, state):
    """Writes one line per piece of metadata and per tensor, beside `path`, and renames."""
    temporary = f"{path}.part"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write("{\n")
        for name, value in head.items():
            file.write(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},\n")
        file.write('  "tensors": {\n')
        for i, (name, tensor) in enumerate(state.items()):
            comma = ",\n" if i else ""
            file.write(f"{comma}    {json.dumps(name)}: {json.dumps(tensor_entry(tensor))}")
        file.write("\n  }\n}\n")
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("output")
    parser.add_argument("--model", help="a name of `minnow list`")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=NUMBER", help="what the model is made with")
    parser.add_argument("--resize", type=int, default=256, help="the short side in pixels, 0 for none")
    parser.add_argument("--crop", type=int, default=224, help="the middle square in pixels, 0 for none")
    parser.add_argument("--interpolation", default="bilinear", choices=["nearest", "bilinear", "bicubic"])
    parser.add_argument("--mean", type=float, nargs=3)
    parser.add_argument("--std", type=float, nargs=3)
    parser.add_argument("--labels", nargs="+")
    parser.add_argument("--data", help="what the network was trained on")
    parser.add_argument("--recipe", help="how it was trained")
    parser.add_argument("--accuracy", help="what was measured, on what")
    args = parser.parse_args()
    if (args.mean is None) != (args.std is None):
        parser.error("--mean and --std belong together")
    write(args.output, metadata(args), read_checkpoint(args.checkpoint))


if __name__ == "__main__":
    main()
