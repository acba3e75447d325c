"""Another build beside this one, in turns: is anything slower than before?

    MPROF_BASE=/path/to/other/build meson compile -C build bench

Less than three minutes. Figures are medians. A ratio, this build over the other, is the median of those of single turns; the
middle half of them lies in the range beside it, and where that is wider than the difference, the machine was too busy to
tell. Other work only ever adds: the ratio of the fastest tenth says most then.
"""
import os
import shutil
import statistics
import subprocess
import time

BAR = 1.03


def spent(words):
    """(wall, CPU) seconds of a program with its children."""
    devnull = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, devnull, fd) for fd in (0, 1, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    os.close(devnull)
    if status != 0:
        raise RuntimeError(f"{' '.join(words)}: status {status:#x}")
    return wall, usage.ru_utime + usage.ru_stime


def turns(builds, rounds, measure):
    """[(new, base)] of what `measure` says of each build; who goes first alternates."""
    pairs = []
    for turn in range(rounds):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        figures = {i: measure(builds[i]) for i in order}
        pairs.append((figures[0], figures[1]))
    return pairs


def say(what, pairs):
    new, base = (statistics.median(column) for column in zip(*pairs))
    ratios = [a / b for a, b in pairs if b > 0]
    fast_new, fast_base = (sorted(column)[len(column) // 10] for column in zip(*pairs))
    fastest = fast_new / fast_base if fast_base else 1
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    verdict = "yes" if min(middle, fastest) <= BAR else "**no**" if low > 1 else "**no**, or noise"
    print(f"| {what} | {new * 1e3:.3f} ms | {base * 1e3:.3f} ms | {middle:.3f} | {low:.3f} to {high:.3f} | {fastest:.3f} | {verdict} |", flush=True)


def say_both(what, pairs):
    for i, clock in enumerate(("wall", "CPU")):
        say(f"{what}, {clock}", [(new[i], base[i]) for new, base in pairs])


def grown(path, steps):
    """A recording of a Python program that grew at a thousand lines."""
    with open(path, "w") as out:
        out.write("CMDLINE python3 grow.py\nMETA format=1 tool=mprof-c/0 metric=rss interval=0.1 pid=100 host=box\n"
                  "MEM 20.000000 1700000000.000000\nPATH 1 /no/such/grow.py\nFRAME 1 0 1 1 main\n")
        out.writelines(f"FRAME {i} {i // 2} 1 {i} line_{i}\n" for i in range(2, 1002))
        for i in range(steps):
            out.write(f"GROW 0.125000 {1700000000 + i / 100:.6f} {20 + i / 8:.6f} 100 100 {i * 7 % 1000 + 2}\n")
            if i % 10 == 9:
                out.write(f"MEM {20 + i / 8:.6f} {1700000000 + i / 100:.6f}\n")
        out.write(f"EXIT 0 {1700000000 + steps / 100:.6f} {20 + steps / 8:.6f} {steps // 10 + 1} 0\n")


def versus(bench, base, recording, cpu_per_sample):
    builds = [bench.mprof_c, str(base / "mprof-c")]
    out, true = bench.file("versus.dat"), shutil.which("true")
    print("| what | this build | the other | ratio | middle half | fastest | ≤ 3 % more |\n| --- | --- | --- | --- | --- | --- | --- |")
    say_both("`mprof-c run true`", turns(builds, bench.rounds(400, 50), lambda mprof_c: spent([mprof_c, "run", "-q", "-o", out, true])))

    for hertz, window, rounds in ((10, 2.5, 8), (100, 1.5, 8), (1000, 1, 10)):
        def sampling(mprof_c):
            words = [mprof_c, "run", "-q", "-T", f"{1 / hertz:g}", "-o", out, "sleep", str(window + 0.4)]
            return cpu_per_sample(words, out, 1 / hertz, 0.2, window)
        say(f"CPU per sample at {hertz} Hz", turns(builds, bench.rounds(rounds, 2), sampling))

    picture = bench.file("versus.png")
    for size, name, rounds in ((10_000_000, "1e7", 21), (10_000, "1e4", 101)):
        path = recording(bench, size)
        say_both(f"plot {name} samples to PNG",
                 turns(builds, bench.rounds(rounds, 5), lambda mprof_c: spent([mprof_c, "plot", "-o", picture, path])))
    steps = bench.file("steps.dat")
    grown(steps, 200_000)
    say_both("report on 200 000 steps", turns(builds, bench.rounds(21, 5), lambda mprof_c: spent([mprof_c, "report", steps])))
