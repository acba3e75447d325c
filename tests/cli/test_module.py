"""mprof_c, the Python module: one binary for every CPython from 3.8 that this machine has."""
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

MODULE = lab.BUILD / "recorder" / "library" / "python"
BUILT = (MODULE / "mprof_c" / "_native.abi3.so").exists()
CHECKS = lab.ROOT / "tests" / "cli" / "module_checks.py"
TELL = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name, hasattr(sys, 'abiflags') and sys.abiflags)"


def pythons():
    """{version: path} of each CPython from 3.8: Debian's, the one that runs this, and those of pyenv."""
    paths = [Path("/usr/bin/python3"), Path(sys.executable)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    paths += sorted(pyenv.glob("versions/3.*/bin/python3"))
    found = {}
    for path in dict.fromkeys(path.resolve() for path in paths if path.exists()):
        done = subprocess.run([path, "-c", TELL], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        version, name, flags = (*done.stdout.split(), "", "", "")[:3]
        if name == "cpython" and "t" not in flags and tuple(map(int, version.split("."))) >= (3, 8):
            found[f"{version} ({path.parent})"] = path
    return found


PYTHONS = pythons()


@unittest.skipUnless(BUILT, "the module is not built here: no Python headers")
@unittest.skipIf(lab.SANITIZED, "a sanitized library needs a sanitized Python")
class Module(lab.Lab):
    def python(self, path, *words, **kw):
        env = {**self.env, "PYTHONPATH": str(MODULE), "PYTHONDONTWRITEBYTECODE": "1", **kw.pop("env", {})}
        return subprocess.run([path, *words], cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, **kw)

    def test_on_every_python(self):
        print("# Pythons:", ", ".join(PYTHONS))
        self.assertGreater(len(PYTHONS), 0)
        for version, path in PYTHONS.items():
            done = self.python(path, CHECKS)
            skipped = re.findall(r"skipped=\d+", done.stdout)
            print(f"# {version}: {done.stdout.splitlines()[-3]} {' '.join(skipped)}")
            with self.subTest(python=version):
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_debug_allocator(self):
        for version, path in PYTHONS.items():
            with self.subTest(python=version):
                done = self.python(path, "-X", "dev", CHECKS, "Recording.test_samples_are_a_buffer", "Usage")
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_nothing_leaks(self):
        code = """
import gc, mprof_c, sys
def once():
    with mprof_c.record(0.001) as r:
        r.samples[0], r.samples[:], memoryview(r.samples).tolist(), r.peak, repr(r)
    mprof_c.memory_usage((len, ("",)))
for _ in range(20): once()
gc.collect(); before = sys.getallocatedblocks(), sys.getrefcount(mprof_c.Samples)
for _ in range(200): once()
gc.collect(); after = sys.getallocatedblocks(), sys.getrefcount(mprof_c.Samples)
assert after[0] - before[0] < 100 and after[1] - before[1] < 5, (before, after)
"""
        for version, path in PYTHONS.items():
            with self.subTest(python=version):
                done = self.python(path, "-c", code)
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_under_run_marks_go_to_its_recording(self):
        code = ("import mprof_c, time\n"
                "with mprof_c.record(0.01, path='own.dat') as r, mprof_c.call('load'):\n"
                "    mprof_c.mark('epoch 3'); time.sleep(0.1)\n"
                "r.plot('own.png')\n")
        self.mprof("run", "--python", "-o", "run.dat", self.write("a.py", code), status=0,
                   env={"PYTHONPATH": str(MODULE), "MPROF_PYTHON": sys.executable})
        kinds = [line[0] for line in self.recording("run.dat")]
        self.assertEqual((kinds.count("MARK"), kinds.count("FUNC")), (1, 1))
        self.assertNotIn("MARK", [line[0] for line in self.recording("own.dat")])

    def test_stubs_and_docstrings(self):
        stub = (lab.ROOT / "recorder" / "library" / "python" / "mprof_c" / "__init__.pyi").read_text()
        told = self.python(sys.executable, "-c",
                           "import mprof_c as m\n"
                           "for name in m.__all__:\n"
                           "    print(name, bool(getattr(m, name).__doc__))\n"
                           "for name in dir(m.record):\n"
                           "    if not name.startswith('_'): print(name, bool(getattr(m.record, name).__doc__))\n")
        self.assertEqual(told.returncode, 0, told.stdout)
        rows = [line.split() for line in told.stdout.splitlines()]
        self.assertGreater(len(rows), 15)
        for name, documented in rows:
            self.assertEqual(documented, "True", name)
            self.assertRegex(stub, rf"(?m)^\s*(def|class) {name}\b")


# Runs cells in a kernel, and tells what each has put out.
NOTEBOOK = r"""
import json, sys
import nbclient, nbformat
cells = [nbformat.v4.new_code_cell(text) for text in json.load(sys.stdin)]
book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}})
nbclient.NotebookClient(book, timeout=120, allow_errors=True).execute()
print(json.dumps([cell.outputs for cell in book.cells]))
"""


@unittest.skipUnless(BUILT, "the module is not built here: no Python headers")
@unittest.skipIf(lab.SANITIZED, "a sanitized library needs a sanitized Python")
class Notebook(lab.Lab):
    """The magics in a kernel of its own, as a notebook has it."""

    def test_what_a_notebook_is_handed(self):
        python = "/usr/bin/python3"
        done = subprocess.run([python, "-c", "import nbclient, ipykernel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) if os.path.exists(python) else None
        if not done or done.returncode:
            self.skipTest("no notebooks here (Debian: python3-nbclient, python3-ipykernel)")
        cells = ["%load_ext mprof_c", "%memit x = bytearray(40 << 20)", "def f(n):\n    y = bytearray(n << 20)\n    return y",
                 "%mprun -f f z = f(20)", "%%mprof\na = bytearray(50 << 20)\nlen(a)",
                 "import mprof_c\nwith mprof_c.record(0.001) as r:\n    q = bytearray(30 << 20)\nr", "%%mprof\n1 / 0"]
        env = {**self.env, "PYTHONPATH": str(MODULE), "HOME": str(self.folder), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        done = subprocess.run([python, "-W", "ignore", "-c", NOTEBOOK], input=json.dumps(cells), cwd=self.folder, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        _, memit, _, mprun, mprof, record, fault = json.loads(done.stdout.splitlines()[-1])
        self.assertRegex(memit[0]["text"], r"^peak memory: [\d.]+ MiB, increment: [34]\d\.\d+ MiB$")
        self.assertRegex("".join(o.get("text", "") for o in mprun), r"(?m)^ +2 .* 1 +    y = bytearray\(n << 20\)$")
        shown, value = mprof
        self.assertLessEqual({"text/plain", "text/html", "image/svg+xml", "image/png"}, set(shown["data"]))
        self.assertIn("<img alt=\"peak", shown["data"]["text/html"])
        self.assertRegex(shown["data"]["text/html"], r"\+50\.0.*line 2.*<code>a = bytearray\(50 &lt;&lt; 20\)</code>")
        self.assertNotIn("<script", shown["data"]["text/html"])
        self.assertEqual(value["data"]["text/plain"], str(50 << 20))
        self.assertEqual(record[0]["output_type"], "execute_result")
        self.assertLessEqual({"text/plain", "text/html", "image/svg+xml", "image/png"}, set(record[0]["data"]))
        self.assertEqual([o["output_type"] for o in fault], ["display_data", "error"])  # what was seen before it
        self.assertEqual(fault[1]["ename"], "ZeroDivisionError")


if __name__ == "__main__":
    lab.main()
