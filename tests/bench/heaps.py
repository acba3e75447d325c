"""What a sampled heap costs the program, beside tracemalloc, memray and heaptrack, where they are installed."""
import shutil
import statistics
import subprocess

# Each prints the CPU seconds of its own process, the kernel's part included.
NUMPY = """
import numpy, sys, time
t = time.process_time()
data = numpy.arange(200_000, dtype=float)
for _ in range(int(sys.argv[1])):
    scaled = data * 2.0 + 1.0
    total = numpy.sort(scaled[::7]).sum()
print("seconds", time.process_time() - t)
"""
JSON = """
import json, sys, time
text = json.dumps([{"id": i, "name": f"name {i}", "tags": ["a", "b", str(i)], "price": i / 7} for i in range(2000)])
t = time.process_time()
for _ in range(int(sys.argv[1])):
    rows = json.loads(text)
print("seconds", time.process_time() - t)
"""
OBJECTS = """
import sys, time
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
t = time.process_time()
for i in range(int(sys.argv[1])):
    points = [Point(i, (i, k)) for k in range(100)]
print("seconds", time.process_time() - t)
"""
PYTHON = "/usr/bin/python3"


def seconds(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True, check=True)
    return next(float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("seconds"))


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def ways(bench, program, python):
    """{name: words}, the bare program first."""
    found = {"bare": program, "mprof-c": [bench.mprof_c, "run", "-q", "--heap", "-o", bench.file("heap.dat"), *program]}
    if python:
        found["tracemalloc"] = [program[0], "-X", "tracemalloc", *program[1:]]
    if python and has("memray"):
        found["memray"] = [program[0], "-m", "memray", "run", "-q", "-f", "-o", bench.file("memray.bin"), *program[1:]]
    if heaptrack := shutil.which("heaptrack"):
        found["heaptrack"] = [heaptrack, "-r", "-o", bench.file("heaptrack"), *program]
    return found


def heap(bench):
    """The median of ratios within a turn."""
    programs = [("JSON", JSON, 300, "1.03"), ("small Python objects only", OBJECTS, 40000, "1.15")]
    if has("numpy"):
        programs.insert(0, ("numpy", NUMPY, 1500, "1.03"))
    cases = []
    for name, text, n, bar in programs:
        path = bench.file(f"heap_{name.split()[0]}.py")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        cases.append((name, [PYTHON, path, str(n)], bar, True))
    cases.append(("a C loop of malloc and free only", [bench.own("heaps"), str(bench.rounds(40_000_000, 10_000_000))], "1.15", False))
    for name, program, bar, python in cases:
        taken = {way: [] for way in ways(bench, program, python)}
        for _ in range(bench.rounds(9, 3)):
            for way, words in ways(bench, program, python).items():
                taken[way].append(seconds(words))
        ratios = {way: statistics.median(a / b for a, b in zip(taken[way], taken["bare"])) for way in taken if way != "bare"}
        figure = ratios.pop("mprof-c")
        bench.row(f"slowdown by `run --heap`, {name}", f"{figure:.2f}x", f"≤ {bar}x", figure <= float(bar),
                  ", ".join(f"{way} {peer:.1f}x" for way, peer in ratios.items()))
