#!/usr/bin/env python3
"""Times Minnow beside ONNX Runtime, OpenVINO and PyTorch on the same models, weights and input.

    tools/compare.py [MODEL...] [--threads N] [--batch N] [--json]

Each engine runs in a process of its own; the processes take turns, while the others are stopped, so that all see the
same machine. A turn is one call that finds the caches full of the others' weights, which counts as cold, and three that
count. The table shows the median of each and Minnow's ratio to ONNX Runtime, then that of the cold calls, then that of
the times from an engine's start to its first logits: below 1 is faster. The answers are compared as well: max_error is
the largest difference from PyTorch's logits over the largest logit, and inf where a number is missing or not finite.
All of them compute in float32.

In JSON, onnxruntime_ms and the ratios are null where ONNX Runtime did not run, and an infinite max_error is null.

Needs PyTorch and torchvision under /usr/bin/python3 (Debian: python3-torch python3-torchvision), which make the models;
the newest of the other rivals are installed from PyPI into build/compare. Ends with 1 where Minnow's answer is wrong or
something fails, with 3 where no rival is to be had.
"""

import argparse
import contextlib
import json
import math
import pathlib
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "compare"
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that has Debian's PyTorch
MODELS = ["resnet18", "resnet34", "resnet50", "resnext50_32x4d", "vgg16", "mobilenet_v2"]
RIVALS = ["onnxruntime", "openvino", "pytorch"]
CALLS = 3  # of a turn that count
STARTS = 5  # of Minnow and of ONNX Runtime; the first one reads the files from the disk
TOLERANCE = 1e-4  # a larger max_error is a wrong answer


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


def version(python, module):
    """The version of a module under an interpreter; None if it cannot be imported."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        probe = [python, "-c", f"import {module}; print({module}.__version__)"]
        return subprocess.check_output(probe, stderr=subprocess.DEVNULL, text=True).strip()


def set_up():
    """Installs the newest rivals; returns the interpreter of each that is there."""
    if not version(SYSTEM_PYTHON, "torch") or not version(SYSTEM_PYTHON, "torchvision"):
        say("PyTorch is not under " + SYSTEM_PYTHON + ": apt-get install python3-torch python3-torchvision")
        sys.exit(3)
    python = WORK / "venv" / "bin" / "python"
    if not python.with_name("pip").exists():
        say("Making a virtual environment in " + str(WORK / "venv"))
        if subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], stdout=sys.stderr).returncode != 0:
            say("There is no virtual environment to be had (Debian: python3-venv)")
    pythons = {"onnxruntime": str(python), "openvino": str(python), "pytorch": SYSTEM_PYTHON}
    modules = {"onnxruntime": "onnxruntime", "openvino": "openvino", "pytorch": "torch"}
    for rival in ["onnxruntime", "openvino"]:
        install = [python, "-m", "pip", "install", "--quiet", "--upgrade", "--retries", "1", rival]
        if python.exists() and subprocess.run(install, stdout=sys.stderr).returncode != 0:
            say(f"Cannot get the newest {rival}: going on with what is there")
    versions = {rival: version(pythons[rival], modules[rival]) for rival in RIVALS}
    say("Rivals: " + ", ".join(f"{rival} {versions[rival] or 'missing'}" for rival in RIVALS))
    return {rival: pythons[rival] for rival in RIVALS if versions[rival]}


def build():
    binary = ROOT / "build" / "release" / "bin" / "minnow_bench_serve"
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", "--preset", "release", "--target", binary.name]):
        subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True)
    return str(binary)


class WorkerDied(Exception):
    pass


class Worker:
    """An engine's process: it prints a line of numbers when it is ready and one for each order. `with` ends it."""

    def __init__(self, engine, command):
        self.engine = engine
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.stderr, cwd=ROOT)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()  # which ends a stopped process as well
        with self.stderr, self.process:
            pass

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.stderr.seek(0)
            lines = self.stderr.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise WorkerDied(f"{self.engine} ended with {code}: {lines[-1]}")
        return [float(number) for number in line.split()]

    def ask(self, order):
        with contextlib.suppress(BrokenPipeError):  # a dead process has no answer either
            self.process.stdin.write(order.encode() + b"\n")
        return self.answer()

    def pause(self):
        """Stops the process: between calls the threads of some engines wait for work without giving up their core."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


def max_error(expected_path, actual_path):
    import array

    expected, actual = expected_path.read_bytes(), actual_path.read_bytes()
    if len(actual) != len(expected):
        return math.inf
    expected, actual = array.array("f", expected), array.array("f", actual)
    if not all(map(math.isfinite, expected + actual)):
        return math.inf
    return max(abs(a - e) for a, e in zip(actual, expected)) / max(abs(e) for e in expected)


def first_logits(commands):
    """The median seconds to the first logits, of engines that start in turn and end again."""
    seconds = {engine: [] for engine in commands}
    for _ in range(STARTS):
        for engine, command in commands.items():
            with contextlib.suppress(WorkerDied), Worker(engine, command) as worker:  # `start` says who died
                seconds[engine] += worker.answer()
    return {engine: statistics.median(values) for engine, values in seconds.items() if values}


def start(commands, stack):
    """The workers that reach their first logits, paused. The stack ends them."""
    workers = {}
    for engine, command in commands.items():
        worker = stack.enter_context(Worker(engine, command))
        try:
            worker.answer()
        except WorkerDied as error:
            if engine == "minnow":
                raise
            say(f"Going on without {engine}: {error}")
            continue
        worker.pause()
        workers[engine] = worker
    if len(workers) == 1:
        say("No rival started")
        sys.exit(3)
    return workers


def compare(name, arguments, pythons, binary):
    folder = WORK / f"{name}-{arguments.batch}"
    if not (folder / "logits.pytorch.f32").exists():
        say("Exporting " + name)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([SYSTEM_PYTHON, __file__, "--worker", "export", str(folder), name, str(arguments.batch), "1"],
                       check=True, stdout=sys.stderr)
    (folder / "logits.minnow.f32").unlink(missing_ok=True)  # an old answer says nothing about this run
    say(f"Timing {name}, batch {arguments.batch}, threads {arguments.threads}")
    commands = {"minnow": [binary, name, str(folder / "weights.safetensors"), str(folder / "input.f32"),
                           str(folder / "logits.minnow.f32"), f"{arguments.batch},3,224,224", str(arguments.threads),
                           "exact" if arguments.exact else "winograd"]}
    for rival, python in pythons.items():
        commands[rival] = [python, __file__, "--worker", rival, str(folder), name, str(arguments.batch),
                           str(arguments.threads)]
    result = {"model": name, "threads": arguments.threads, "batch": arguments.batch, "minnow_ms": None,
              "onnxruntime_ms": None, "ratio": None, "cold_ratio": None,
              "first_logits_ratio": None}
    started = first_logits({engine: commands[engine] for engine in ["minnow", "onnxruntime"] if engine in commands})
    for engine, seconds in started.items():
        result[engine + "_first_logits_s"] = round(seconds, 3)
    if len(started) == 2:
        result["first_logits_ratio"] = round(started["minnow"] / started["onnxruntime"], 3)
    with contextlib.ExitStack() as stack:
        workers = start(commands, stack)
        result["max_error"] = max_error(folder / "logits.pytorch.f32", folder / "logits.minnow.f32")
        times = {engine: [] for engine in workers}
        cold = {engine: [] for engine in workers}
        for turn in range(1 + math.ceil(arguments.runs / CALLS)):
            for engine, worker in workers.items():
                worker.resume()
                first, *others = [worker.ask("run")[0] for _ in range(1 + CALLS)]
                worker.pause()
                if turn >= 1:
                    cold[engine].append(first)
                    times[engine] += others
        for engine, worker in workers.items():
            worker.resume()
            peak, anonymous = worker.ask("memory")
            result[engine + "_ms"] = round(statistics.median(times[engine]), 3)
            result[engine + "_cold_ms"] = round(statistics.median(cold[engine]), 3)
            result[engine + "_peak_mib"] = round(peak / 1024, 1)
            result[engine + "_anonymous_mib"] = round(anonymous / 1024, 1)
    if "onnxruntime" in workers:
        result["ratio"] = round(result["minnow_ms"] / result["onnxruntime_ms"], 3)
        result["cold_ratio"] = round(result["minnow_cold_ms"] / result["onnxruntime_cold_ms"], 3)
    return result


def print_table(results):
    engines = ["minnow"] + [rival for rival in RIVALS if any(result.get(rival + "_ms") for result in results)]
    titles = ["model", "threads", "batch"] + [engine + " ms" for engine in engines]
    titles += ["ratio", "cold ratio", "start ratio", "max error"]
    print("| " + " | ".join(titles) + " |")
    print("|---" * len(titles) + "|")
    for result in results:
        cells = [result["model"], str(result["threads"]), str(result["batch"])]
        ratios = [("ratio", ".2f"), ("cold_ratio", ".2f"), ("first_logits_ratio", ".2f"), ("max_error", ".0e")]
        for key, digits in [(engine + "_ms", ".1f") for engine in engines] + ratios:
            cells.append("-" if result.get(key) is None else format(result[key], digits))
        print("| " + " | ".join(cells) + " |")


def print_json(results):
    finite = [result | {"max_error": result["max_error"] if math.isfinite(result["max_error"]) else None}
              for result in results]
    print(json.dumps(finite, indent=2, allow_nan=False))


def main():
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
    if min(arguments.threads, arguments.batch, arguments.runs) < 1:
        parser.error("--threads, --batch and --runs start at 1")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # as an exception: no worker stays
    pythons = set_up()
    binary = build()
    results = [compare(name, arguments, pythons, binary) for name in arguments.models or MODELS]
    (print_json if arguments.json else print_table)(results)
    wrong = [result["model"] for result in results if result["max_error"] > TOLERANCE]
    if wrong:
        sys.exit("compare: Minnow's answer is wrong: " + ", ".join(wrong))


def work(kind, folder, name, batch, threads):
    if kind == "export":
        return export(name, pathlib.Path(folder), int(batch))
    globals()["work_" + kind](pathlib.Path(folder), name, int(batch), int(threads))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(*sys.argv[2:])
    else:
        try:
            main()
        except KeyboardInterrupt:
            sys.exit(130)
        except (OSError, subprocess.CalledProcessError, WorkerDied) as error:
            sys.exit(f"compare: {error}")
