"""memory_usage of mprof_c against memory_profiler's own: the same calls, the same results."""
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

MODULE = lab.BUILD / "recorder" / "library" / "python"
CHECKS = lab.ROOT / "tests" / "compat" / "usage_checks.py"


def python():
    """The first that has memory_profiler: Debian's package belongs to Debian's Python."""
    for path in dict.fromkeys(("/usr/bin/python3", sys.executable)):
        if Path(path).exists() and subprocess.run([path, "-c", "import memory_profiler"], stderr=subprocess.DEVNULL).returncode == 0:
            return path
    return None


PYTHON = python()


@unittest.skipUnless(PYTHON, "memory_profiler is not installed")
@unittest.skipUnless((MODULE / "mprof_c" / "_native.abi3.so").exists(), "the module is not built here: no Python headers")
@unittest.skipIf(lab.SANITIZED, "a sanitized library needs a sanitized Python")
class MemoryUsage(lab.Lab):
    def test_call_by_call(self):
        done = subprocess.run([PYTHON, CHECKS], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200,
                              env={**self.env, "PYTHONPATH": str(MODULE), "PYTHONDONTWRITEBYTECODE": "1"})
        print(f"# {done.stdout.splitlines()[-3]}")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    lab.main()
