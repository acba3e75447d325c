"""run --heap, the recorder's side: what a library in the program has left in the memory that they share is told, however the program ends.
A stand-in writes it, so that each figure is known."""
import shutil
import struct
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

NEVER = "no heap was seen"


class Told(lab.Lab):
    def setUp(self):
        super().setUp()
        self.home = self.folder / "bin"
        self.home.mkdir()
        for name in ("mprof-c", "mprof-c-native"):
            if (lab.BUILD / name).exists():
                shutil.copy(lab.BUILD / name, self.home)
        shutil.copy(lab.BUILD / "tests" / "libmock-heap.so", self.home / "libmprof-heap.so")

    def record(self, what, *words, options=(), status=0):
        done = subprocess.run([self.home / "mprof-c", "run", "-q", "--heap", "-o", "a.dat", *options, *words], cwd=self.folder, timeout=60,
                              env={**self.env, "HEAP_MOCK": what}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def heaps(self):
        """(pid, frame) → sums of live, given back and blocks."""
        sums = {}
        for line in self.recording():
            if line[0] == "HEAP":
                key = int(line[1]), int(line[2]), "inherited" in line
                one = sums.setdefault(key, [0.0, 0.0, 0])
                sums[key] = [one[0] + float(line[3]), one[1] + float(line[4]), one[2] + int(line[5])]
        return sums

    def frames(self):
        """number → "path:line function", and the caller's number."""
        paths, frames = {}, {}
        for line in self.recording():
            if line[0] == "PATH":
                paths[line[1]] = line[2]
            elif line[0] == "FRAME":
                frames[int(line[1])] = f"{paths[line[3]]}:{line[4]} {' '.join(line[5:])}", int(line[2])
        return frames

    def meta(self):
        return dict(word.split("=", 1) for line in self.recording() if line[0] == "META" for word in line[1:])

    def test_what_lives_and_what_was_given_back(self):
        self.assertEqual(self.record("p", "sleep", "0.3"), "")
        (pid, frame, _), sums = self.heaps().popitem()
        self.assertEqual(sums, [5, 3, 20])
        self.assertEqual(pid, int(self.meta()["pid"]))
        place, caller = self.frames()[frame]
        self.assertEqual((place, self.frames()[caller][0]), ("/srv/a.py:88 fill", "/srv/b.py:7 <module>"))
        self.assertEqual((self.meta()["heap"], self.meta()["heap_seen"]), ("262144", "1"))
        self.assertNotIn("heap_lacks", self.meta())

    def test_a_program_that_ends_before_the_first_look(self):
        self.record("p", "true")
        self.assertEqual(list(self.heaps().values()), [[5, 3, 20]])

    def test_a_program_that_is_killed(self):
        self.record("pwk", "sleep", "9", status=-9)
        self.assertEqual(list(self.heaps().values()), [[5, 3, 20]])

    def test_without_what_tells_where_it_grows(self):
        self.record("p", "true", options=["--where=off"])
        (_, frame, _), sums = self.heaps().popitem()
        self.assertEqual(self.frames()[frame][0], "/srv/a.py:88 fill")

    def test_what_another_program_of_that_process_held_is_given_back(self):
        self.record("p", "sh", "-c", "sleep 0.3; exec sleep 0.3", options=["-C"])
        pid = int(self.meta()["pid"])
        sums = [s for (p, _, _), s in self.heaps().items() if p == pid]
        self.assertEqual(sums, [[5, 11, 20]])  # 5 of the shell's, and 3 of each
        self.assertEqual(self.meta()["heap_seen"], "3")

    def test_many_children_at_once(self):
        self.record("p", "sh", "-c", f"i=0; while [ $i -lt 200 ]; do {shutil.which('true')} & i=$((i+1)); done; wait")
        self.assertEqual(int(self.meta()["heap_seen"]), 201)
        held = [s[0] for s in self.heaps().values()]
        self.assertEqual(len(held), 201)
        # No GONE tells their end here: of those that had ended when it was looked last, a record does.
        self.assertTrue(all(s in (0, 5) for s in held), held)

    def test_more_children_than_there_are_places(self):
        shell = f"i=0; while [ $i -lt 1100 ]; do {shutil.which('true')}; i=$((i+1)); done"
        self.record("p", "sh", "-c", shell, options=["-T", "0.02"])
        self.assertEqual(int(self.meta()["heap_seen"]), 1101)

    def test_what_was_inherited(self):
        self.record("i", "sleep", "1")
        self.assertEqual([(key[2], s) for key, s in self.heaps().items()], [(True, [1, 0, 0])])
        self.record("i", "true")
        self.assertEqual(self.heaps(), {})

    @unittest.skipIf(lab.SANITIZED, "the helper that names it is too slow then")
    def test_native_code(self):
        self.record("c", "sleep", "0.3")
        (_, frame, _), sums = self.heaps().popitem()
        self.assertEqual(sums, [2, 0, 0])
        place = self.frames()[frame][0]
        if (self.home / "mprof-c-native").exists():
            self.assertRegex(place, r"/libc[.-].*:\d+ \w*qsort\w*$|:\d+ \w*qsort\w*$")
        (self.home / "mprof-c-native").unlink(missing_ok=True)
        self.record("c", "sleep", "0.3")
        (_, frame, _), sums = self.heaps().popitem()
        self.assertRegex(self.frames()[frame][0], r"/libc[.-][^/]*:0 \+0x[0-9a-f]+$")
        self.assertEqual(sums, [2, 0, 0])

    def test_whoever_overwrites_all_of_it_harms_nobody(self):
        for _ in range(3):
            done = self.record("pcix", "sleep", "0.4", options=["-T", "0.01"])
            self.assertEqual(self.recording()[-1][:2], ["EXIT", "0"])
            self.assertNotIn("AddressSanitizer", done)

    def test_what_it_lacks(self):
        said = self.record("pfghj", "true")
        self.assertEqual(len(said.splitlines()), 4)
        for words in ("no room", "malloc of its own", "another library of LD_PRELOAD", "lines of some Python"):
            self.assertIn(words, said)
        self.assertEqual(self.meta()["heap_lacks"], "room,allocator,displaced,python")

    def test_a_program_that_never_loads_it(self):
        self.assertIn(NEVER, self.record("n", "true"))
        self.assertEqual(self.meta()["heap_seen"], "0")

    def test_the_environment_is_that_of_the_program(self):
        self.write("env.py", "import os\nprint(os.environ.get('LD_PRELOAD'))\n")
        done = subprocess.run([self.home / "mprof-c", "run", "-q", "--heap", "--python", "-o", "a.dat", "env.py"], cwd=self.folder, timeout=60,
                              env={**self.env, "HEAP_MOCK": "p", "LD_PRELOAD": ""}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertIn("libmprof-heap.so", done.stdout)


@unittest.skipIf(lab.SANITIZED, "a sanitizer has its own allocator")
class Whole(lab.Lab):
    """With the library itself."""

    PROGRAM = "import os\nkept = []\nfor i in range(40000):\n    kept.append(bytearray(1000))\n"

    def live(self):
        sums = {}
        for line in self.recording():
            if line[0] == "HEAP":
                sums[line[2]] = sums.get(line[2], 0) + float(line[3])
        frame = max(sums, key=sums.get)
        function = next(line for line in self.recording() if line[:2] == ["FRAME", frame])
        return sums[frame], int(function[4])

    def ends(self, last, status):
        self.write("a.py", self.PROGRAM + last)
        self.mprof("run", "-q", "--heap=16K", "-o", "a.dat", sys.executable, "a.py", status=status)
        live, line = self.live()
        self.assertEqual(line, 4)
        self.assertAlmostEqual(live, 40, delta=6)  # 39.5 with what malloc asks for each: 2560 samples, so 2 % is usual

    def test_ends(self):
        for last, status in (("", 0), ("raise SystemExit(3)\n", 3), ("os._exit(4)\n", 4), ("os.kill(os.getpid(), 9)\n", -9)):
            with self.subTest(last):
                self.ends(last, status)


class Refused(lab.Lab):
    """What cannot be looked into is told in one sentence, and runs."""

    def refused(self, *words, says, options=(), status=0, **kw):
        done = self.mprof("run", "-q", "--heap", "-o", "a.dat", *options, *words, **kw)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(len([l for l in done.stderr.splitlines() if "heap" in l]), 1, done.stderr)
        return done

    def test_a_static_program(self):
        static = lab.target("tiny")
        if "INTERP" in subprocess.run(["readelf", "-lW", static], stdout=subprocess.PIPE, text=True).stdout:
            self.skipTest("nothing can be linked statically here")
        self.refused(static, says="it is linked statically")

    def test_a_program_of_another_machine(self):
        program = bytearray(Path(shutil.which("true")).read_bytes())
        struct.pack_into("<H", program, 18, 8)  # MIPS
        self.write("alien", bytes(program), 0o755)
        done = self.mprof("run", "-q", "--heap", "-o", "a.dat", "./alien")
        self.assertIn("it is made for another machine", done.stderr)

    def test_a_c_library_that_is_too_old(self):
        if not shutil.which("gcc"):
            self.skipTest("no gcc here; install it")
        self.write("later.map", "GLIBC_9.9 { global: from_later; };\n")
        self.write("later.c", "int from_later(void) { return 1; }\n")
        self.write("needs.c", "int from_later(void);\n__attribute__((constructor)) static void begin(void) { from_later(); }\n")
        for words in (["-Wl,-soname,libc.so.6", "-Wl,--version-script=later.map", "-o", "libc.so.6", "later.c"], ["-o", "needs.so", "needs.c", "./libc.so.6"]):
            subprocess.run(["gcc", "-shared", "-fPIC", "-nostdlib", *words], cwd=self.folder, check=True)
        (self.folder / "bin").mkdir()
        for name, file in (("mprof-c", lab.BUILD / "mprof-c"), ("libmprof-heap.so", self.folder / "needs.so"), ("libmprof-python.so", self.folder / "needs.so")):
            shutil.copy(file, self.folder / "bin" / name)
        for options in (["--heap"], ["--python"]):
            done = subprocess.run(["bin/mprof-c", "run", "-q", *options, "-o", "a.dat", sys.executable, "-c", "print(7); raise SystemExit(3)"], cwd=self.folder,
                                  env=self.env, capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (3, "7\n"), done.stderr)
            self.assertRegex(done.stderr, r"\Amprof-c: warning: the (heap|inside) of \S+ cannot be seen: the C library here is older than mprof-c's libraries need\n\Z")

    def test_no_library(self):
        shutil.copy(lab.BUILD / "mprof-c", self.folder / "mprof-c")
        done = subprocess.run([self.folder / "mprof-c", "run", "-q", "--heap", "-o", "a.dat", "true"], cwd=self.folder, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not done.stderr:
            self.skipTest("it is installed here")
        self.assertRegex(done.stderr, r"\Amprof-c: warning: the heap cannot be seen: libmprof-heap\.so is neither beside mprof-c nor in \S+\n\Z")
        self.assertEqual(done.returncode, 0)

    def test_attach_has_no_such_option(self):
        self.refuses("attach", "--heap", "1", says="attach has no option --heap")

    def test_sizes(self):
        for size in ("0", "0B", "2T", "x", "", "-1", "1e30"):
            self.refuses("run", f"--heap={size}", "true", says="--heap takes a size from 1B to 1T")
        self.assertIn("--heap=4B takes a sample at most allocations", self.mprof("run", "--heap=4", "-o", "a.dat", "true", status=0).stderr)

    def test_a_word_behind_it_is_the_program(self):
        done = self.mprof("run", "-q", "--heap", "-o", "a.dat", "echo", "64K", status=0)
        self.assertEqual(done.stdout, "64K\n")


if __name__ == "__main__":
    lab.main()
