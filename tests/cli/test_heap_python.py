"""run --heap of Pythons: their own blocks, by their own lines, whichever version and allocator; and programs that each hold on to
memory in a way of their own."""
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

TARGETS = lab.ROOT / "tests" / "targets"
FAULTS = ["arrays", "dict", "fork", "fragments", "generator", "log", "lru", "memmap", "thread"]


def pythons():
    """{version: path} of the CPythons here that can be read: pyenv's, Debian's, the tests' own."""
    places = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))) + ["/usr/bin/python3", sys.executable]
    found = {}
    for place in filter(os.path.exists, places):
        ask = "import sys; print(sys.version_info[0], sys.version_info[1], sys.implementation.name)"
        words = subprocess.run([place, "-c", ask], stdout=subprocess.PIPE, text=True).stdout.split()
        if len(words) == 3 and words[2] == "cpython" and (3, 9) <= (int(words[0]), int(words[1])) <= (3, 15):
            found[place] = int(words[1])
    return found


def marked(path, words):
    """The line that ends with such a comment."""
    lines = path.read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.endswith(words))


@unittest.skipIf(lab.SANITIZED, "a sanitized program keeps its own malloc")
class Heap(lab.Lab):
    def record(self, *words, options=(), env=None, **kw):
        done = self.mprof("run", "-q", "--heap", "-o", "a.dat", *options, *words, status=0, env=env, **kw)
        return done

    def held(self, script):
        """{line: MiB} that live at the end of each process, by the script's innermost line, what it has itself; None: no line of it."""
        paths, frames, sums = {}, {}, {}
        for line in (self.folder / "a.dat").read_text().splitlines():
            words = line.split(" ")
            if words[0] == "PATH":
                paths[words[1]] = " ".join(words[2:])
            elif words[0] == "FRAME":
                frames[words[1]] = words[2], paths[words[3]], words[4]
            elif words[0] == "HEAP" and words[-1] != "inherited" and (float(words[3]) >= 0 or float(words[4]) > 0):  # else it has ended
                frame, line = words[2], None
                while frame in frames and line is None:
                    frame, path, number = frames[frame]
                    line = int(number) if path.endswith(script) else None
                sums[line] = sums.get(line, 0) + float(words[3])
        return sums

    def top(self, script):
        held = self.held(script)
        held.pop(None, None)
        return max(held, key=held.get) if held else None


class Faults(Heap):
    def why(self):
        return json.loads(self.mprof("why", "--json", "a.dat", status=0).stdout)["lines"]["words"]

    def test_what_holds_on_is_on_top(self):
        for name in FAULTS:
            path = TARGETS / f"heap_{name}.py"
            with self.subTest(name):
                self.record("/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable, path)
                leak = marked(path, "# the leak")
                self.assertEqual(self.top(path.name), leak, self.held(path.name))
                self.assertRegex(self.why(), rf"\Aheld at [\w. ]+, of [\d.]+ \S+: {path.name}:{leak} ")

    def test_a_vector_of_c_plus_plus(self):
        compiler = shutil.which("c++") or shutil.which("g++")
        if not compiler or not (lab.BUILD / "mprof-c-native").exists():
            self.skipTest("no compiler of C++ here, or nothing that names native frames")
        path = TARGETS / "heap_vector.cpp"
        subprocess.run([compiler, "-g", "-O1", "-o", self.folder / "vector", path], check=True)
        self.record("./vector")
        self.assertIn(self.top(path.name), (marked(path, "// the leak"), marked(path, "// the leak") + 1), self.held(path.name))
        self.assertNotIn("[not known]", (self.folder / "a.dat").read_text())  # though it may have ended before anybody looked


class Versions(Heap):
    def test_lines_hold_what_tracemalloc_says(self):
        path = TARGETS / "heap_kinds.py"
        for python, minor in pythons().items():
            with self.subTest(python):
                said = subprocess.run([python, path], env={**self.env, "TRACE": "1"}, stdout=subprocess.PIPE, text=True, check=True).stdout
                truth = {int(line): int(size) / 2**20 for line, size in map(str.split, said.splitlines())}
                self.record(python, path, options=["--heap=16384"])
                held = self.held(path.name)
                for kind in ("strings", "dicts", "tuples", "slots"):
                    line = marked(path, f"# {kind}")
                    self.assertLess(abs(held.get(line, 0) / truth[line] - 1), 0.15, f"{kind}: {held.get(line)} of {truth[line]} MiB")

    def test_whatever_allocates_for_it(self):
        path = TARGETS / "heap_kinds.py"
        ways = [({"PYTHONMALLOC": "malloc"}, []), ({"PYTHONMALLOC": "debug"}, []), ({"PYTHONMALLOC": "pymalloc"}, []), ({}, ["-X", "dev", "-X", "tracemalloc"])]
        for env, options in ways:
            with self.subTest(str((env, options))):
                self.record(sys.executable, *options, path, env=env, options=["--heap=64K"])
                held = self.held(path.name)
                for kind, least in (("strings", 8), ("dicts", 6), ("tuples", 6), ("slots", 5)):
                    self.assertGreater(held.get(marked(path, f"# {kind}"), 0), least * 0.8, kind)

    def test_one_that_is_loaded_late(self):
        library = next(iter(sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[0-9].*/lib/libpython3.1[0-9].so.1.0")))), None)
        if not library:
            self.skipTest("no library of a Python here")
        script = "def make():\n    return [{'a': None} for _ in range(100000)]\nheld = make()\nimport os; os._exit(0)\n"
        home = str(Path(library).parent.parent)
        self.record(lab.target("embed"), library, script, input="go\n", env={"PYTHONHOME": home})
        self.assertEqual(self.top("<string>"), 2)
        self.assertGreater(self.held("<string>")[2], 10)


class Unnoticed(Heap):
    def test_tracemalloc_inside_starts_and_stops(self):
        script = self.folder / "traced.py"
        script.write_text("import tracemalloc\ndef make(n):\n    return [{'a': None} for _ in range(n)]\nheld = make(20000)\n"
                          "tracemalloc.start()\nmore = make(20000)\nsize = tracemalloc.get_traced_memory()[0]\ntracemalloc.stop()\n"
                          "assert size > 20000 * 100, size\nlast = make(20000)\ndel more\n")
        self.record(sys.executable, script, options=["--heap=32K"])
        held = self.held("traced.py")
        self.assertGreater(held[3], 40000 * 150 / 2**20)
        self.assertLess(held[3], 40000 * 300 / 2**20)

    def test_threads_forks_and_deep_recursion(self):
        script = self.folder / "busy.py"
        script.write_text("""import os, sys, threading
def make(n):
    return [[None] for _ in range(n)]
def deep(n):
    return deep(n - 1) if n else make(30000)
held = []
def work():
    for _ in range(10):
        held.append(make(3000))
threads = [threading.Thread(target=work) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        mine = deep(100)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
sys.setrecursionlimit(5000)
held.append(deep(900))
""")
        self.record(sys.executable, script, options=["--heap=32K"])
        self.assertEqual(self.top("busy.py"), 3)

    def test_its_environment_is_its_own(self):
        """Nor that of its children, which are seen all the same, however they are started."""
        script = self.folder / "env.py"
        child = "import os; assert not [k for k in os.environ if k == 'MPROF_HEAP' or 'libmprof' in os.environ[k]], os.environ; assert 'libmprof-heap' in open('/proc/self/maps').read()"
        script.write_text(f"""import os, subprocess, sys
child = {child!r}
exec(child)
words = [sys.executable, "-c", child]
for env in (None, dict(os.environ), {{**os.environ, "LD_PRELOAD": ""}}):
    subprocess.run(words, env=env, check=True)
os.posix_spawn(words[0], words, dict(os.environ))
assert os.wait()[1] == 0
if os.fork() == 0:
    os.execve(words[0], words, dict(os.environ))
assert os.wait()[1] == 0
own = os.environ.get("LD_PRELOAD", "")
os.environ["LD_PRELOAD"] = sys.argv[1]
subprocess.run([words[0], "-c", child + "; assert os.environ['LD_PRELOAD'] == " + repr(sys.argv[1])], check=True)
assert subprocess.run(words, env={{}}, stderr=subprocess.DEVNULL).returncode == 1  # none is given to it
""")
        library = next(iter(glob.glob("/usr/lib/*-linux-gnu/libm.so.6")), "")
        for python in pythons():
            for more in ((), ("--func=nothing",)):
                with self.subTest(python, more=more):
                    self.record(python, script, library, options=["-C", *more])


if __name__ == "__main__":
    lab.main()
