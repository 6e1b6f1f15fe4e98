#!/usr/bin/python3
"""Writes a file of weights for Minnow from a PyTorch checkpoint. The format is described in weights/README.md.

    tools/export_weights.py net.pth net.json --model resnet20 --option num_classes=10 \\
        --resize 32 --crop 32 --mean 0.4914 0.4822 0.4465 --std 0.2470 0.2435 0.2616 \\
        --labels airplane automobile bird cat deer dog frog horse ship truck \\
        --data "CIFAR-10" --recipe "24 epochs of SGD" --accuracy "9,022 of 10,000"

The checkpoint is a state_dict, a module, a dictionary that holds one of them under any key, or safetensors.
"""
import argparse
import base64
import json
import math
import os
import sys

BYTES_PER_STRING = 48 * 1024  # 64 KiB of base64
PRESET = {"resize": 256, "crop": 224, "interpolation": "bilinear",  # ImageNet's
          "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


class Failure(Exception):
    """What is said in one sentence before the program ends with 1."""


def state_of(value):
    """The tensors of a state_dict or a module by name; empty for anything else."""
    import torch

    if isinstance(value, torch.nn.Module):
        value = value.state_dict()
    if not isinstance(value, dict):
        return {}
    return {name: tensor for name, tensor in value.items() if isinstance(name, str) and torch.is_tensor(tensor)}


def find_state(path, checkpoint, key):
    """The tensors under `key`, or where a checkpoint usually has them."""
    entries = checkpoint if isinstance(checkpoint, dict) else {}
    if key is not None and not state_of(entries.get(key)):
        raise Failure(f'{path} has no tensors under "{key}"; its keys are {named(entries)}')
    for usual in [key] if key is not None else ["state_dict", "model", "model_state_dict"]:
        if state_of(entries.get(usual)):
            return state_of(entries[usual])
    if state_of(checkpoint):
        return state_of(checkpoint)
    possible = [name for name, value in entries.items() if state_of(value)]
    if len(possible) == 1:
        return state_of(entries[possible[0]])
    if possible:
        raise Failure(f"{path} has tensors under {named(possible)}: choose one of them with --key")
    if isinstance(checkpoint, dict):
        raise Failure(f"{path} holds no tensors; its keys are {named(entries)}")
    raise Failure(f"{path} holds a {type(checkpoint).__name__}, not a state_dict or a module")


def named(keys):
    keys = [json.dumps(str(key)) for key in keys]
    return ", ".join(keys[:10]) + (", ..." if len(keys) > 10 else "") if keys else "none"


def read_checkpoint(path, key):
    """The tensors of a checkpoint by name, without the "module." that DataParallel puts in front."""
    import torch

    if path.endswith(".safetensors"):
        state = read_safetensors(path)
    else:
        try:
            state = torch.load(path, map_location="cpu")
        except OSError:
            raise
        except Exception as error:  # unpickling may raise anything
            raise Failure(f"{path} is not a checkpoint that PyTorch reads: {first_line(error)}") from error
    return {name.removeprefix("module."): tensor for name, tensor in find_state(path, state, key).items()}


def read_safetensors(path):
    import torch

    dtypes = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16,
              "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
              "BOOL": torch.bool}  # PyTorch has no others
    state = {}
    name = None
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > os.path.getsize(path):
                raise ValueError("the header is cut off")
            header = json.loads(file.read(length))
            data = bytearray(file.read())
        header.pop("__metadata__", None)
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            if entry["dtype"] not in dtypes:
                raise Failure(f'{path}: tensor "{name}" has the dtype {entry["dtype"]}, which is not known here')
            dtype = dtypes[entry["dtype"]]
            flat = torch.frombuffer(data[first:last], dtype=dtype) if last > first else torch.empty(0, dtype=dtype)
            state[name] = flat.reshape(entry["shape"])
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        place = "" if name is None else f'tensor "{name}": '
        raise Failure(f"{path} is not a safetensors file: {place}{first_line(error)}") from error
    return state


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def tensor_entry(name, tensor):
    """A tensor as the format has it: float32 or int64, little-endian, in base64 strings of bounded length."""
    import torch

    if tensor.is_complex() or tensor.is_quantized or tensor.layout != torch.strided:
        raise Failure(f'tensor "{name}" is neither dense nor made of real numbers')
    dtype = torch.float32 if tensor.is_floating_point() else torch.int64
    data = tensor.detach().to(dtype).contiguous().numpy().tobytes()
    pieces = [data[i:i + BYTES_PER_STRING] for i in range(0, len(data), BYTES_PER_STRING)]
    return {"dtype": str(dtype).removeprefix("torch."), "shape": list(tensor.shape),
            "data": [base64.b64encode(piece).decode() for piece in pieces]}


def metadata(args):
    """Everything but the tensors. "format" comes first: readers tell the file by it."""
    result = {"format": "minnow", "version": 1}
    if args.model:
        result["model"] = {"name": args.model, "options": dict(args.option)}
    if any(getattr(args, name) is not None for name in PRESET):
        result["preset"] = {name: default if getattr(args, name) is None else getattr(args, name)
                            for name, default in PRESET.items()}
    if args.labels:
        result["labels"] = args.labels
    provenance = {name: getattr(args, name) for name in ("data", "recipe", "accuracy") if getattr(args, name)}
    if provenance:
        result["provenance"] = provenance
    return result


def write(path, head, state):
    """Writes one line per piece of metadata and per tensor, beside `path`, and renames."""
    temporary = f"{path}.part"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write("{\n")
            for name, value in head.items():
                file.write(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},\n")
            file.write('  "tensors": {\n')
            for i, (name, tensor) in enumerate(state.items()):
                comma = ",\n" if i else ""
                file.write(f"{comma}    {json.dumps(name)}: {json.dumps(tensor_entry(name, tensor))}")
            file.write("\n  }\n}\n")
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def number(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def model_option(text):
    """NAME=NUMBER as a pair."""
    name, _, value = text.partition("=")
    try:
        value = json.loads(value)
    except ValueError:
        value = None
    if not name or not isinstance(value, (int, float)) or not math.isfinite(value):  # true and false are ints
        raise argparse.ArgumentTypeError(f"expected NAME=NUMBER, got {text!r}")
    return name, value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("output", help="a name that ends in .json; `minnow convert` makes safetensors of it")
    parser.add_argument("--key", help="where in the checkpoint the state_dict is, if that is not plain")
    parser.add_argument("--model", help="a name of `minnow list`")
    parser.add_argument("--option", action="append", default=[], type=model_option, metavar="NAME=NUMBER",
                        help="what the model is made with")
    preset = parser.add_argument_group("preset", "How a picture becomes the input. Any of these options writes all "
                                       "five; the others are ImageNet's then.")
    preset.add_argument("--resize", type=int, help="the short side in pixels, 0 for none")
    preset.add_argument("--crop", type=int, help="the middle square in pixels, 0 for none")
    preset.add_argument("--interpolation", choices=["nearest", "bilinear", "bicubic"])
    preset.add_argument("--mean", type=number, nargs=3, help="red, green, blue of (pixel / 255 - mean) / std")
    preset.add_argument("--std", type=number, nargs=3)
    parser.add_argument("--labels", nargs="+")
    parser.add_argument("--data", help="what the network was trained on")
    parser.add_argument("--recipe", help="how it was trained")
    parser.add_argument("--accuracy", help="what was measured, on what")
    args = parser.parse_args()
    if (args.mean is None) != (args.std is None):
        parser.error("--mean and --std belong together")
    if args.option and not args.model:
        parser.error("--option needs --model")
    if not args.output.endswith(".json"):
        parser.error(f"the output {args.output} does not end in .json")
    try:
        write(args.output, metadata(args), read_checkpoint(args.checkpoint, args.key))
    except ImportError as error:
        sys.exit(f"export_weights: PyTorch is needed under {sys.executable} (Debian: python3-torch): {error}")
    except (Failure, OSError, ValueError) as error:
        sys.exit(f"export_weights: {error}")


if __name__ == "__main__":
    main()
