"""pip install . : from a copy of the tree into an empty venv, the programs find their helpers there and Python the module."""
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

PYTHON = Path(pythons.SYSTEM)  # Debian's meson-python belongs to Debian's Python
GROW = "@profile\ndef grow():\n    kept = [1] * 3000000\n    return kept\ngrow()\n"


def has(module):
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", f"import {module}"], stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(has("mesonpy"), "no meson-python: python3-mesonpy")
@unittest.skipUnless(has("ensurepip"), "no venv: python3-venv")
@unittest.skipIf(lab.SANITIZED, "a wheel is built by itself, not sanitized")
class Wheel(lab.Lab):
    def say(self, *words, **env):
        done = subprocess.run(list(map(str, words)), cwd=self.folder, env={**self.env, **env}, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout[-4000:]}")
        return done.stdout

    def test_what_pip_installs(self):
        source, venv = self.folder / "source", self.folder / "venv"
        shutil.copytree(lab.ROOT, source, ignore=lambda folder, names: {
            name for name in names if name == ".git" or Path(folder) == lab.ROOT and name.startswith("build")})
        self.say(PYTHON, "-m", "venv", "--system-site-packages", venv)
        # Not optimized, which is faster built; with Debian's tools, which build this.
        self.say(venv / "bin" / "pip", "install", "--no-build-isolation", "--no-deps", "--no-index",
                 "--config-settings=setup-args=-Doptimization=0", source, PATH=f"/usr/bin:/bin:{self.env['PATH']}")
        shutil.rmtree(source)
        self.runs(venv / "bin")
        self.say(venv / "bin" / "pip", "uninstall", "-y", "mprof-c")
        self.assertEqual(list(venv.rglob("*mprof*")), [])

    def runs(self, binaries):
        mprof = binaries / "mprof-c"
        self.say(mprof, "run", "-q", "-o", "a.dat", "sleep", "0.2")
        self.say(mprof, "plot", "-o", "a.png", "a.dat")
        self.assertEqual((self.folder / "a.png").read_bytes()[1:4], b"PNG")
        self.write("grow.py", GROW)
        self.assertIn("kept = [1]", self.say(mprof, "line", "-q", "grow.py", MPROF_PYTHON=str(binaries / "python")))
        self.say(mprof, "run", "-q", "--heap", "-o", "heap.dat", binaries / "python", "-c", "kept = [bytes(n) for n in range(9999)]")
        self.assertTrue(any(row[0] == "HEAP" for row in self.recording("heap.dat")))
        self.assertEqual((lab.BUILD / "mprof-c-native").exists(), (binaries / "mprof-c-native").exists())

        path = {"PATH": "/usr/bin:/bin"}  # the venv is not activated
        self.say(binaries / "python", "-c", "import mprof_c\nwith mprof_c.record(0.01) as r: kept = bytearray(50 << 20)\n"
                 "assert r.increment > 49, r\nr.plot('r.png')", **path)
        told = self.say(binaries / "python", "-c", "import mprof_c; print(mprof_c.__path__[0])").strip()
        self.assertEqual(Path(told).parents[3], binaries.parent)
        shim = os.path.join(told, "memory_profiler")
        self.assertIn("kept = [1]", self.say(binaries / "python", "-m", "memory_profiler", "grow.py", PYTHONPATH=shim))
        self.assertIn("grow.py", self.say("mprof", "list", PATH=f"{shim}:{binaries}:/usr/bin:/bin"))


if __name__ == "__main__":
    lab.main()
