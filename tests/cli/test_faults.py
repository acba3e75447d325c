"""Growth by the page faults that the kernel tells of: whose lines they are, and that nobody is woken at rest."""
import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

LOOPS = lab.ROOT / "tests" / "targets" / "loops.py"
HUGE = """
import numpy as np

def scale(data):
    return float((data * 2.0 + 1.0).sum())  # a new array, whose memory the second one is made in

def load(n):
    return np.ones(n)

print(scale(load(8 << 20)))
"""


SCAN = """
import mmap, time

def scan(data, first, last):
    return sum(data[at] for at in range(first, last, 4096))

def rest():
    time.sleep(0.01)  # where it is met, each time

with open("data.bin", "r+b") as file:
    file.truncate(128 << 20)
    data = mmap.mmap(file.fileno(), 0)
    for first in range(0, len(data), 1 << 20):
        scan(data, first, first + (1 << 20))
        rest()
"""


def python_with(module):
    for python in ("/usr/bin/python3", sys.executable):
        done = subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            return python
    return None


class Faults(lab.Lab):
    def setUp(self):
        super().setUp()
        self.mprof("run", "-q", "-o", "probe.dat", "true", status=0)
        if "where=faults" not in (self.folder / "probe.dat").read_text():
            self.skipTest("the kernel tells of no page faults here")

    def grown(self, *words):
        self.mprof("run", "-q", "-o", "a.dat", *words, status=0)
        report = json.loads(self.mprof("report", "--json", "--top", "1000", "a.dat", status=0).stdout)
        lines = {}
        for row in report["yours"]:
            frame = row["frame"]
            line = frame["line"] if frame and frame["file"] == str(words[1]) else 0
            lines[line] = lines.get(line, 0) + row["grew_mib"]
        return lines

    def measured(self, measure, bars):
        """A machine that is busy may be late for the first faults, so it is measured again."""
        for _ in range(8):
            figures = measure()
            if all(low <= figure <= high for figure, (low, high) in zip(figures, bars)):
                return
        if lab.SANITIZED or os.getloadavg()[0] > 2 * os.cpu_count():
            self.skipTest(f"this pace proves nothing: {figures}")
        self.fail(f"{figures} where {bars}")

    def test_small_objects_are_on_the_line_that_keeps_them(self):
        text = LOOPS.read_text().splitlines()
        for name, marks in (("strings", ("text = str(i) * 50", "busy()")), ("generator", ('yield "line', "words = line"))):
            lines = [next(i for i, line in enumerate(text, 1) if mark in line and line.startswith("        ")) for mark in marks]

            def measure():
                grown = self.grown(sys.executable, LOOPS, name)
                inside = sum(mib for line, mib in grown.items() if 15 < line < text.index("def main():"))
                return [100 * grown.get(line, 0) / inside for line in lines]

            with self.subTest(loop=name):
                self.measured(measure, ((85, 100), (0, 3)))

    def test_huge_pages(self):
        python = python_with("numpy")
        if not python:
            self.skipTest("no numpy here")
        script = self.write("huge.py", HUGE)

        def measure():
            grown = self.grown(python, script)
            return grown.get(5, 0), grown.get(8, 0)

        self.measured(measure, ((52, 76), (52, 76)))  # 64 MiB each

    def test_a_program_at_rest_wakes_nobody(self):
        recorder = subprocess.Popen([lab.MPROF, "run", "-q", "-T", "30", "-o", "a.dat", sys.executable, "-c",
                                     "import time; x = bytes(30 << 20); time.sleep(20)"], cwd=self.folder, env=self.env)
        try:
            def woken():
                total = 0
                for status in Path(f"/proc/{recorder.pid}/task").glob("*/status"):
                    total += int(status.read_text().split("voluntary_ctxt_switches:")[1].split()[0])
                return total

            time.sleep(1.5)
            for _ in range(8):
                before = woken()
                time.sleep(1)
                times = woken() - before
                if times <= 2:
                    break
            self.assertLessEqual(times, 2)
        finally:
            recorder.terminate()
            recorder.wait()

    def test_who_sleeps_afterwards_took_nothing(self):
        (self.folder / "data.bin").touch()
        script = self.write("scan.py", SCAN)
        python = python_with("mmap")

        def measure():
            lines = self.grown(python, script)
            return lines.get(5, 0), lines.get(8, 0)
        self.measured(measure, ((90, 140), (0, 40)))


if __name__ == "__main__":
    lab.main()
