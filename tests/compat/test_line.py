"""mprof-c line beside Debian's memory_profiler: the same lines as often, the same figures where its own are right."""
import json
import os
import re
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

PROGRAMS = lab.ROOT / "tests" / "compat" / "programs"
EXAMPLES = Path("/usr/share/doc/python3-memory-profiler/examples")
ROW = re.compile(r"^ *(\d+) +(-?[\d.]+) MiB +(-?[\d.]+) MiB +(\d+)   (.*)$")


def here(module):
    return os.access(pythons.SYSTEM, os.X_OK) and subprocess.run(
        [pythons.SYSTEM, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(here("memory_profiler"), "Debian's python3-memory-profiler is not installed")
@unittest.skipUnless((3, 9) <= sys.version_info < (3, 15) or pythons.supported(), "no CPython 3.9 or later")
class Beside(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["MPROF_PYTHON"] = pythons.SYSTEM
        self.env["MALLOC_MMAP_THRESHOLD_"] = "131072"

    def theirs(self, program):
        """{line: (mem, increment, occurrences, source)} of all its tables, which may be printed by every call."""
        done = subprocess.run([pythons.SYSTEM, "-m", "memory_profiler", "--precision", "6", program], cwd=self.folder,
                              env=self.env, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, timeout=200)
        self.assertEqual(done.returncode, 0)
        found = {}
        for row in map(ROW.match, done.stdout.splitlines()):
            if row:
                found[int(row[1])] = (float(row[2]), float(row[3]), int(row[4]), row[5])
        self.assertTrue(found)
        return found

    def ours(self, program):
        done = self.mprof("line", "-q", "--recording", "a.dat", "--json", "-o", "r.json", program, status=0, timeout=200)
        self.assertEqual(done.stderr, "")
        tables = json.loads((self.folder / "r.json").read_text())
        return {r["line"]: (r["mib"], r["increment"], r["occurrences"], r["source"]) for t in tables for r in t["lines"]}

    def agree(self, program, increments=True, base=None):
        theirs, ours = self.theirs(program), self.ours(program)
        self.assertEqual({n: (row[2], row[3]) for n, row in ours.items()}, {n: (row[2], row[3]) for n, row in theirs.items()})
        # Theirs holds memory_profiler itself, so figures are compared from the lowest one on.
        low = [min(row[0] for row in rows.values()) for rows in (theirs, ours)]
        for n in theirs:
            self.assertAlmostEqual(ours[n][0] - low[1], theirs[n][0] - low[0], delta=1, msg=ours[n])
        heads = {n for n, row in theirs.items() if row[1] == row[0] or row[3].strip() == "@profile"}
        for n in set(theirs) - heads if increments else ():
            self.assertAlmostEqual(ours[n][1], theirs[n][1], delta=1, msg=ours[n])

    def test_train(self):
        self.agree(PROGRAMS / "train.py")

    def test_nested(self):
        self.agree(PROGRAMS / "nested.py", increments=False)  # its own increment of a call counts what was there before

    @unittest.skipUnless((EXAMPLES / "example.py").exists(), "its examples are not installed")
    def test_its_example(self):
        program = self.write("example.py", (EXAMPLES / "example.py").read_bytes())
        ours = self.ours(program)
        self.assertAlmostEqual(ours[5][1], 152.6, delta=1)
        self.assertAlmostEqual(ours[6][1], -152.6, delta=1)

    def test_loops_branches_and_comprehensions(self):
        self.agree(self.write("program.py", textwrap.dedent("""
            @profile
            def work(n):
                kept = []
                for i in range(n):
                    if i % 3 == 0:
                        kept.append(bytearray(3 << 20))
                    elif i % 3 == 1:
                        continue
                    else:
                        while len(kept) > 4:
                            kept.pop()
                try:
                    kept[1000]
                except IndexError as e:
                    x = str(e)
                finally:
                    y = [z * 2
                         for z in range(10)
                         if z % 2]
                with open("/dev/null") as f:
                    f.read()
                return kept

            work(20)
        """)), increments=False)  # theirs subtract the most that the line before ever held


if __name__ == "__main__":
    lab.main()
