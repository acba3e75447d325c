"""Whose a growth is: of work that a pool did, of code that was made by exec, of what stands behind a shell."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import lab
from test_growth import MAY_READ, ONE

EXECUTOR = """from concurrent.futures import ThreadPoolExecutor
def fetch(sizes):
    with ThreadPoolExecutor(2) as crew:
        return list(crew.map(bytearray, sizes))
kept = fetch([3 << 20] * 50)
"""
POOL = """from multiprocessing.pool import ThreadPool
crew = ThreadPool(3)
def fetch(sizes):
    return crew.map(bytearray, sizes)
kept = fetch([3 << 20] * 50)
crew.close()
"""
SUBMITTED = """import threading
from concurrent.futures import ThreadPoolExecutor
kept = []
def ask():
    with ThreadPoolExecutor(1) as crew:
        asked = [crew.submit(bytearray, 3 << 20) for _ in range(50)]
        kept.extend(one.result() for one in asked)
other = threading.Thread(target=ask)
other.start()
while other.is_alive():
    pass
"""
DATACLASS = """from dataclasses import dataclass, field
from functools import partial
@dataclass
class Tile:
    at: int
    cells: bytes = field(default_factory=partial(bytes.__mul__, b"x", 3 << 20))
def load(n):
    return [Tile(i) for i in range(n)]
kept = load(40)
"""
NAMED = """from collections import namedtuple
Pair = namedtuple("Pair", "key value")
def pairs(n):
    return [Pair(i, bytes(80)) for i in range(n)]
kept = pairs(300000)
"""
HUGE_AFTER_SMALL = """import ctypes, mmap
def room(size, advice):
    made = mmap.mmap(-1, size + (2 << 20), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    made.madvise(advice)
    return made, (ctypes.addressof(ctypes.c_char.from_buffer(made)) + (2 << 20) - 1) & -(2 << 20)
def work():
    small, at = room(40 << 20, mmap.MADV_NOHUGEPAGE)
    ctypes.memset(at, 1, 40 << 20)
    huge, at = room(160 << 20, mmap.MADV_HUGEPAGE)
    ctypes.memset(at, 1, 160 << 20)
    return small, huge
kept = work()
"""
PARENT = """import os
rows = [[i * 1.5 for i in range(1000)] for _ in range(1200)]
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
def total():
    s = 0
    for row in rows:
        for x in row: s += x
    return s
total()
"""


@unittest.skipUnless(MAY_READ and ONE, "no CPython from 3.9 on here whose memory may be read")
class Whose(lab.Lab):
    def grown(self, source):
        """{name of the row: MiB} of the user's own code."""
        self.write("own.py", source)
        self.mprof("run", "-q", "-o", "a.dat", ONE, "own.py", status=0)
        rows = json.loads(self.mprof("report", "--json", "--top", "1000", "a.dat", status=0).stdout)["yours"]
        return {row["name"]: row for row in rows}

    def most(self, source, *lines):
        """Of several tries the part that those lines have: a look may come late, though not each time."""
        best, seen = 0, None
        for _ in range(4):
            rows = self.grown(source)
            all_of_it = sum(row["grew_mib"] for row in rows.values())
            here = [row for name, row in rows.items() if any(name.startswith(f"own.py:{line} ") for line in lines)]
            part = sum(row["grew_mib"] for row in here) / all_of_it
            self.assertFalse([name for name, row in rows.items() if name.startswith("<") and row["grew_mib"] > 20], rows)
            if part > best:
                best, seen = part, (rows, here)
            if best > 0.6:
                break
        self.assertGreater(best, 0.6, seen)
        return seen[1]

    def test_what_an_executor_did_is_its_caller_s(self):
        self.assertTrue(any(row["waits"] for row in self.most(EXECUTOR, 3, 4)))

    def test_what_a_pool_of_threads_did_is_its_caller_s(self):
        self.assertTrue(any(row["waits"] for row in self.most(POOL, 4)))

    def test_it_is_the_thread_that_waits_not_the_one_that_works(self):
        self.assertTrue(any(row["waits"] for row in self.most(SUBMITTED, 5, 6, 7)))

    def test_generated_methods_are_their_callers(self):
        self.most(DATACLASS, 8)
        self.most(NAMED, 4)

    def test_huge_pages_are_not_of_the_line_before_that_took_small_ones(self):
        self.most(HUGE_AFTER_SMALL, 10)

    def test_the_calls_of_both_threads_are_told(self):
        for _ in range(4):
            self.grown(POOL)
            stacks = self.mprof("report", "--folded", "a.dat", status=0).stdout
            if "a thread that it waits for" in stacks:
                break
        self.assertRegex(stacks, r"(?m)^<module> \(own\.py:5\);fetch \(own\.py:4\);a thread that it waits for;.*_bootstrap ")

    def test_what_a_parent_only_reads_after_a_fork_is_no_growth(self):
        for options in ((), ("-C",)):
            self.write("own.py", PARENT)
            self.mprof("run", "-q", *options, "-o", "a.dat", ONE, "own.py", status=0)
            if "META where=faults" not in (self.folder / "a.dat").read_text():
                self.skipTest("page faults may not be listened to here")
            report = json.loads(self.mprof("report", "--json", "a.dat", status=0).stdout)
            grown = sum(row["grew_mib"] for row in report["yours"] if " total" in row["name"])
            self.assertLess(grown, 10, report["yours"])
            self.assertIn(" total", str(report["copied"]))

    @unittest.skipIf(lab.SANITIZED, "a sanitized recorder's own mark hides what the shell waited for")
    def test_what_stands_behind_a_shell_is_told_of(self):
        self.write("own.py", "kept = bytes(50 << 20)\n")
        self.mprof("run", "-q", "-o", "a.dat", "sh", "-c", f"{ONE} own.py; true", status=0)
        done = self.mprof("report", "a.dat")
        self.assertIn("mprof-c run -C", done.stdout + done.stderr)


if __name__ == "__main__":
    lab.main()
