#!/usr/bin/env python3
"""Is growth charged to the right lines? Beside what Python's tracemalloc and the programs themselves say, as Markdown:

    python3 tests/bench/right.py [--build build] [--polled] [--loop NAME …] [--python PATH …] [--rounds N]

First loops of small objects (tests/targets/loops.py) on each CPython from 3.9 on that is here: by how many points the share of a line
is off, and what a line that keeps nothing is charged. Then programs of all kinds, whose right lines end in `# RIGHT MIB`: how much
of the growth of each stands on its right lines. With --polled page-fault events are refused, as where the kernel forbids them.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPS = ROOT / "tests" / "targets" / "loops.py"
MIXED = ROOT / "tests" / "bench" / "mixed"
NAMES = re.findall(r"^LOOPS = .*?\(((?:.|\n)*?)\)\}", LOOPS.read_text(), re.M)[0].replace(",", " ").split()


def pythons():
    found = {}
    for path in ["/usr/bin/python3", *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))]:
        done = subprocess.run([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) if os.access(path, os.X_OK) else None
        version = done.stdout.strip() if done else ""
        if version and int(version.split(".")[1]) >= 9:
            found[path] = version
    return found


class Bench:
    def __init__(self, args):
        self.mprof_c = str(args.build / "mprof-c")
        self.before = [str(args.build / "tests" / "refused")] if args.polled else []
        self.folder = Path(tempfile.mkdtemp(prefix="mprof-right-"))

    def grown(self, words, options=()):
        """{line: MiB}, of the program's own file; of no known line: 0."""
        output = str(self.folder / "a.dat")
        subprocess.run([*self.before, self.mprof_c, "run", "-q", "-o", output, *options, *map(str, words)], cwd=self.folder,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=120)
        text = subprocess.run([self.mprof_c, "report", "--json", "--top", "1000", output], stdout=subprocess.PIPE, check=True).stdout
        lines = {}
        for row in json.loads(text)["yours"]:
            frame = row["frame"]
            line = frame["line"] if frame and frame["file"] == str(words[1]) else 0
            lines[line] = lines.get(line, 0) + row["grew_mib"]
        return lines


def shares(lines, of):
    total = sum(lines.get(line, 0) for line in of)
    return {line: 100 * lines.get(line, 0) / total if total else 0 for line in of}


def compare_loop(bench, python, name):
    """(points that the worst line is off, percent that a line is charged which keeps nothing)."""
    done = subprocess.run([python, str(LOOPS), name, "truth"], stdout=subprocess.PIPE, text=True, check=True)
    kept = {int(line): size for line, size in json.loads(done.stdout).items()}
    text = LOOPS.read_text().splitlines()
    inside = {i for i, line in enumerate(text, 1) if line.startswith(" ") and i < text.index("def main():") + 1}
    truth = shares(kept, inside)
    seen = shares(bench.grown([python, LOOPS, name]), inside)
    off = max(abs(seen[line] - truth[line]) for line in inside)
    false = max((seen[line] for line in inside if truth[line] < 0.1), default=0)
    return off, false


def score(bench, python, program):
    """Percent of the growth that stands on right lines, none of them above what it took."""
    text = program.read_text().splitlines()
    right = {i: float(m[1]) for i, line in enumerate(text, 1) for m in [re.search(r"# RIGHT ([\d.]+)", line)] if m}
    options = re.findall(r"^# RUN (.*)", text[0])
    seen = bench.grown([python, program], options[0].split() if options else ())
    wanted = sum(right.values())
    return 100 * sum(min(seen.get(line, 0), mib) for line, mib in right.items()) / wanted, seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--polled", action="store_true")
    parser.add_argument("--loop", action="append")
    parser.add_argument("--python", action="append")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    args.build = args.build.resolve()
    bench = Bench(args)
    found = {path: path for path in args.python} if args.python else pythons()
    print("| loop | CPython | worst line off, points | charged to a line that keeps nothing, % |\n| --- | --- | --- | --- |")
    for name in args.loop or NAMES:
        for python, version in found.items():
            for _ in range(args.rounds):
                off, false = compare_loop(bench, python, name)
                print(f"| {name} | {version} | {off:.1f} | {false:.1f} |{'' if off <= 3 and false <= 2 else ' **no**'}", flush=True)
    if args.loop:
        return
    print("\n| program | on the right lines, % |\n| --- | --- |")
    scores = []
    for program in sorted(MIXED.glob("*.py")):
        for _ in range(args.rounds):
            figure, seen = score(bench, next(iter(found)), program)
            scores.append(figure)
            print(f"| {program.name} | {figure:.0f} |{'' if figure >= (80 if args.polled else 95) else ' **no** ' + str(seen)}", flush=True)
    print(f"| all | {sum(scores) / len(scores):.1f} |")


if __name__ == "__main__":
    main()
