#!/usr/bin/env python3
"""Times Minnow beside ONNX Runtime, OpenVINO and PyTorch on the same models, weights and input.

    tools/compare.py [MODEL...] [--threads N] [--batch N] [--json]

Each engine runs in a process of its own; the processes take turns, one call each, while the others are stopped, so that
all see the same machine. The table shows the median of each and Minnow's ratio to ONNX Runtime: below 1 is faster. The
answers are compared as well: max_error is the largest difference from PyTorch's logits over the largest logit. All of
them compute in float32.

Needs PyTorch and torchvision under /usr/bin/python3 (Debian: python3-torch python3-torchvision); the rivals are
installed from PyPI into build/compare. Ends with 3 where no rival is to be had.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "compare"
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that has Debian's PyTorch
MODELS = ["resnet18", "resnet34", "resnet50", "resnext50_32x4d", "vgg16", "mobilenet_v2"]
RIVALS = ["onnxruntime", "openvino", "pytorch"]


# The workers: each prints the seconds it took to the first logits, then the milliseconds of a call for each line.


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, array in tensors.items():
        dtype = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.tobytes())


def torch_model(name):
    import torch
    import torchvision

    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None)
    for module in model.modules():  # statistics as after training, so that folding them is no formality
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.0)
            module.bias.data.normal_(0, 0.1)
    return model.eval()


def export(name, folder, batch):
    import torch

    model = torch_model(name)
    x = torch.randn(batch, 3, 224, 224)
    x.numpy().tofile(folder / "input.f32")
    write_safetensors(folder / "weights.safetensors", {k: v.numpy() for k, v in model.state_dict().items()})
    torch.onnx.export(model, x, str(folder / "model.onnx"), opset_version=13, input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    with torch.no_grad():
        model(x).numpy().tofile(folder / "logits.pytorch.f32")


def serve(start, call, logits_path):
    import numpy

    first = call()
    seconds = time.perf_counter() - start
    numpy.asarray(first, dtype=numpy.float32).tofile(logits_path)
    print(seconds, flush=True)
    for order in sys.stdin:
        if order.strip() == "memory":
            status = dict(line.split(":", 1) for line in open("/proc/self/status"))
            print(status["VmHWM"].split()[0], status["RssAnon"].split()[0], flush=True)
            continue
        before = time.perf_counter()
        call()
        print((time.perf_counter() - before) * 1e3, flush=True)


def work_onnxruntime(folder, name, batch, threads):
    import numpy
    import onnxruntime

    x = numpy.fromfile(folder / "input.f32", dtype=numpy.float32).reshape(batch, 3, 224, 224)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    start = time.perf_counter()
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    serve(start, lambda: session.run(None, {"x": x})[0], folder / "logits.onnxruntime.f32")


def work_openvino(folder, name, batch, threads):
    import numpy
    import openvino

    x = numpy.fromfile(folder / "input.f32", dtype=numpy.float32).reshape(batch, 3, 224, 224)
    start = time.perf_counter()
    core = openvino.Core()
    model = core.read_model(folder / "model.onnx")
    model.reshape([batch, 3, 224, 224])
    compiled = core.compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
                                                 "INFERENCE_NUM_THREADS": str(threads),
                                                 "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    serve(start, lambda: request.infer([x])[0], folder / "logits.openvino.f32")


def work_pytorch(folder, name, batch, threads):
    import numpy
    import torch

    torch.set_num_threads(threads)
    x = torch.from_numpy(numpy.fromfile(folder / "input.f32", dtype=numpy.float32).reshape(batch, 3, 224, 224))
    start = time.perf_counter()
    with torch.no_grad():
        fast = torch.jit.optimize_for_inference(torch.jit.trace(torch_model(name), x))
        serve(start, lambda: fast(x).numpy(), folder / "logits.traced.f32")


# The comparison.


def say(text):
    print(text, file=sys.stderr, flush=True)


def set_up():
    """Installs the rivals; returns the interpreter of each that is there."""
    pythons = {}
    probe = [SYSTEM_PYTHON, "-c", "import torch, torchvision"]
    if not os.path.exists(SYSTEM_PYTHON) or subprocess.run(probe, capture_output=True).returncode != 0:
        say("PyTorch is not under " + SYSTEM_PYTHON + ": apt-get install python3-torch python3-torchvision")
        sys.exit(3)
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        say("Making a virtual environment in " + str(WORK / "venv"))
        if subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], stdout=sys.stderr).returncode != 0:
            say("There is no virtual environment to be had (Debian: python3-venv)")
            sys.exit(3)
    for rival in ["onnxruntime", "openvino"]:
        if subprocess.run([python, "-c", "import " + rival], capture_output=True).returncode != 0:
            say("Installing " + rival)
            subprocess.run([python, "-m", "pip", "install", "--quiet", rival], stdout=sys.stderr)
        if subprocess.run([python, "-c", "import " + rival], capture_output=True).returncode == 0:
            pythons[rival] = str(python)
    if "onnxruntime" not in pythons:
        say("ONNX Runtime is not to be had: nothing to compare with")
        sys.exit(3)
    pythons["pytorch"] = SYSTEM_PYTHON
    return pythons


def build():
    binary = ROOT / "build" / "release" / "bin" / "minnow_bench_serve"
    if subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, stdout=sys.stderr).returncode == 0:
        subprocess.run(["cmake", "--build", "--preset", "release", "--target", "minnow_bench_serve"], cwd=ROOT,
                       stdout=sys.stderr, check=True)
    return str(binary)


class Worker:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL, cwd=ROOT)
        line = self.process.stdout.readline()
        self.alive = bool(line)
        self.first_logits_seconds = float(line) if line else None

    def ask(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return [float(number) for number in self.process.stdout.readline().split()]

    def pause(self):
        """Stops the process: between calls the threads of some engines wait for work without giving up their core."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.resume()
        self.process.stdin.close()
        self.process.wait()


def max_error(folder, engine):
    import array

    def read(name):
        values = array.array("f")
        data = (folder / name).read_bytes()
        values.frombytes(data)
        return values

    expected, actual = read("logits.pytorch.f32"), read("logits." + engine + ".f32")
    return max(abs(a - e) for a, e in zip(actual, expected)) / max(abs(e) for e in expected)


def compare(name, arguments, pythons, binary):
    folder = WORK / f"{name}-{arguments.batch}"
    if not (folder / "logits.pytorch.f32").exists():
        say("Exporting " + name)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([SYSTEM_PYTHON, __file__, "--worker", "export", str(folder), name, str(arguments.batch), "1"],
                       check=True, stdout=sys.stderr)
    say(f"Timing {name}, batch {arguments.batch}, threads {arguments.threads}")
    commands = {"minnow": [binary, name, str(folder / "weights.safetensors"), str(folder / "input.f32"),
                           str(folder / "logits.minnow.f32"), f"{arguments.batch},3,224,224", str(arguments.threads),
                           "exact" if arguments.exact else "winograd"]}
    for rival, python in pythons.items():
        commands[rival] = [python, __file__, "--worker", rival, str(folder), name, str(arguments.batch),
                           str(arguments.threads)]
    workers = {}
    for engine, command in commands.items():
        worker = Worker(command)
        if worker.alive:
            worker.pause()
            workers[engine] = worker
    if "minnow" not in workers or "onnxruntime" not in workers:
        raise SystemExit("compare: an engine did not start: have " + ", ".join(workers))
    times = {engine: [] for engine in workers}
    for turn in range(arguments.runs + 2):
        for engine, worker in workers.items():
            worker.resume()
            milliseconds = worker.ask("run")[0]
            worker.pause()
            if turn >= 2:
                times[engine].append(milliseconds)
    result = {"model": name, "threads": arguments.threads, "batch": arguments.batch}
    for engine in workers:
        result[engine + "_ms"] = round(statistics.median(times[engine]), 3)
    result["ratio"] = round(result["minnow_ms"] / result["onnxruntime_ms"], 3)
    result["max_error"] = max_error(folder, "minnow")
    for engine, worker in workers.items():
        worker.resume()
        result[engine + "_first_logits_s"] = round(worker.first_logits_seconds, 3)
        peak, anonymous = worker.ask("memory")
        result[engine + "_peak_mib"] = round(peak / 1024, 1)
        result[engine + "_anonymous_mib"] = round(anonymous / 1024, 1)
        worker.close()
    return result



def print_table(results):
    engines = ["minnow"] + [rival for rival in RIVALS if rival + "_ms" in results[0]]
    print("| model | threads | batch | " + " | ".join(engine + " ms" for engine in engines) + " | ratio | max error |")
    print("|---" * (len(engines) + 5) + "|")
    for result in results:
        cells = [result["model"], str(result["threads"]), str(result["batch"])]
        cells += [f"{result[engine + '_ms']:.1f}" for engine in engines]
        print("| " + " | ".join(cells + [f"{result['ratio']:.2f}", f"{result['max_error']:.0e}"]) + " |")


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--worker":
        kind, folder, name, batch, threads = sys.argv[2:7]
        if kind == "export":
            return export(name, pathlib.Path(folder), int(batch))
        return globals()["work_" + kind](pathlib.Path(folder), name, int(batch), int(threads))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="of: " + " ".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--runs", type=int, default=30, help="timed calls of each engine")
    parser.add_argument("--exact", action="store_true", help="Minnow without Winograd's algorithm")
    parser.add_argument("--json", action="store_true", help="print a list of objects instead of a table")
    arguments = parser.parse_args()
    for name in arguments.models:
        if name not in MODELS:
            parser.error(f"unknown model {name!r}: expected one of {' '.join(MODELS)}")
    pythons = set_up()
    binary = build()
    results = [compare(name, arguments, pythons, binary) for name in arguments.models or MODELS]
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        print_table(results)


if __name__ == "__main__":
    main()
