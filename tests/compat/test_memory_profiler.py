"""Side by side with Debian's python3-memory-profiler: its mprof reads, sums up and draws our recordings, we read its own,
and every Python at hand runs its programs under mprof-c as if alone."""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fleet
import lab

PYTHON = "/usr/bin/python3"
PROGRAMS = lab.ROOT / "tests" / "compat" / "programs"
HOSTILE = [b"a\n\nb", b"MEM 99999 1", b"x\nMEM 99999 1\nCHLD 1 99999 1\n", b"\xff\xfe", "유니코드".encode(), b"", b"'", b'"',
           b"\\", b"$HOME `id`", b"a\tb", b"-5", b"--", b"\r", b"\x1b[31m", b"#", b"*"]

# Their reader, and what it finds, as JSON.
READER = """
import json, sys, mprof
found = mprof.read_mprofile_file(sys.argv[1])
json.dump({key: found[key] for key in ("mem_usage", "timestamp", "func_timestamp", "cmd_line", "children")}, sys.stdout)
"""


def has(module):
    try:
        return subprocess.run([PYTHON, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=60).returncode == 0
    except OSError:
        return False


HAVE_MPROF = has("mprof")
HAVE_PLOT = HAVE_MPROF and has("pylab")
needs_mprof = unittest.skipUnless(HAVE_MPROF, "Debian's python3-memory-profiler is not installed")
needs_plot = unittest.skipUnless(HAVE_PLOT, "python3-memory-profiler and python3-matplotlib are not both installed")


class Interop(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["MPLBACKEND"] = "Agg"
        self.env["MPLCONFIGDIR"] = str(self.folder / "matplotlib")

    def theirs(self, *args, status=0):
        """Runs their mprof."""
        done = subprocess.run([PYTHON, "-m", "mprof", *map(str, args)], cwd=self.folder, env=self.env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, status, f"mprof {args}: {done.stderr}")
        return done.stdout

    def as_they_read(self, path):
        done = subprocess.run([PYTHON, "-c", READER, str(path)], cwd=self.folder, env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def record(self, *args, status=0):
        self.mprof("run", "-q", "-T", "0.02", "-o", "a.dat", *args, status=status)
        return self.folder / "a.dat"

    def agree_on_peaks(self, *paths):
        """Each line of their peak is among ours, in their order; ours may say more."""
        said = [line.rstrip() for line in self.theirs("peak", *paths).splitlines() if "\t" in line]
        ours = [re.sub(r"(Child .* MiB)  \S.*", r"\1", line) for line in self.mprof("peak", *paths, status=0).stdout.splitlines()]  # names
        self.assertEqual(sorted(line for line in ours if line in said), sorted(said), ours)  # which child is met first is luck
        self.assertGreaterEqual(len(said), len(paths))


@needs_mprof
class TheyReadOurs(Interop):
    def test_samples(self):
        path = self.record("sleep", "0.3")
        found, rows = self.as_they_read(path), self.recording()
        samples = [row for row in rows if row[0] == "MEM"]
        self.assertGreater(len(samples), 5)
        self.assertEqual(found["mem_usage"], [float(row[1]) for row in samples])
        self.assertEqual(found["timestamp"], [float(row[2]) for row in samples])
        self.assertEqual(found["cmd_line"], "sleep 0.3\n")
        self.agree_on_peaks("a.dat")

    def test_children(self):
        path = self.record("-M", "sh", "-c", "sleep 0.4 & sleep 0.4; wait")
        found, rows = self.as_they_read(path), self.recording()
        self.assertEqual(set(found["children"]), {row[1] for row in rows if row[0] == "CHLD"})
        self.assertGreaterEqual(len(found["children"]), 2)
        self.agree_on_peaks("a.dat")

    def test_whole_tree(self):
        path = self.record("-C", "-M", "sh", "-c", "sleep 0.4 & sleep 0.4; wait")
        found = self.as_they_read(path)
        at_once = max(sum(v) for v in zip(*[[m for m, _ in c][:5] for c in found["children"].values()]))
        self.assertGreater(max(found["mem_usage"]), at_once)
        self.agree_on_peaks("a.dat")

    def test_exact_peaks_and_marks(self):
        path = self.record("-X", "-C", "-M", "--at", "40M:mark", lab.target("spikes"), "2", "40", "0.1")
        found, rows = self.as_they_read(path), self.recording()
        self.assertIn("MARK", [row[0] for row in rows])
        self.assertEqual(found["mem_usage"], [float(row[1]) for row in rows if row[0] == "MEM"])
        self.agree_on_peaks("a.dat")

    def test_what_was_merged(self):
        """They read what all ranks held together."""
        fleet.make(self.folder / "rec", 16)
        self.mprof("merge", "-o", "a.dat", "rec", status=0)
        found, rows = self.as_they_read(self.folder / "a.dat"), self.recording()
        self.assertEqual(found["mem_usage"], [float(row[1]) for row in rows if row[0] == "MEM"])
        self.assertEqual(found["cmd_line"], "python train.py\n")
        self.agree_on_peaks("a.dat")

    def test_hostile_arguments(self):
        path = self.record("sh", "-c", "sleep 0.1", *map(os.fsdecode, HOSTILE))
        found = self.as_they_read(path)
        self.assertEqual(found["children"], {})
        self.assertGreater(len(found["mem_usage"]), 1)
        self.assertLess(max(found["mem_usage"]), 1000)
        self.agree_on_peaks("a.dat")
        bash = shutil.which("bash")
        if bash:  # the command line is quoted so that a shell takes it back
            script = f"set -f; printf '%s\\0' {found['cmd_line']}"
            words = subprocess.run([bash, "-c", script], stdout=subprocess.PIPE, check=True,
                                   env={**self.env, "LC_ALL": "C"}).stdout.split(b"\0")[:-1]
            self.assertEqual(words, [b"sh", b"-c", b"sleep 0.1", *HOSTILE])

    def test_recording_of_a_killed_recorder(self):
        recorder = subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.01", "-o", "a.dat", "sleep", "2"], cwd=self.folder,
                                    env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        path, deadline = self.folder / "a.dat", time.monotonic() + 20
        while time.monotonic() < deadline and not (path.exists() and path.read_bytes().count(b"\nMEM ") > 10):
            time.sleep(0.01)
        recorder.send_signal(signal.SIGKILL)
        recorder.wait()
        found = self.as_they_read(path)
        self.assertGreater(len(found["mem_usage"]), 10)
        self.agree_on_peaks("a.dat")

    def test_recording_cut_after_any_line(self):
        lines = self.record("-M", "sh", "-c", "sleep 0.2; true").read_bytes().splitlines(keepends=True)
        step = max(1, len(lines) // 8)
        for end in [*range(1, min(5, len(lines))), *range(5, len(lines), step)]:
            part = self.write("part.dat", b"".join(lines[:end]))
            samples = sum(line.startswith(b"MEM ") for line in lines[:end])
            self.assertEqual(len(self.as_they_read(part)["mem_usage"]), samples)

    def test_default_names_are_listed(self):
        for _ in range(2):
            self.mprof("run", "-q", "true", status=0)
        listed = self.theirs("list").splitlines()
        self.assertEqual(len(listed), 2)
        ours = self.mprof("list", status=0).stdout
        for line in listed:  # of two in a second, one has the next second's name: ours tells when it ran
            index, name, _, _ = line.split()
            self.assertRegex(ours, rf"(?m)^\s*{index}\s+{re.escape(name)}\s+\d\d:\d\d:\d\d\s+\d\d/\d\d/\d{{4}}\b")

    @needs_plot
    def test_they_draw_ours(self):
        self.record("-C", "-M", "sh", "-c", "sleep 0.3 & sleep 0.3; wait")
        for options in ((), ("-f",), ("-s", "-n")):
            self.theirs("plot", *options, "-o", "a.png", "a.dat")
            picture = self.folder / "a.png"
            self.assertEqual(picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
            picture.unlink()


@needs_mprof
class WeReadTheirs(Interop):
    def test_kept_recordings(self):
        for path in sorted(lab.COMPAT.glob("*.dat")):
            shutil.copy(path, self.folder)
        names = sorted(path.name for path in self.folder.glob("*.dat"))
        self.assertGreaterEqual(len(names), 5)
        self.agree_on_peaks(*names)

    def test_fresh(self):
        self.theirs("run", "-T", "0.02", "-o", "a.dat", "sleep", "0.4")
        self.agree_on_peaks("a.dat")
        self.drawn("a.dat")

    def test_fresh_children(self):
        for option in ("-C", "-M"):
            self.theirs("run", option, "-T", "0.02", "-o", f"a{option}.dat", "sh", "-c", "sleep 0.4 & sleep 0.4; wait")
        self.agree_on_peaks("a-C.dat", "a-M.dat")
        self.drawn("a-M.dat")

    def test_fresh_functions(self):
        self.theirs("run", "-T", "0.02", "-o", "a.dat", PROGRAMS / "nested.py")
        self.assertEqual(sum(row[0] == "FUNC" for row in self.recording()), 4)
        self.agree_on_peaks("a.dat")
        self.assertIn("inner", self.drawn("a.dat"))

    def test_appended_runs_read_as_the_last(self):
        for seconds in ("0.3", "0.4"):
            self.theirs("run", "-T", "0.02", "-o", "a.dat", "sleep", seconds)
        rows = self.recording()
        second = [i for i, row in enumerate(rows) if row[0] == "CMDLINE"][1]
        last = max(float(row[1]) for row in rows[second:] if row[0] == "MEM")
        done = self.mprof("peak", "a.dat", status=0)
        self.assertEqual(done.stdout.splitlines()[0], f"a.dat\t{last:.3f} MiB")

    def test_default_names_are_listed(self):
        self.theirs("run", "-T", "0.02", "sleep", "0.2")
        index, name, hour, date = self.theirs("list").split()
        self.assertRegex(self.mprof("list", status=0).stdout, rf"(?m)^\s*0\s+{re.escape(name)}\s+{hour}\s+{date}\b")

    def drawn(self, name):
        self.mprof("plot", "-o", "a.svg", name, status=0)
        return (self.folder / "a.svg").read_text()


# ---- every Python at hand ----

PICKLES = """
import multiprocessing, pickle, sys

def double(x):
    return 2 * x

class Thing(object):
    pass

if __name__ == "__main__":
    assert sys.modules["__main__"].double is double
    assert type(pickle.loads(pickle.dumps(Thing()))) is Thing
    assert pickle.loads(pickle.dumps(double))(4) == 8
    pool = multiprocessing.get_context("spawn").Pool(2)
    print(pool.map(double, [1, 2, 3]), sys.version_info[:2])
    pool.close()
    pool.join()
"""
EXPECTED = [(3, minor) for minor in range(6, 15)]


def pythons():
    """(version, path) of each CPython 3 here, one a version."""
    places = [PYTHON, sys.executable, *glob.glob("/usr/bin/python3.[0-9]*"), *glob.glob("/usr/local/bin/python3.[0-9]*"),
              *glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3"))]
    found = {}
    for path in places:
        if path.endswith("-config") or not os.access(path, os.X_OK):
            continue
        done = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        if done.returncode == 0:
            found.setdefault(tuple(map(int, done.stdout.split())), path)
    return sorted(found.items())


class Pythons(lab.Lab):
    def test_program_is_the_real_main(self):
        found = pythons()
        self.assertTrue(found)
        missing = [".".join(map(str, v)) for v in EXPECTED if v not in dict(found)]
        print("# run by", *(".".join(map(str, v)) for v, _ in found), "- not here:", *(missing or ["none"]), flush=True)
        program = self.write("pickles.py", PICKLES)  # no x bit: $MPROF_PYTHON runs it
        for version, path in found:
            with self.subTest(version=version):
                done = self.mprof("run", "-q", "-C", "-M", "-o", "a.dat", program, env={"MPROF_PYTHON": path}, status=0)
                self.assertEqual(done.stdout, f"[2, 4, 6] {version}\n")
                self.assertEqual(done.stderr, "")
                command = next(row for row in self.recording() if row[0] == "CMDLINE")
                self.assertEqual(command[1:], [path, str(program)])


if __name__ == "__main__":
    lab.main()
