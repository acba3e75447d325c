"""What the tests on the real binaries share: a folder of their own, the commands, and TAP on standard output.

Run one file by itself:  MPROF_BUILD=build python3 tests/cli/test_run.py [TestClass.test_name]
"""
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

import terminals

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("MPROF_BUILD", ROOT / "build")).resolve()
MPROF = str(BUILD / "mprof-c")
COMPAT = ROOT / "tests" / "compat" / "recordings"
SANITIZED = bool(os.environ.get("MPROF_SANITIZED"))  # timings mean nothing there


def target(name):
    """A helper program built from tests/targets/NAME.c."""
    return str(BUILD / "tests" / name)


def remove_group(path):
    """A control group that whoever ended in it may not have left yet."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return path.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class _Attempt(unittest.TestResult):
    """What one attempt at a test came to, to be told or thrown away."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        self.calls.append(("addSubTest", test, subtest, err))

    def addSuccess(self, test):
        self.calls.append(("addSuccess", test))

    def addSkip(self, test, reason):
        self.calls.append(("addSkip", test, reason))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.calls.append(("addFailure", test, err))

    def addError(self, test, err):
        super().addError(test, err)
        self.calls.append(("addError", test, err))

    def why(self):
        """The last line of the first thing that went wrong."""
        return (self.failures + self.errors)[0][1].strip().splitlines()[-1][:200]


class Lab(unittest.TestCase):
    """Each test runs in an empty folder, with a plain environment.

    To watch a program that runs is a measurement, on a machine that may give nobody a processor for a while: a test that
    fails is made again from its beginning, three times at most, a little later each time, and says so; the summary counts
    them. What is false stays false.
    """

    maxDiff = None

    def run(self, result=None):
        for pause in 1, 2, 4:
            attempt = _Attempt()
            super().run(attempt)
            if attempt.wasSuccessful():
                break
            print(f"# again: {type(self).__name__}.{self._testMethodName}: {attempt.why()}", flush=True)
            time.sleep(pause)
            self.__dict__ = dict(type(self)(self._testMethodName).__dict__)
        else:
            return super().run(result)
        for name, *rest in attempt.calls:
            getattr(result, name)(*rest)
        return result

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mprof-lab-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        keep = ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")  # no LD_LIBRARY_PATH, which meson leads to what is built
        self.env = {k: os.environ[k] for k in keep if k in os.environ}
        self.env["LC_ALL"] = "C.UTF-8"

    def mprof(self, *args, status=None, env=None, text=True, timeout=60, **kw):
        """Runs mprof-c; `status` asserts the exit status. Standard input is empty unless given."""
        if "input" not in kw:
            kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("cwd", self.folder)
        done = subprocess.run([MPROF, *map(str, args)], stdout=kw.pop("stdout", subprocess.PIPE),
                              stderr=kw.pop("stderr", subprocess.PIPE), text=text, timeout=timeout,
                              env={**self.env, **(env or {})}, **kw)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{args}: {done.stdout!r} {done.stderr!r}")
        return done

    def in_terminal(self, *args, columns=80, rows=25, env=None):
        """What the program writes to a terminal of that size."""
        leader, follower = terminals.open_pair()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen([MPROF, *map(str, args)], cwd=self.folder, stdin=follower, stdout=follower,
                                   stderr=follower, env={**self.env, "TERM": "xterm", **(env or {})})
        os.close(follower)
        output = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not block:
                break
            output += block
        os.close(leader)
        self.assertEqual(process.wait(timeout=60), 0, output)
        return output.decode().replace("\r\n", "\n")

    def refuses(self, *args, status=2, says=""):
        """Bad input: that status, nothing on standard output, one line 'mprof-c: …' that holds `says`."""
        done = self.mprof(*args)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]+\n\Z")
        self.assertIn(says, done.stderr)
        return done.stderr

    def wait_for(self, condition, seconds=20):
        """What `condition` says in the end."""
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        return condition()

    def wait_until_it_holds(self, pid, mib):
        """Until a process has grown to so much: on a busy machine that takes a while."""
        statm = Path(f"/proc/{pid}/statm")
        self.assertTrue(self.wait_for(lambda: int(statm.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >= mib << 20))

    def wait_until_it_sleeps(self, pid):
        """Until its main thread has come to where it stays, after it has said that it is about to."""
        stat = Path(f"/proc/{pid}/stat")
        self.assertTrue(self.wait_for(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "S"))

    def recording(self, name="a.dat"):
        """The lines of a recording, each split at blanks."""
        return [line.split() for line in (self.folder / name).read_text(errors="replace").splitlines()]

    def write(self, name, content, mode=0o644):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path


class _Tap(unittest.TestResult):
    count = 0

    def line(self, test, ok, note=""):
        self.count += 1
        name = ".".join(test.id().split(".")[1:])
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}{note}", flush=True)

    def addSuccess(self, test):
        self.line(test, True)

    def addSkip(self, test, reason):
        self.line(test, True, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print(self.failures[-1][1], file=sys.stderr)  # which --print-errorlogs shows
        self.line(test, False)

    def addError(self, test, err):
        super().addError(test, err)
        print(self.errors[-1][1], file=sys.stderr)  # which --print-errorlogs shows
        self.line(test, False)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


def main():
    names = sys.argv[1:]
    loader = unittest.defaultTestLoader
    module = sys.modules["__main__"]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = _Tap()
    suite.run(result)
    print(f"1..{result.count}", flush=True)
    sys.exit(0 if result.wasSuccessful() else 1)
