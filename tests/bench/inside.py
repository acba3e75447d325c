"""What looking inside Python costs: lines, calls, and code that is not looked at, for every CPython at hand."""
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import pythons

# Each prints the CPU seconds that its work took, the kernel's part included: what else runs disturbs those least.
LOOP = """
import sys, time
{mark}
def loop(n):
    s = 0
    i = 0
    while i < n:
        s += i
        i += 1
    return s
t = time.process_time()
loop(int(sys.argv[1]))
print("seconds", time.process_time() - t)
"""
CALLS = """
import sys, time
{mark}
def call():
    pass
n = int(sys.argv[1])
t = time.process_time()
for i in range(n):
    call()
print("seconds", time.process_time() - t)
"""
PLAIN = """
import sys, time
def never(): pass
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
t = time.process_time()
fib(int(sys.argv[1]))
print("seconds", time.process_time() - t)
"""


def seconds(words, env):
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
                          check=True)
    return next(float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("seconds"))


def taking_turns(cases, rounds):
    """The least of each, which other work on the machine disturbs least; {name: seconds}."""
    taken = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (words, env) in cases.items():
            taken[name].append(seconds(words, env))
    return {name: min(values) for name, values in taken.items()}


def write(bench, name, text, mark):
    path = Path(bench.file(name))
    path.write_text(text.format(mark=mark))
    return str(path)


def one_python(bench, name, path):
    env = {**os.environ, "MPROF_PYTHON": path}
    env.pop("VIRTUAL_ENV", None)
    line = [bench.mprof_c, "line", "-q", "--recording", bench.file("line.dat"), "-o", bench.file("report")]
    run = [bench.mprof_c, "run", "-q", "-o", bench.file("calls.dat")]
    n, calls = "100000", "20000"
    loop, bare_loop = write(bench, "loop.py", LOOP, "@profile"), write(bench, "bare_loop.py", LOOP, "")
    call, bare_call = write(bench, "call.py", CALLS, "@profile"), write(bench, "bare_call.py", CALLS, "")
    plain = write(bench, "plain.py", PLAIN, "")
    taken = taking_turns({
        "bare": ([path, bare_loop, n], env),
        "throttled": ([*line, loop, n], env),
        "every": ([*line, "--every-line", loop, n], env),
        "bare call": ([path, bare_call, calls], env),
        "call": ([*run, call, calls], env),
        "bare plain": ([path, plain, "24"], env),
        "plain": ([*run, "--func", "never", path, plain, "24"], env),
    }, bench.rounds(7, 2))
    theirs = None
    if path == pythons.SYSTEM and bench.mprof:  # a tenth of the loop, for the sake of patience
        theirs = 10 * seconds([path, "-m", "memory_profiler", loop, "10000"], env)
    for case, most, least in (("throttled", 5, 300), ("every", 80, 20)):
        what = "each line measured" if case == "every" else "as it is"
        figure = taken[case] / taken["bare"]
        bench.row(f"Python {name}, a loop of 1e5 turns line by line, {what}, against bare", f"{figure:.1f}x", f"≤ {most}x",
                  figure <= most, f"bare {taken['bare'] * 1e3:.1f} ms")
        if theirs:
            figure = theirs / taken[case]
            bench.row(f"the same, faster than memory_profiler by", f"{figure:.0f}x", f"≥ {least}x", figure >= least,
                      f"memory_profiler {theirs / taken['bare']:.0f}x bare")
    figure = (taken["call"] - taken["bare call"]) / float(calls) * 1e6
    bench.row(f"Python {name}, a call of @profile", f"{figure:.2f} µs", "≤ 4 µs", figure <= 4)
    figure, bar = taken["plain"] / taken["bare plain"], 1.02 if tuple(map(int, name.split("."))) >= (3, 12) else 1.4
    bench.row(f"Python {name}, calls that are not looked at", f"{figure:.2f}x", f"≤ {bar}x", figure <= bar)


def looking_inside(bench):
    for version, path in pythons.supported().items():
        one_python(bench, ".".join(map(str, version)), path)
