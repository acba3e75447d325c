"""The standard library's own tests end the same way while the stacks of their threads, and of their children, are read."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

# Such as wait for children, catch signals, and call and return all the time.
SMALL = ["test_generators", "test_contextlib", "test_select", "test_posix"]
LARGE = SMALL + ["test_coroutines", "test_asyncgen", "test_signal", "test_threading", "test_subprocess", "test_os", "test_fork1",
                 "test_wait4", "test_threadsignals", "test_gc", "test_sys_settrace", "test_faulthandler", "test_multiprocessing_main_handling", "test_wait3",
                 "test_eintr"]


class StandardLibrary(lab.Lab):
    """MPROF_TEST_STDLIB=1: many more of them."""

    def has(self, python, name):
        # Debian keeps them in another package.
        return subprocess.run([python, "-c", f"import test.{name}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd=self.folder).returncode == 0

    def compare(self, python, name):
        words = [python, "-m", "test", "-q", name]
        bare = subprocess.run(words, cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL, timeout=600)
        ours = self.mprof("run", "-q", "-M", "--precise", "-o", "a.dat", *words, timeout=600)
        self.assertEqual(ours.returncode, bare.returncode, (python, name, ours.stderr[-2000:]))
        return any(r[0] == "GROW" for r in self.recording())

    @unittest.skipIf(lab.SANITIZED, "what is tested here is not sanitized")
    def test_its_own_tests(self):
        pythons.announce()
        ran = seen = 0
        for python in pythons.supported().values():
            for name in LARGE if os.environ.get("MPROF_TEST_STDLIB") else SMALL:
                if self.has(python, name):
                    seen += self.compare(python, name)
                    ran += 1
        if ran == 0:
            self.skipTest("no Python here has the tests of its standard library")
        print(f"# {ran} modules, in {seen} of which growth was seen", flush=True)


if __name__ == "__main__":
    lab.main()
