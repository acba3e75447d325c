#!/usr/bin/env python3
"""What mprof-c costs beside its peers, as a Markdown table: meson compile -C build bench

    python3 tests/bench/bench.py [--quick] [--build build] [--only WORD] [--base build-of-before]

Peers, each left out where it is not installed: a bare C loop (bare.c), Debian's mprof, GNU time, gnuplot, wc. Every
figure is a median of runs that take turns, every ratio one of figures taken in the same turn. The CPU time of a
recorder is read from its own clock (the POSIX clock of a process: no child, no start-up) over a window in which it
samples a sleeping target.
"""
import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cards
from heaps import heap
from inside import looking_inside
from versus import versus

ROOT = Path(__file__).resolve().parent.parent.parent
median = statistics.median


# ---- the programs compared ----

class Bench:
    def __init__(self, build, quick):
        self.quick = quick
        self.build = build
        self.mprof_c = str(build / "mprof-c")
        self.bare, self.faults, self.lines = (self.own(name) for name in ("bare", "faults", "lines"))
        self.mprof = self.find_mprof()
        self.gnu_time = shutil.which("time", path="/usr/bin:/bin")
        self.gnuplot = shutil.which("gnuplot")
        self.folder = Path(tempfile.mkdtemp(prefix="mprof-bench-"))
        self.rows = []

    def own(self, name):
        """A program of this folder, as meson builds it."""
        program = self.build / "tests" / "bench" / f"bench-{name}"
        source = ROOT / "tests" / "bench" / f"{name}.c"
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            sys.exit(f"bench.py: {program} is missing or old; run meson compile -C {self.build} bench")
        return str(program)

    @staticmethod
    def find_mprof():
        words = ["/usr/bin/python3", "-m", "mprof"]
        try:
            done = subprocess.run([*words, "run", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            return None
        return words if done.returncode == 0 else None

    def file(self, name):
        return str(self.folder / name)

    def rounds(self, full, quick):
        return quick if self.quick else full

    def row(self, what, figure, bar, kept, peers=""):
        """`kept` None: there is no bar, only peers."""
        word = {True: "yes", False: "**no**", None: ""}[kept]
        self.rows.append((what, figure, bar, word, peers))
        print(f"  {what}: {figure} (bar {bar}: {word}) {peers}", file=sys.stderr, flush=True)


def start(words):
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wall(words, **kw):
    """Seconds from start to end of a program."""
    devnull = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, devnull, fd) for fd in (0, 1, 2)]
        begin = time.perf_counter()
        pid = os.posix_spawn(words[0], words, kw.get("env", os.environ), file_actions=actions)
        status = os.waitpid(pid, 0)[1]
        seconds = time.perf_counter() - begin
    finally:
        os.close(devnull)
    if status != 0:
        raise RuntimeError(f"{' '.join(words)}: status {status:#x}")
    return seconds


def stamps(path, tag=b"MEM"):
    """The moments of the samples in a recording."""
    with open(path, "rb") as lines:
        return [float(line.split()[2]) for line in lines if line.startswith(tag + b" ")]


def us(seconds):
    return f"{seconds * 1e6:.0f} µs"


def ratio(mine, theirs):
    return median(m / t for m, t in zip(mine, theirs))


# ---- recording: CPU per sample ----

def cpu_clock(pid):
    """The kernel's MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED): nanoseconds, threads included, children not."""
    return (~pid << 3) | 2


def cpu_per_sample(words, output, interval, settle, window):
    """CPU seconds per sample of a recorder whose target outlives the window; `output` None: counted by the clock."""
    recorder = start(words)
    time.sleep(settle)
    clock = cpu_clock(recorder.pid)
    begin, cpu = time.time(), time.clock_gettime(clock)
    time.sleep(window)
    end, cpu = time.time(), time.clock_gettime(clock) - cpu
    recorder.wait()
    samples = (end - begin) / interval
    if output:
        samples = sum(begin <= stamp < end for stamp in stamps(output))
        os.unlink(output)
    return cpu / max(samples, 1)


def run_words(program, interval, output, *options):
    return [*program, "run", *options, "-T", f"{interval:g}", "-o", output]


def sampling(bench):
    for hertz, bar, window, rounds in ((10, 1.8, 3, 5), (100, 1.8, 2, 5), (1000, 1.3, 1.5, 7)):
        interval, ours, bare, theirs = 1 / hertz, [], [], []
        out, sleep = bench.file("cpu.dat"), ["sleep", str(window + 1)]
        for _ in range(bench.rounds(rounds, 2)):
            sleeper = start(sleep)
            bare.append(cpu_per_sample([bench.bare, str(sleeper.pid), str(interval)], None, interval, 0.3, window))
            sleeper.wait()
            ours.append(cpu_per_sample([*run_words([bench.mprof_c], interval, out, "-q"), *sleep], out, interval, 0.3,
                                       window))
            if bench.mprof:
                theirs.append(cpu_per_sample([*run_words(bench.mprof, interval, out), *sleep], out, interval, 0.8,
                                             window))
        figure = ratio(ours, bare)
        peers = f"mprof {ratio(theirs, bare):.1f}x" if theirs else ""
        bench.row(f"CPU per sample at {hertz} Hz, against a bare C loop",
                  f"{figure:.2f}x ({us(median(ours))})", f"≤ {bar}x", figure <= bar, peers)


def exact(bench):
    for hertz, window, rounds in ((10, 3, 5), (100, 2, 5), (1000, 1.5, 7)):
        interval, ours, bare = 1 / hertz, [], []
        out, sleep = bench.file("exact.dat"), ["sleep", str(window + 1)]
        for _ in range(bench.rounds(rounds, 2)):
            sleeper = start(sleep)
            bare.append(cpu_per_sample([bench.bare, str(sleeper.pid), str(interval)], None, interval, 0.3, window))
            sleeper.wait()
            ours.append(cpu_per_sample([*run_words([bench.mprof_c], interval, out, "-q", "-X"), *sleep], out, interval, 0.3,
                                       window))
        figure = ratio(ours, bare)
        bench.row(f"CPU per sample with `--exact`, {hertz} Hz, against a bare C loop", f"{figure:.2f}x ({us(median(ours))})",
                  "≤ 3x", figure <= 3)


def records(path, tag):
    with open(path) as lines:
        return [[float(field) for field in line.split()[1:]] for line in lines if line.startswith(tag + " ")]


def spikes(bench):
    """Spikes of 100 to 200 MiB, held for 1 ms, at 10 Hz: how many does the recording tell of, and how well?"""
    count, out = bench.rounds(60, 15), bench.file("spikes.dat")
    target = str(bench.build / "tests" / "spikes")
    done = subprocess.run([*run_words([bench.mprof_c], 0.1, out, "-q", "-X"), target, str(count), "100", "0.4"],
                          stdout=subprocess.PIPE, text=True, check=True)
    told = [[float(field) for field in line.split()] for line in done.stdout.splitlines()]
    samples, peaks = records(out, "MEM"), records(out, "PEAK")
    base = median(mib for mib, _ in samples if mib < 100 and mib > 20)
    found, seen, errors = 0, 0, []
    for mib, begin, end in told:
        sampled = max([held for held, at in samples if begin <= at <= end], default=0)
        most = max([held for held, at, since in peaks if since <= end and at >= begin] + [sampled])
        seen += abs(sampled - base - mib) <= 1
        if most >= base + mib - 1:
            found += 1
            errors.append(most - base - mib)
    errors = [error * 1024 for error in errors if error < 1]  # where a larger one shares the interval, that is told
    worst = max(map(abs, errors), default=0)
    bench.row(f"spikes of 1 ms found at 10 Hz with `--exact`, of {count}", f"{found}, error ≤ {worst:.0f} KiB",
              f"{count}, ≤ 256 KiB", found == count and worst <= 256, f"samples alone find {seen}")


def ticks(bench):
    seconds = 1 if bench.quick else 3
    kept, drift = [], []
    for _ in range(bench.rounds(3, 1)):
        out = bench.file("ticks.dat")
        wall([bench.mprof_c, "run", "-q", "-T", "0.0001", "-o", out, shutil.which("sleep"), str(seconds)])
        times = stamps(out)
        missed = int(next(l for l in open(out) if l.startswith("EXIT")).split()[5])
        reach = times[-1] - times[0]
        kept.append((len(times) - 1) / round(reach / 0.0001))
        drift.append(abs(reach - (len(times) - 1 + missed) * 0.0001))
        os.unlink(out)
    peers = ""
    if bench.mprof:
        out = bench.file("theirs.dat")
        wall([*bench.mprof, "run", "-T", "0.001", "-o", out, shutil.which("sleep"), str(seconds)])
        times = stamps(out)
        peers = f"mprof keeps {100 * (len(times) - 1) / ((times[-1] - times[0]) / 0.001):.0f} % at 1 ms"
        os.unlink(out)
    bench.row("ticks kept at 0.1 ms", f"{100 * median(kept):.1f} %", "≥ 99 %", median(kept) >= 0.99, peers)
    bench.row(f"drift after {seconds} s at 0.1 ms", f"{max(drift) * 1e3:.2f} ms", "none (≤ 1 tick)",
              max(drift) <= 0.0001)


def tree(bench):
    if not bench.mprof:
        return
    for hertz, bar, window, rounds in ((10, 20, 3, 3), (100, 30, 2, 3)):
        interval, ours, theirs = 1 / hertz, [], []
        family = ["sh", "-c", f"i=0; while [ $i -lt 50 ]; do sleep {window + 1.5} & i=$((i+1)); done; wait"]
        for _ in range(bench.rounds(rounds, 1)):
            for program, figures in (([bench.mprof_c], ours), (bench.mprof, theirs)):
                out = bench.file("tree.dat")
                figures.append(cpu_per_sample([*run_words(program, interval, out, "-C", "-M"), *family],
                                              out, interval, 1, window))
        figure = ratio(theirs, ours)
        bench.row(f"CPU per sample, tree of 50, -C -M, {hertz} Hz, against mprof", f"1/{figure:.0f} ({us(median(ours))})",
                  f"≤ 1/{bar}", figure >= bar, f"mprof {us(median(theirs))}")


def children(bench):
    """Many that live at once, and many that hardly live at all."""
    out, shares = bench.file("many.dat"), []
    many = ["sh", "-c", "i=0; while [ $i -lt 1000 ]; do sleep 9 & i=$((i+1)); done; wait"]
    for _ in range(bench.rounds(3, 1)):
        shares.append(cpu_per_sample([*run_words([bench.mprof_c], 0.01, out, "-C", "-M"), *many], out, 0.01, 4, 3) / 0.01)
    bench.row("CPU for 1000 live children, -C -M, 100 Hz", f"{100 * median(shares):.0f} %", "≤ 20 %", median(shares) <= 0.2)

    storm = [shutil.which("sh"), "-c", "i=0; while [ $i -lt 1500 ]; do /bin/true; i=$((i+1)); done"]
    alone, recorded, seen = [], [], []
    for _ in range(bench.rounds(7, 2)):
        alone.append(wall(storm))
        recorded.append(wall([*run_words([bench.mprof_c], 0.1, out, "-q", "-C", "-M"), *storm]))
        with open(out, "rb") as lines:
            seen.append(len({line.split()[1] for line in lines if line.startswith(b"PROC ")}))
    bench.row("children seen of 1500 runs of `true`, at 10 Hz", str(min(seen)), "1500", min(seen) == 1500)
    bench.row("slowdown of these 1500 runs, -C -M", f"{ratio(recorded, alone):.2f}x", "", None)

    wall(run_words([bench.mprof_c], 0.1, out, "-q", "-C", "-b", "pss") + [str(bench.build / "tests" / "share"), "200", "8", "2"])
    with open(out, "rb") as lines:
        peak = max(float(line.split()[1]) for line in lines if line.startswith(b"MEM "))
    bench.row("8 forks that share 200 MiB, -C -b pss", f"{peak:.0f} MiB", "208 ± 5 %", abs(peak - 208) <= 10.4)


# ---- recording: what the target feels ----

def starting(bench):
    true, out = shutil.which("true"), bench.file("true.dat")
    words = {"true": [true], "ours": [bench.mprof_c, "run", "-q", "-o", out, true]}
    if bench.gnu_time:
        words["time"] = [bench.gnu_time, "-v", true]
    taken = {name: [] for name in words}
    for _ in range(bench.rounds(200, 40)):
        for name, program in words.items():
            taken[name].append(wall(program))
    middle = {name: median(values) for name, values in taken.items()}
    peers = f"true {middle['true'] * 1e3:.2f} ms"
    if bench.mprof:
        slow = median(wall([*bench.mprof, "run", "-o", bench.file("m.dat"), true]) for _ in range(bench.rounds(5, 2)))
        peers += f", mprof {slow / middle['true']:.0f}x"
    figure = ratio(taken["ours"], taken["true"])
    bench.row("`mprof-c run true`, wall, against `true`", f"{figure:.2f}x ({middle['ours'] * 1e3:.2f} ms)", "≤ 3x",
              figure <= 3, peers)
    if bench.gnu_time:
        figure = ratio(taken["ours"], taken["time"])
        bench.row("`mprof-c run true`, wall, against GNU time", f"{figure:.2f}x", "≤ 1x", figure <= 1,
                  f"GNU time {middle['time'] * 1e3:.2f} ms")


def slowdown(bench):
    def seconds(words):
        done = subprocess.run([*words, bench.faults, "20"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True)
        return float(done.stdout.split()[-1])
    alone, ours, theirs = [], [], []
    for _ in range(bench.rounds(11, 3)):
        alone.append(seconds([]))
        ours.append(seconds([*run_words([bench.mprof_c], 0.001, bench.file("f.dat"), "-q")]))
        if bench.mprof:
            theirs.append(seconds(run_words(bench.mprof, 0.1, bench.file("m.dat"))))
    figure = ratio(ours, alone)
    bench.row("slowdown of a page-faulting target at 1 kHz", f"{figure:.3f}x", "≤ 1.03x", figure <= 1.03,
              f"mprof {ratio(theirs, alone):.2f}x at 10 Hz" if theirs else "")


def pretend_gpu(bench, *answers):
    """The environment of a machine with a GPU: tests/mock/nvml.c stands in for its driver."""
    library = bench.build / "tests" / "libmock-nvml.so"
    if not library.exists():
        return None
    root = Path(bench.file("root"))
    (root / "dev").mkdir(parents=True, exist_ok=True)
    (root / "dev" / "nvidiactl").touch()
    shutil.copy(library, root / "libnvidia-ml.so.1")
    text = Path(bench.file("answers"))
    text.write_text("".join(answer + "\n" for answer in ("device 0 81559 500 H100", *answers)))
    return {**os.environ, "MPROF_SYSROOT": str(root), "MPROF_MOCK_NVML": str(text)}


def gpu(bench):
    """With a device, and a driver that takes 300 ms to start: against --gpu=off, and against the same without a device."""
    there = pretend_gpu(bench, "slow nvmlInit_v2 300")
    if not there:
        return
    words = [bench.mprof_c, "run", "-q", "-o", bench.file("gpu.dat")]
    bare = {**there, "MPROF_SYSROOT": bench.file("nothing")}
    cases = {"off": (["--gpu=off"], bare), "none": ([], bare), "there": ([], there)}
    taken = {name: [] for name in cases}
    for _ in range(bench.rounds(200, 40)):
        for name, (options, env) in cases.items():
            taken[name].append(wall([*words, *options, shutil.which("true")], env=env))
    none, with_one = (ratio(taken[name], taken["off"]) for name in ("none", "there"))
    bench.row("`mprof-c run true` where there is no GPU, against `--gpu=off`", f"{none:.2f}x", "≤ 1.02x", none <= 1.02)
    bench.row("the same with one (pretended; its driver takes 300 ms to start)", f"{with_one:.2f}x", "≤ 2x", with_one <= 2,
              f"{median(taken['there']) * 1e3:.2f} ms")


def card_loop(bench):
    cards.torch_loop(bench, pretend_gpu(bench))


def card_instructions(bench):
    cards.instructions(bench, pretend_gpu(bench))


def card_snapshot(bench):
    cards.snapshot(bench)


# ---- a recorder in the program itself ----

def inside_c(bench):
    """libmprof-c against a thread that only wakes on time."""
    for hertz in (100, 1000):
        over, marks = [], []
        for _ in range(bench.rounds(5, 2)):
            told = subprocess.run([bench.own("thread"), "2", str(hertz)], stdout=subprocess.PIPE, text=True, check=True)
            wake, recorder, mark = map(float, told.stdout.split())
            over.append(recorder - wake)
            marks.append(mark)
        bench.row(f"libmprof-c: CPU per sample at {hertz} Hz, over the timer's wake", f"{median(over):.1f} µs", "≤ 2 µs",
                  median(over) <= 2)
    bench.row("libmprof-c: a mark that nobody records", f"{median(marks):.1f} ns", "≤ 20 ns", median(marks) <= 20)


def inside_python(bench):
    """The module's thread against the one that is copied from blog to blog."""
    module = bench.build / "recorder" / "library" / "python"
    python = "/usr/bin/python3"  # to which Debian's psutil belongs
    if subprocess.run([python, "-c", "import mprof_c, psutil"], env={**os.environ, "PYTHONPATH": str(module)},
                      stderr=subprocess.DEVNULL).returncode != 0:
        return
    for load, what in (("loop", "a busy Python loop"), ("call", "one long C call")):
        for hertz in (100, 1000):
            told = subprocess.run([python, str(ROOT / "tests" / "bench" / "threads.py"), load, str(1 / hertz),
                                   str(bench.rounds(7, 2))], env={**os.environ, "PYTHONPATH": str(module)},
                                  stdout=subprocess.PIPE, text=True, check=True)
            figures = {name: [median(column) for column in zip(*rows)] for name, rows in json.loads(told.stdout).items()}
            (kept, slower), (their_kept, their_slower) = figures["mprof_c"], figures["psutil"]
            bench.row(f"mprof_c: ticks kept under {what}, {hertz} Hz", f"{100 * kept:.1f} %", "≥ 99 %", kept >= 0.99,
                      f"psutil thread {100 * their_kept:.1f} %")
            bench.row(f"mprof_c: slowdown of the main thread, {what}, {hertz} Hz", f"{slower:.3f}x", "≤ 1.01x", slower <= 1.01,
                      f"psutil thread {their_slower:.3f}x")


# ---- plotting ----

def recording(bench, lines):
    path = bench.file(f"{lines:.0e}.dat".replace("+0", ""))
    if not os.path.exists(path):
        with open(path, "wb") as out:
            subprocess.run([bench.lines, str(lines)], stdout=out, check=True)
    return path


def resident(bench, words, env=None):
    """MiB at most, as GNU time sees it: its children start small, those of Python begin with Python's own."""
    report = bench.file("rss")
    wall([bench.gnu_time, "-f", "%M", "-o", report, *words], env=env or os.environ)
    return int(Path(report).read_text().split()[-1]) / 1024


def plotting_large(bench):
    size = 1_000_000 if bench.quick else 10_000_000
    path, out = recording(bench, size), bench.file("plot.png")
    plot = [bench.mprof_c, "plot", "-o", out, path]
    portable = {**os.environ, "MPROF_KERNEL": "portable"}
    wc = [shutil.which("wc"), "-l", path]
    counted, avx2, slow = [], [], []
    for _ in range(bench.rounds(11, 3)):
        counted.append(wall(wc))
        avx2.append(wall(plot))
        slow.append(wall(plot, env=portable))
    ms = lambda values: f"{median(values) * 1e3:.0f} ms"
    n = f"1e{len(str(size)) - 1}"
    if "avx2" in platform_flags():
        bench.row(f"plot {n} samples to PNG, against `wc -l`, AVX2", f"{ratio(avx2, counted):.2f}x ({ms(avx2)})", "≤ 1.8x",
                  ratio(avx2, counted) <= 1.8, f"wc {ms(counted)}")
    bench.row(f"plot {n} samples to PNG, against `wc -l`, portable", f"{ratio(slow, counted):.2f}x ({ms(slow)})", "≤ 2.8x",
              ratio(slow, counted) <= 2.8)
    if bench.gnu_time:
        rss = resident(bench, plot)
        bench.row(f"memory to plot {n} samples", f"{rss:.1f} MiB", "≤ 8 MB", rss * 1.048576 <= 8)


def plotting_peers(bench):
    """At a size that the peers can bear."""
    path, out = recording(bench, 1_000_000), bench.file("plot.png")
    plot = [bench.mprof_c, "plot", "-o", out, path]
    words = {"mprof-c": plot}
    if bench.mprof:
        words["mprof"] = [*bench.mprof, "plot", "-o", bench.file("peer.png"), path]
    if bench.gnuplot:
        script = (f'set term png size 1260,540; set output "{bench.file("peer.png")}"; '
                  f'plot "< tail -n +2 {path}" using 3:2 with lines')
        words["gnuplot"] = [bench.gnuplot, "-e", script]
    taken = {name: [wall(program) for _ in range(bench.rounds(5 if name == "mprof-c" else 2, 1))]
             for name, program in words.items()}
    mine = median(taken["mprof-c"])
    peers = []
    for name in taken:
        rss = f", {resident(bench, words[name]):.0f} MiB" if bench.gnu_time else ""
        peers += [f"{name} {median(taken[name]) / mine:.0f}x{rss}"] if name != "mprof-c" else []
    bench.row("plot 1e6 samples to PNG", f"{mine * 1e3:.0f} ms", "", None, "; ".join(peers))


def plotting_small(bench):
    path, out = recording(bench, 10_000), bench.file("plot.png")
    mine = median(wall([bench.mprof_c, "plot", "-o", out, path]) for _ in range(bench.rounds(41, 9)))
    builtin = median(wall([bench.mprof_c, "plot", "--font", "builtin", "-o", out, path])
                     for _ in range(bench.rounds(41, 9)))
    peers = f"with the built-in face {builtin * 1e3:.1f} ms"
    if bench.mprof:
        theirs = median(wall([*bench.mprof, "plot", "-o", bench.file("peer.png"), path]) for _ in range(3))
        peers += f"; mprof {theirs * 1e3:.0f} ms"
    bench.row("plot 1e4 samples to PNG", f"{mine * 1e3:.1f} ms", "≤ 6 ms", mine <= 0.006, peers)


# ---- growth by Python line ----

def grown(bench, *options):
    """(seconds of the program's own work, what it measured, the recorder's share of a CPU, the report)"""
    source, output = str(ROOT / "tests" / "bench" / "growth.py"), bench.file("growth.dat")
    recorder = subprocess.Popen([bench.mprof_c, "run", "-q", "-o", output, *options, "python3", source],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    begin = last = time.perf_counter()
    cpu = 0.0
    while recorder.poll() is None:
        try:
            cpu, last = time.clock_gettime(cpu_clock(recorder.pid)), time.perf_counter()
        except OSError:
            break
        time.sleep(0.005)
    said = json.loads(recorder.communicate()[1].splitlines()[-1])
    done = subprocess.run([bench.mprof_c, "report", "--json", "--top", "1000", output], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return said, cpu / (last - begin), json.loads(done.stdout) if done.returncode == 0 else None


def worst_line(said, report):
    """The largest error of a line, as a part of what it may be wrong by: 5 % or 2 MiB."""
    source = ROOT / "tests" / "bench" / "growth.py"
    lines = {match[1]: i for i, line in enumerate(source.read_text().splitlines(), 1)
             if (match := re.search(r"# LINE (\w+)", line))}
    rows = {row["frame"]["line"]: row for row in report["yours"] if row["frame"]}
    told = {name: rows.get(line, {}).get("grew_mib" if name == "passing" else "net_mib", 0) for name, line in lines.items()}
    return max(abs(told[name] - mib) / max(mib / 20, 2) for name, mib in said["truth"].items())


def growth(bench):
    rounds = bench.rounds(9, 3)
    off, on, shares, errors, peaks = [], [], [], [], []
    for _ in range(rounds):
        off.append(grown(bench, "--where=off")[0]["seconds"])
        said, share, report = grown(bench)
        if not report:
            return
        on.append(said["seconds"])
        shares.append(share)
        errors.append(worst_line(said, report))
        peaks.append(abs(report["peak"]["mib"] / said["peak"] - 1))
    figure = ratio(on, off)
    bench.row("Python growth by line: slowdown of a growing program", f"{figure:.3f}", "1.02", figure <= 1.02)
    figure = median(shares)
    bench.row("recorder's share of a CPU meanwhile", f"{figure:.1%}", "3 %", figure <= 0.03)
    figure = median(errors)
    bench.row("the line that is furthest from the truth, in parts of 5 % or 2 MiB", f"{figure:.2f}", "1", figure <= 1)
    figure = median(peaks)
    bench.row("the peak, away from the truth", f"{figure:.2%}", "1 %", figure <= 0.01)


# ---- the report ----

def platform_flags():
    try:
        return re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M).group(1).split()
    except (OSError, AttributeError):
        return []


def machine():
    try:
        name = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M).group(1)
        system = re.search(r'^PRETTY_NAME="(.*)"$', Path("/etc/os-release").read_text(), re.M).group(1)
    except (OSError, AttributeError):
        name, system = platform.machine(), platform.system()
    load = os.getloadavg()[1]
    return (f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} CPUs ({name.strip()}), {system}, "
            f"Linux {platform.release().split('-')[0]}, load {load:.1f}")


SECTIONS = (sampling, exact, spikes, ticks, tree, children, starting, slowdown, growth, heap, gpu, card_loop, card_snapshot, looking_inside, inside_c,
            inside_python, plotting_large, plotting_peers, plotting_small)
ONLY = (card_instructions,)  # minutes long: by their name alone


def main():
    parser = argparse.ArgumentParser(description="Times mprof-c beside its peers and prints a Markdown table.")
    parser.add_argument("--build", default=os.environ.get("MPROF_BUILD", ROOT / "build"), type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter windows, smaller files")
    parser.add_argument("--only", default="", help="only the sections whose name holds this word")
    parser.add_argument("--base", default=os.environ.get("MPROF_BASE"), type=Path,
                        help="another build, to stand beside this one in place of the peers")
    args = parser.parse_args()
    bench, begin, about = Bench(args.build.resolve(), args.quick), time.monotonic(), machine()
    try:
        if args.base:
            versus(bench, args.base.resolve(), recording, cpu_per_sample)
            print(f"\nMeasured {about}; {time.monotonic() - begin:.0f} s.")
            return
        for section in SECTIONS + (ONLY if args.only else ()):
            if args.only in section.__name__:
                section(bench)
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    print(f"Measured {about}; {time.monotonic() - begin:.0f} s.\n")
    print("| what | mprof-c | bar | kept | beside it |\n| --- | --- | --- | --- | --- |")
    for row in bench.rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
