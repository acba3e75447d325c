"""Where a GPU and torch are at hand: programs whose reason is known, each recorded once; what is told of them beside what tensor
arithmetic, torch and the driver say. gpu.py [--build FOLDER] [--keep FOLDER] [NAME…]"""
import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = {
    "model": "model", "optimizer": "optimizer-state", "first_batch": "first-batch", "one_batch": "one-batch", "kept_graph": "growth",
    "fragments": "fragmentation", "neighbour": "neighbour", "outputs": "growth", "second": "second-model", "exception": "none", "caught": "survived",
    "outlived": "survived", "sgd": "none",
}
LONGEST, WITHIN = 50, 570  # s for a program, and for all of them together


class Process(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong), ("gpu", ctypes.c_uint), ("compute", ctypes.c_uint)]


class Memory(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint), ("total", ctypes.c_ulonglong), ("reserved", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong),
                ("used", ctypes.c_ulonglong)]


class Nvml:
    def __init__(self):
        self.library = ctypes.CDLL("libnvidia-ml.so.1")
        if self.library.nvmlInit_v2() != 0:
            raise OSError("the driver's library answers no")
        self.device = ctypes.c_void_p()
        self.library.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(self.device))

    def processes(self):
        found, count = (Process * 64)(), ctypes.c_uint(64)
        self.library.nvmlDeviceGetComputeRunningProcesses_v3(self.device, ctypes.byref(count), found)
        return {found[i].pid: found[i].used for i in range(count.value)}

    def memory(self):
        memory = Memory(version=ctypes.sizeof(Memory) | 2 << 24)
        self.library.nvmlDeviceGetMemoryInfo_v2(self.device, ctypes.byref(memory))
        return memory


def cost(ask, times=300):
    begin = time.perf_counter_ns()
    for _ in range(times):
        ask()
    return (time.perf_counter_ns() - begin) / times / 1000


def driver():
    """What the driver's calls cost, how far it lags behind, and whose pids it tells."""
    import torch
    nvml = Nvml()
    torch.zeros(1, device="cuda")
    memory = nvml.memory()
    context = nvml.processes().get(os.getpid())
    print(f"driver: the process is {'known by its own pid' if context else 'not known by its own pid: ' + str(nvml.processes())}; "
          f"context {(context or 0) / 2**20:.1f} MiB, with {torch.cuda.memory_reserved() / 2**20:.0f} MiB of torch's")
    print(f"driver: total {memory.total / 2**20:.0f} = used {memory.used / 2**20:.0f} + free {memory.free / 2**20:.0f} + reserved "
          f"{memory.reserved / 2**20:.0f} MiB; running processes {cost(nvml.processes):.1f} µs, memory {cost(nvml.memory):.1f} µs a call")
    lags = []
    for _ in range(10):
        torch.cuda.empty_cache()
        before, held = nvml.memory().used, torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
        begin = time.perf_counter_ns()
        while nvml.memory().used < before + (1 << 30) and time.perf_counter_ns() - begin < 10**9:
            pass
        lags.append((time.perf_counter_ns() - begin) / 1000)
        del held
    print(f"driver: 1 GiB more is told {sorted(lags)[5]:.0f} µs (median of ten) after it was taken")


def smi():
    """What nvidia-smi says of processes, in its own words."""
    try:
        done = subprocess.run(["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "no nvidia-smi"
    return "; ".join(done.stdout.split("\n")[:8]).strip("; ") or "nobody"


def lines_of(recording, tag):
    text = recording.read_text(errors="replace") if recording.exists() else ""
    return [line.split(" ") for line in text.splitlines() if line.startswith(tag + " ")]


def run(command, longest):
    """In a session of its own, all of which goes when its time is over: a program that is left would be the next one's neighbour."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        out, error = process.communicate(timeout=longest)
        over = True
    except subprocess.TimeoutExpired:
        over = False
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if not over:
        out, error = process.communicate()
    return process.returncode if over else None, out, error, time.monotonic() - begin


def bill_beside_truth(recording, stderr):
    """Each class of the last bill, what tensor arithmetic and torch say, and by how much it is off."""
    truth = [line[6:] for line in stderr.splitlines() if line.startswith("truth ")]
    bill = {}
    for line in lines_of(recording, "OWED"):
        if line[3] == "total":
            bill = {}
        if line[4] != "?":
            bill[line[3]] = bill.get(line[3], 0) + float(line[4])
    print("   bill, MiB:", " ".join(f"{name} {figure:.1f}" for name, figure in bill.items()) or "none")
    parts = ("free", "weights", "gradients", "optimizer", "buffers", "activations", "unused", "outside", "neighbour", "rest")
    if "total" in bill and "weights" in bill:
        off = sum(bill.get(name, 0) for name in parts) - bill["total"]
        print(f"   bill: adds up to the card within {off:+.1f} MiB ({100 * off / bill['total']:+.2f} %)")
    for line in truth:
        print("   truth, MiB:", line)
        for name, figure in json.loads(line).items():
            if name in bill and figure > 0:
                print(f"   {name}: {bill[name]:.1f} told, {figure:.1f} true, {100 * (bill[name] / figure - 1):+.2f} %")


def scenario(build, folder, name, python, longest):
    recording, wanted = folder / f"{name}.dat", EXPECTED[name]
    status, _, error, seconds = run([build / "mprof-c", "run", "-T", "0.05", "-o", recording, python, HERE / "scenarios.py", name], longest)
    print(f"== {name}: {'not over, ended' if status is None else f'status {status}'} after {seconds:.1f} s; expected {wanted}")
    for line in error.splitlines():
        if line.startswith("mprof-c") or "Error" in line:
            print("  ", line[:300])
    print(f"   {len(lines_of(recording, 'OOM'))} failures")
    bill_beside_truth(recording, error)
    why = subprocess.run([build / "mprof-c", "why", recording], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print("\n".join("   | " + line for line in why.stdout.splitlines()[:14]))
    told = subprocess.run([build / "mprof-c", "why", "--json", recording], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    cause = json.loads(told).get("cause") if told.startswith("{") else None
    print(f"   {'right' if cause == wanted else 'NOT SO'}: {cause or 'no cause'}\n", flush=True)
    return cause == wanted


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=HERE.parents[2] / "build")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds for a program")
    parser.add_argument("--within", type=float, default=WITHIN, help="seconds for all: what is not begun by then is left out")
    parser.add_argument("--no-driver", action="store_true", help="only the programs")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    until = time.monotonic() + given.within
    if not given.no_driver:
        print("nvidia-smi:", smi(), flush=True)
        status, out, error, seconds = run([given.python, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r}); import gpu; gpu.driver()"], given.longest)
        print(out + (error if status else ""), end="" if status is not None else f"driver: not over after {seconds:.0f} s\n", flush=True)
    names = given.names or list(EXPECTED)
    with tempfile.TemporaryDirectory() as folder:
        right, tried = 0, 0
        for name in names:
            left = until - time.monotonic()
            if left < 5:
                break
            right += scenario(given.build.resolve(), given.keep or Path(folder), name, given.python, min(given.longest, left))
            tried += 1
    left_out = f", {len(names) - tried} not begun: {' '.join(names[tried:])}" if tried < len(names) else ""
    print(f"{right} of {tried} right{left_out}; nvidia-smi afterwards: {'' if given.no_driver else smi()}")


if __name__ == "__main__":
    main()
