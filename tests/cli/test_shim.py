"""What share/memory_profiler gives: programs written for memory_profiler run unedited, on every CPython from 3.8, and their
reports look as memory_profiler's own do."""
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

SHIM = lab.BUILD / "share" / "memory_profiler"
MODULE = lab.BUILD / "recorder" / "library" / "python"
BUILT = (MODULE / "mprof_c" / "_native.abi3.so").exists()
SERVED = {version: path for version, path in pythons.all_pythons().items() if version >= (3, 8)}
OLD = {version: path for version, path in pythons.all_pythons().items() if version < (3, 8)}
ONE = SERVED.get((3, 11)) or next(iter(SERVED.values()), None)
BIG = 30 * 10**5 * 8 / 2**20  # MiB: of a list of three million

BODY = """def work():
    a = [1] * (10 ** 5)
    b = [2] * (30 * 10 ** 5)
    del b
    return a
"""
MARKED = f"@profile\n{BODY}\nif __name__ == '__main__':\n    work()\n"
IMPORTED = f"from memory_profiler import profile\n\n{MARKED}"
LOGGED = """import logging, sys
from memory_profiler import LogFile, profile
logger = logging.getLogger('memory_profile_log')
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.FileHandler('memory_profile.log'))
sys.stdout = LogFile('memory_profile_log', reportIncrementFlag=FLAG)
""" + f"@profile\n{BODY}work()\n"


def rows(text):
    """[(line, MiB held, MiB added, occurrences)] of a report."""
    found = re.findall(r"^ *(\d+) +(-?[\d.]+) MiB +(-?[\d.]+) MiB +(\d+)  ", text, re.M)
    return [(int(line), float(held), float(added), int(count)) for line, held, added, count in found]


def shape(text):
    """The report without its figures, each column as wide as it is."""
    return re.sub(r" +-?\d+\.(\d+) MiB", lambda found: f"#{len(found.group(1))}".rjust(len(found.group())), text)


@unittest.skipUnless(BUILT, "the module is not built here: no Python headers")
@unittest.skipIf(lab.SANITIZED, "a sanitized library needs a sanitized Python")
class Shim(lab.Lab):
    def python(self, *words, path=ONE, status=0, folders=(SHIM, MODULE), **kw):
        env = {**self.env, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
        if "input" not in kw:
            kw["stdin"] = subprocess.DEVNULL
        done = subprocess.run([path, *map(str, words)], cwd=self.folder, env=env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, **kw)
        self.assertEqual(done.returncode, status, f"{path} {words}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def each(self):
        print("# CPython", pythons.named(SERVED), "; refused by name:", pythons.named(OLD))
        self.assertGreater(len(SERVED), 0)
        return SERVED.items()

    def holds(self, report, first=1):
        """It is the report of `work`, whose decorator stands in line `first`."""
        found = rows(report)
        self.assertEqual([row[0] for row in found], [first, *range(first + 2, first + 6)], report)
        self.assertEqual({row[3] for row in found}, {1})
        self.assertEqual(found[0][1], found[0][2])
        self.assertAlmostEqual(found[2][2], BIG, delta=1, msg=report)
        self.assertAlmostEqual(found[3][2], -BIG, delta=1, msg=report)


class Lines(Shim):
    def test_marked_on_every_python(self):
        self.write("example.py", MARKED)
        for version, path in self.each():
            with self.subTest(python=version):
                done = self.python("-m", "memory_profiler", "example.py", path=path)
                self.assertTrue(done.stdout.startswith("Filename: example.py\n\nLine #    Mem usage    Increment  Occurrences   "))
                self.holds(done.stdout)
                self.assertRegex(done.stdout, r"\d\.\d{3} MiB")

    def test_imported_on_every_python(self):
        self.write("example.py", IMPORTED)
        for version, path in self.each():
            with self.subTest(python=version):
                done = self.python("example.py", path=path)
                self.holds(done.stdout, first=3)
                self.assertRegex(done.stdout, r"\d\.\d MiB")

    def test_old_pythons_are_told(self):
        self.write("example.py", IMPORTED)
        for version, path in OLD.items():
            if version >= (3, 6):
                with self.subTest(python=version):
                    done = self.python("example.py", path=path, status=1)
                    self.assertIn("serves CPython 3.8 and later", done.stderr.splitlines()[-1])

    def test_precision(self):
        self.write("example.py", IMPORTED.replace("@profile", "@profile(precision=4)"))
        self.assertRegex(self.python("example.py").stdout, r"\d\.\d{4} MiB")
        self.assertRegex(self.python("-m", "memory_profiler", "--precision", "2", self.write("marked.py", MARKED)).stdout,
                         r"\d\.\d\d MiB")

    def test_stream(self):
        self.write("example.py", "fp = open('memory_profiler.log', 'w+')\n" + IMPORTED.replace("@profile", "@profile(stream=fp)"))
        self.assertEqual(self.python("example.py").stdout, "")
        self.holds((self.folder / "memory_profiler.log").read_text(), first=4)

    def test_logger(self):
        log = self.folder / "memory_profile.log"
        for flag in (False, True):
            self.write("example.py", LOGGED.replace("FLAG", str(flag)))
            self.assertEqual(self.python("example.py").stdout, "")
            text = log.read_text()
            log.unlink()
            self.assertIn("Filename: ", text)
            self.assertIn("b = [2]", text)
            self.assertEqual("del b" in text, not flag)

    def test_every_kind_of_function(self):
        self.write("example.py", """
import asyncio
from memory_profiler import profile

@profile
async def coroutine():
    await asyncio.sleep(0.01)
    return bytearray(10 << 20)

@profile
def generator():
    for n in range(3):
        yield n

@profile
def fails():
    kept = bytearray(10 << 20)
    raise KeyError(1)

class Thing:
    @profile
    def method(self):
        return 1

assert len(asyncio.run(coroutine())) == 10 << 20
assert list(generator()) == [0, 1, 2]
try:
    fails()
except KeyError:
    Thing().method()
assert coroutine.__name__ == "coroutine" and Thing.method.__qualname__ == "Thing.method"
""")
        for version, path in self.each():
            with self.subTest(python=version):
                report = self.python("example.py", path=path).stdout
                self.assertEqual(report.count("Filename:"), 4)
                counted = {line: count for line, _, _, count in rows(report)}
                self.assertEqual((counted[13], counted[17]), (3, 1), report)

    def test_the_script_is_main(self):
        self.write("example.py", """
import multiprocessing, pickle, sys
def double(n): return 2 * n
@profile
def work():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(double, [1, 2])
if __name__ == "__main__":
    assert pickle.loads(pickle.dumps(double)) is double
    print(work(), sys.argv, __file__)
    sys.exit(3)
""")
        done = self.python("-m", "memory_profiler", "example.py", "-o", "--its own", status=3)
        self.assertEqual(done.stdout.splitlines()[0], "[2, 4] ['example.py', '-o', '--its own'] example.py")
        self.assertGreater(len(rows(done.stdout)), 2)

    def test_module_output_backends(self):
        self.write("example.py", MARKED)
        for backend in ("psutil", "psutil_pss", "psutil_uss", "posix", "tracemalloc"):
            with self.subTest(backend=backend):
                self.python("-m", "memory_profiler", "--backend", backend, "-o", "out.txt", "example")
                self.holds((self.folder / "out.txt").read_text())
                (self.folder / "out.txt").unlink()

    def test_timestamp(self):
        self.write("example.py", MARKED + "    with profile.timestamp('a block'):\n        work()\n")
        self.python("-m", "memory_profiler", "--timestamp", "-o", "a.dat", "example.py")
        found = self.recording()
        self.assertEqual([(row[0], row[1], row[6]) for row in found],
                         [("FUNC", "__main__.work", "0"), ("FUNC", "__main__.work", "1"), ("FUNC", "a_block", "0")])

    def test_debugger(self):
        self.write("example.py", MARKED)
        for version, path in self.each():
            with self.subTest(python=version):
                done = self.python("-m", "memory_profiler", "--pdb-mmem=35", "example.py", path=path, input="p len(a)\nc\n")
                self.assertRegex(done.stdout, r"exceeded the maximum of 35.00 MiB\nStepping into the debugger[^\n]*\n")
                self.assertIn("del b", done.stdout)
                self.assertIn("100000", done.stdout)

    def test_refused(self):
        self.assertIn("a program to run must be provided", self.python("-m", "memory_profiler", status=2).stderr)
        self.assertIn("there is no script no.py", self.python("-m", "memory_profiler", "no.py", status=1).stderr)
        self.write("example.py", IMPORTED.replace("@profile", "@profile(backend='none')"))
        self.assertIn("KeyError", self.python("example.py", status=1).stderr)


class Api(Shim):
    def test_memory_usage(self):
        self.write("usage.py", """
from subprocess import Popen
import sys, time
from memory_profiler import memory_usage
def f(a, n=100):
    time.sleep(.1)
    b = [a] * n
    time.sleep(.1)
    return b
assert 4 <= len(memory_usage(-1, interval=.02, timeout=.1)) <= 5
assert len(memory_usage(-1, interval=.02, timeout=.1, backend="psutil")) == 5
usage = memory_usage((f, (1,), {"n": int(1e6)}), interval=.01)
assert max(usage) - usage[0] > 7, usage
most, value = memory_usage((f, (1,), {"n": int(1e6)}), max_usage=True, retval=True)
assert isinstance(most, float) and len(value) == 10**6
assert len(memory_usage((f, (1,)), timestamps=True, include_children=True)[0]) == 2
child = Popen([sys.executable, "-c", "import time; time.sleep(.3)"])
assert len(memory_usage(child, interval=.05)) > 2
assert isinstance(memory_usage(-1, multiprocess=True)[0], list)
with open("usage.dat", "w") as stream:
    assert memory_usage(-1, interval=.01, timeout=.05, stream=stream) is None
for backend in "psutil_pss", "psutil_uss", "posix":
    assert memory_usage(-1, backend=backend)[0] > 0
""")
        for version, path in self.each():
            with self.subTest(python=version):
                self.python("usage.py", path=path)
                self.assertEqual({row[0] for row in self.recording("usage.dat")}, {"MEM"})

    def test_profiler_by_hand(self):
        self.write("byhand.py", "import io\nfrom memory_profiler import LineProfiler, choose_backend, show_results\n" + BODY + """
profiler = LineProfiler(backend=choose_backend())
assert profiler(work)() and profiler(work)()
stream = io.StringIO()
show_results(profiler, stream, precision=2)
print(stream.getvalue())
""")
        self.assertEqual([row[3] for row in rows(self.python("byhand.py").stdout)], [2] * 5)

    def test_where_it_was_installed(self):
        """A Python that does not look there finds mprof_c all the same, and nothing else of that folder."""
        self.assertTrue(os.path.isabs(self.python("-c", "import memory_profiler._installed as i; print(i.FOLDER)").stdout))
        folder = self.folder / "elsewhere"
        shutil.copytree(SHIM, folder)
        (folder / "memory_profiler" / "_installed.py").write_text(f"FOLDER = {str(MODULE)!r}\n")
        for version, path in self.each():
            with self.subTest(python=version):
                done = self.python("-c", "import sys, memory_profiler as m, mprof_c\n"
                                   "print(m.__file__, m.memory_usage()[0] > 0, sys.path)", path=path, folders=[folder])
                self.assertTrue(done.stdout.startswith(f"{folder / 'memory_profiler' / '__init__.py'} True"), done.stdout)
                self.assertNotIn(str(MODULE), done.stdout)

    def test_magics(self):
        path = self.has("IPython")
        if not path:
            self.skipTest("no IPython: python3-ipython")
        self.write("example.py", BODY)
        self.write("notebook.py", """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "memory_profiler")
shell.run_line_magic("memit", "range(10000)")
shell.run_cell_magic("memit", "l=[1] * 10**6", "len(l)")
shell.run_cell("from example import work")
shell.run_line_magic("mprun", "-T report.txt -f work work()")
""")
        done = self.python("notebook.py", path=path)
        self.assertEqual(len(re.findall(r"^peak memory: [\d.]+ MiB, increment: [\d.]+ MiB$", done.stdout, re.M)), 2, done.stdout)
        self.assertIn("b = [2]", (self.folder / "report.txt").read_text())

    def has(self, module):
        """A Python that has it."""
        for path in dict.fromkeys((pythons.SYSTEM, sys.executable)):
            if os.path.exists(path) and subprocess.run([path, "-c", f"import {module}"], stdout=subprocess.DEVNULL,
                                                       stderr=subprocess.DEVNULL, env=self.env).returncode == 0:
                return path
        return None


@unittest.skipUnless(os.path.exists(pythons.SYSTEM), "Debian's package belongs to Debian's Python")
class Beside(Shim):
    """The same programs under memory_profiler itself."""

    def setUp(self):
        super().setUp()
        if self.python("-c", "try: import memory_profiler as m\nexcept ImportError: m = None\nprint(m and m.__version__)",
                       path=pythons.SYSTEM, folders=()).stdout.strip() != "0.61.0":
            self.skipTest("no memory_profiler 0.61: python3-memory-profiler")

    def test_reports_look_the_same(self):
        loop = "@profile\ndef loop():\n    kept = []\n    for n in range(5):\n        kept.append(bytearray(2 << 20))\n" \
               "    if not kept:\n        kept = None\n    return kept\nloop()\n"
        for text, words in ((MARKED, ["-m", "memory_profiler"]), (IMPORTED, []), (loop, ["-m", "memory_profiler"]),
                            (IMPORTED.replace("@profile", "@profile(precision=4)"), []), (MARKED[:-1], ["-m", "memory_profiler"]),
                            (MARKED, ["-m", "memory_profiler", "--precision=1"])):
            self.write("example.py", text)
            own, theirs = (self.python(*words, "example.py", path=pythons.SYSTEM, folders=folders).stdout
                           for folders in ((SHIM, MODULE), ()))
            with self.subTest(text=text, words=words):
                self.assertEqual(shape(own), shape(theirs))
                for ours, other in zip(rows(own)[1:], rows(theirs)[1:]):
                    self.assertAlmostEqual(ours[2], other[2], delta=1, msg=own + theirs)

    def test_their_own_examples_run(self):
        examples = Path("/usr/share/doc/python3-memory-profiler/examples")
        if not (examples / "example.py").exists():
            self.skipTest(f"no {examples}")
        for name, words, told in (("example.py", ["-m", "memory_profiler"], None), ("reporting_file.py", [], "hi.txt"),
                                  ("reporting_logger.py", [], "memory_profile.log")):
            with self.subTest(example=name):
                shown = self.python(*words, examples / name, path=pythons.SYSTEM).stdout
                text = (self.folder / told).read_text() if told else shown
                self.assertRegex(text, r" 1[45]\d\.\d+ MiB +\d+ +b = \[")


class Mprof(Shim):
    def mprof_of_theirs(self, *words, status=0):
        env = {**self.env, "PATH": f"{SHIM}:{lab.BUILD}:{self.env['PATH']}"}
        done = subprocess.run(["mprof", *words], cwd=self.folder, env=env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_a_session(self):
        self.write("example.py", MARKED)
        self.mprof_of_theirs("run", "--python", "python3", "example.py")
        self.mprof_of_theirs("run", "--include-children", "-T", "0.05", "--backend", "psutil_pss", "sleep", "0.1")
        self.mprof_of_theirs("run", "--multiprocess", "sleep", "0.1")
        self.assertEqual(len(self.mprof_of_theirs("list").splitlines()), 3)
        for words in (["-t", "Recorded memory usage"], ["-n"], ["-s"], ["--flame", "0"], ["--backend", "Agg"],
                      ["--backend=TkAgg"], ["-w", "0,1", "-1"]):
            self.mprof_of_theirs("plot", "-o", "a.png", *words)
            self.assertEqual((self.folder / "a.png").read_bytes()[1:4], b"PNG")
            (self.folder / "a.png").unlink()
        self.mprof_of_theirs("plot", "--backend", "none", "-o", "a.png", status=2)
        self.assertIn("MiB", self.mprof_of_theirs("peak"))
        self.mprof_of_theirs("rm", "0")
        self.mprof_of_theirs("clean", "--dry-run")
        self.mprof_of_theirs("clean")
        self.assertEqual(list(self.folder.glob("*.dat")), [])


if __name__ == "__main__":
    lab.main()
