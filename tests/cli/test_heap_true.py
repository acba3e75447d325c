"""run --heap at its default rate: what a leak holds, beside what the program counted itself."""
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

DICT = """
import sys
held = {}
def keep(n):
    for i in range(n):
        held[i] = "%01000d" % i  # the leak
        passing = bytes(3000)
keep(200000)
print((sum(map(sys.getsizeof, held.values())) + sys.getsizeof(held)) / 2**20)
"""
LIST = """
import sys
held = []
def keep(n):
    for i in range(n):
        held.append(bytearray(500000))  # the leak
        passing = bytes(1000000)
keep(400)
print(sum(map(sys.getsizeof, held)) / 2**20)
"""
THREADS = """
import sys, threading
own, sizes, done = threading.local(), [], threading.Barrier(5)
def keep(n):
    own.held = []
    for i in range(n):
        own.held.append(bytes(1000 + i % 9))  # the leak
    sizes.append(sum(map(sys.getsizeof, own.held)) + sys.getsizeof(own.held))
def work():
    keep(52000)
    done.wait()
    done.wait()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
done.wait()
print(sum(sizes) / 2**20)
"""


@unittest.skipIf(lab.SANITIZED, "a sanitizer's malloc stands where the library would")
class Counted(lab.Lab):
    def measure(self, words, is_leak):
        """MiB that the program counted, MiB that are told, and what these may be off by."""
        truth = float(self.mprof("run", "-q", "--heap", "-o", "a.dat", *words, status=0).stdout)
        told = json.loads(self.mprof("report", "--heap", "--json", "--top", "1000", "a.dat", status=0).stdout)
        rows = [row for row in told["yours"] if is_leak(row)]
        self.assertTrue(rows, told["yours"])
        return truth, sum(row["live_mib"] for row in rows), sum(row["live_error_mib"] ** 2 for row in rows) ** 0.5

    def check(self, words, is_leak):
        """200 MiB in small blocks are 800 samples, a standard error of 3.5 %: once in 250 times chance is off by more than a tenth."""
        for _ in range(3):
            truth, told, error = self.measure(words, is_leak)
            if abs(told - truth) <= truth / 10:
                break
        self.assertGreater(truth, 150)
        self.assertLessEqual(abs(told - truth), truth / 10)
        self.assertLess(error, truth / 8)

    def check_python(self, name, text):
        script = self.write(f"{name}.py", text)
        line = next(i for i, one in enumerate(text.splitlines(), 1) if one.endswith("# the leak"))
        python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        self.check([python, script], lambda row: row["frame"] and row["frame"]["line"] == line)

    def test_a_dict_of_objects(self):
        self.check_python("dict", DICT)

    def test_a_list_of_bytearrays(self):
        self.check_python("list", LIST)

    def test_what_threads_keep_for_themselves(self):
        self.check_python("threads", THREADS)

    @unittest.skipUnless((lab.BUILD / "mprof-c-native").exists(), "nothing that names native frames here")
    def test_malloc(self):
        self.check([lab.target("leaks")], lambda row: row["frame"] and row["frame"]["function"] == "keep")

    def test_a_vector_of_c_plus_plus(self):
        compiler = shutil.which("c++") or shutil.which("g++")
        if not compiler or not (lab.BUILD / "mprof-c-native").exists():
            self.skipTest("no compiler of C++ here, or nothing that names native frames")
        subprocess.run([compiler, "-g", "-O1", "-o", self.folder / "strings", lab.ROOT / "tests" / "targets" / "heap_strings.cpp"], check=True)
        self.check(["./strings"], lambda row: row["frame"] and row["frame"]["function"].startswith("keep"))


if __name__ == "__main__":
    lab.main()
