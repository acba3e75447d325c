"""Where a GPU and torch are at hand: programs whose reason is known, each recorded once; what is told of them beside what tensor
arithmetic, torch and the driver say. gpu.py [--build FOLDER] [--keep FOLDER] [NAME…]"""
import argparse
import ctypes
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = {  # cause, and what may stand in its place
    "model": "model", "optimizer": "optimizer-state", "first_batch": "first-batch", "one_batch": "one-batch",
    "kept_graph": "growth", "fragments": "fragmentation", "neighbour": "neighbour", "exception": "none", "caught": "survived",
    "sgd": "none", "outputs": "growth", "second": "second-model",
}


class Process(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong), ("gpu", ctypes.c_uint), ("compute", ctypes.c_uint)]


class Memory(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint), ("total", ctypes.c_ulonglong), ("reserved", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong),
                ("used", ctypes.c_ulonglong)]


class Nvml:
    def __init__(self):
        self.library = ctypes.CDLL("libnvidia-ml.so.1")
        self.library.nvmlInit_v2()
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


def lines_of(recording, tag):
    return [line.split(" ") for line in recording.read_text(errors="replace").splitlines() if line.startswith(tag + " ")]


def scenario(build, folder, name, python, wanted):
    recording, begin = folder / f"{name}.dat", time.monotonic()
    try:
        done = subprocess.run([build / "mprof-c", "run", "-T", "0.05", "-o", recording, python, HERE / "scenarios.py", name],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=90)
    except subprocess.TimeoutExpired:
        print(f"== {name}: not over after 90 s\n")
        return
    print(f"== {name}: status {done.returncode}, {time.monotonic() - begin:.1f} s; expected {wanted}")
    for line in done.stderr.splitlines():
        if line.startswith(("mprof-c", "truth ")) or "Error" in line:
            print("  ", line[:400])
    ooms, owed = lines_of(recording, "OOM"), lines_of(recording, "OWED")
    print(f"   {len(ooms)} OOM records; the last one's bill, MiB:",
          " ".join(f"{line[3]} {line[4]}" for line in owed[-16:]) or "none")
    why = subprocess.run([build / "mprof-c", "why", recording], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print("\n".join("   | " + line for line in why.stdout.splitlines()[:12]))
    told = subprocess.run([build / "mprof-c", "why", "--json", recording], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    cause = re.search(r'"cause": ?"([^"]*)"', told)
    print(f"   {'right' if cause and cause[1] == wanted else 'NOT SO'}: {cause[1] if cause else 'no cause'}\n", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=HERE.parents[2] / "build")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--no-driver", action="store_true", help="only the programs")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    if not given.no_driver:
        subprocess.run([given.python, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r}); import gpu; gpu.driver()"])
    with tempfile.TemporaryDirectory() as folder:
        for name in given.names or EXPECTED:
            scenario(given.build.resolve(), given.keep or Path(folder), name, given.python, EXPECTED[name])


if __name__ == "__main__":
    main()
