"""The interpreter is found wherever it lies: under any name, in files that are gone or replaced by now, late, without
what tells of it; and stacks of thousands of calls are told by both ends and by what is the user's own."""
import glob
import os
import shutil
import struct
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons
from test_growth import MAY_READ

STANDS = "import time\ndef stands():\n    print('ready', flush=True)\n    time.sleep(60)\nstands()\n"
ALL = pythons.supported()


def libraries():
    """{version: libpython} of the shared ones."""
    found = {}
    for version, python in ALL.items():
        for path in glob.glob(str(Path(python).resolve().parent.parent / "lib" / f"libpython3.{version[1]}.so.1.0")):
            found[version] = Path(path)
    return found


LIBRARIES = libraries()


def whole_programs():
    """Those that are one program, without a library of their own."""
    found = []
    for python in ALL.values():
        real = Path(python).resolve()
        needs = subprocess.run(["ldd", real], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        if "libpython" not in needs and real.stat().st_size > 1 << 20:
            found.append(real)
    return found


WHOLE = whole_programs()


def ways():
    """As root, who may open the very file of a mapping, and as those who may not."""
    without = ["setpriv", "--bounding-set=-sys_admin,-checkpoint_restore"]
    may = os.getuid() == 0 and shutil.which("setpriv") and subprocess.run([*without, "true"], stderr=subprocess.DEVNULL).returncode == 0
    return [[], without] if may else [[]]


WAYS = ways()


def strip_sections(path):
    """As a stripper of everything leaves it: no table of sections."""
    data = bytearray(path.read_bytes())
    data[40:48] = struct.pack("<Q", 0)   # e_shoff
    data[58:64] = struct.pack("<HHH", 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o755)


@unittest.skipUnless(MAY_READ and ALL, "no CPython from 3.9 on here whose memory may be read")
class Interpreter(lab.Lab):
    def begin(self, *words, wait="ready", **kw):
        target = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, **kw)

        def end():
            target.kill()
            target.wait()
            target.stdout.close()
            target.stdin.close()
        self.addCleanup(end)
        self.assertEqual(target.stdout.readline().strip(), wait)
        self.wait_until_it_sleeps(target.pid)
        return target

    def stacks(self, pid, way=()):
        done = subprocess.run([*way, lab.target("stacks"), str(pid)], stdout=subprocess.PIPE, encoding="utf-8")
        return done.returncode, done.stdout

    def stands(self, target, version=None):
        for way in WAYS:
            status, text = self.stacks(target.pid, way)
            self.assertEqual(status, 0, (way, text))
            self.assertRegex(text, r"T \d+\n  \S+:4 stands\n  \S+:5 <module>\n")
            if version:
                self.assertTrue(text.startswith("version %x\n" % (version[0] << 8 | version[1])), text)

    def script(self):
        path = self.folder / "stands.py"
        path.write_text(STANDS)
        return path

    def home(self, python):
        """Where a copy of a program finds its library."""
        prefix = subprocess.run([python, "-c", "import sys; print(sys.base_prefix)"], stdout=subprocess.PIPE, text=True).stdout.strip()
        return {**os.environ, "PYTHONHOME": prefix}

    @unittest.skipUnless(WHOLE, "no Python here that is one program")
    def test_a_program_that_is_deleted_or_replaced_under_any_name(self):
        for python in WHOLE:
            for name in ("myapp", "python3"):
                for replaced in (False, True):
                    with self.subTest(python=python, name=name, replaced=replaced):
                        copy = self.folder / name
                        shutil.copy(python, copy)
                        target = self.begin(copy, self.script(), env=self.home(python))
                        copy.unlink()
                        if replaced:
                            shutil.copy("/bin/true", copy)
                        self.stands(target)

    @unittest.skipUnless(WHOLE, "no Python here that is one program")
    def test_a_program_without_sections(self):
        for python in WHOLE:
            with self.subTest(python=python):
                copy = self.folder / "bare"
                shutil.copy(python, copy)
                strip_sections(copy)
                self.stands(self.begin(copy, self.script(), env=self.home(python)))

    @unittest.skipUnless(LIBRARIES, "no shared libpython here")
    def test_a_library_that_is_deleted_or_replaced(self):
        for version, library in LIBRARIES.items():
            for replaced in (False, True):
                with self.subTest(version=version, replaced=replaced):
                    folder = self.folder / f"{version[1]}{replaced}"
                    folder.mkdir()
                    shutil.copy(library, folder)
                    target = self.begin(Path(ALL[version]).resolve(), self.script(),
                                        env={**os.environ, "LD_LIBRARY_PATH": str(folder)})
                    (folder / library.name).unlink()
                    if replaced:
                        shutil.copy("/bin/true", folder / library.name)
                    self.stands(target, version)

    @unittest.skipUnless(LIBRARIES, "no shared libpython here")
    def test_a_library_that_comes_late_under_another_name(self):
        for version, library in LIBRARIES.items():
            with self.subTest(version=version):
                copy = self.folder / "libengine.so"
                shutil.copy(library, copy)
                env = {**self.home(ALL[version]), "LD_LIBRARY_PATH": str(library.parent)}
                target = self.begin(lab.target("embed"), copy, STANDS, wait="waits", env=env)
                self.assertEqual(self.stacks(target.pid)[0], 1)
                target.stdin.write("go\n")
                target.stdin.flush()
                self.assertEqual(target.stdout.readline(), "ready\n")
                self.wait_until_it_sleeps(target.pid)
                self.stands(target, version)

    def test_a_state_that_only_its_mark_tells(self):
        copy = self.folder / "app"
        shutil.copy(lab.target("future"), copy)
        for bare in (False, True):
            if bare:
                strip_sections(copy)
            target = subprocess.Popen([copy, "0310"])
            self.addCleanup(target.wait)
            for _ in range(50):
                status, text = self.stacks(target.pid)
                if status == 3:
                    break
            self.assertEqual((status, text), (3, "version 310\n"))

    @unittest.skipUnless(WHOLE and os.getuid() == 0 and shutil.which("unshare"), "only root makes other roots")
    def test_another_root(self):
        python = WHOLE[0]
        folder = self.folder / "hidden"
        folder.mkdir()
        script = self.script()
        words = f"mount -t tmpfs none {folder} && cp {python} {folder}/engine && exec {folder}/engine {script}"
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", folder], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("nothing may be mounted here")
        self.stands(self.begin("unshare", "-m", "sh", "-c", words, env=self.home(python)))

    def test_threads_of_interpreters_with_a_lock_of_their_own(self):
        script = textwrap.dedent("""\
            import sys, threading, time
            try:
                import _interpreters as interpreters
                run = interpreters.exec
            except ImportError:
                import _xxsubinterpreters as interpreters
                run = interpreters.run_string
            made = interpreters.create()
            threading.Thread(target=run, args=(made, "import time\\ndef inside():\\n    time.sleep(60)\\ninside()\\n"), daemon=True).start()
            time.sleep(0.5)
            print("ready", flush=True)
            time.sleep(60)
            """)
        tried = 0
        for version, python in ALL.items():
            if version < (3, 12):
                continue
            with self.subTest(version=version):
                target = self.begin(python, "-c", script)
                status, text = self.stacks(target.pid)
                self.assertEqual(status, 0)
                self.assertRegex(text, r"\n  \S+:3 inside\n  \S+:4 <module>\n")
                self.assertIn("  <string>:12 <module>\n", text)
                tried += 1
        if not tried:
            self.skipTest("no CPython from 3.12 on here")

    def test_thousands_of_calls(self):
        script = textwrap.dedent("""\
            import copy, sys, time
            sys.setrecursionlimit(100000)
            class Stands:
                def __deepcopy__(self, memo):
                    print("ready", flush=True)
                    time.sleep(60)
            def begin():
                nested = Stands()
                for i in range(1500):
                    nested = [nested]
                copy.deepcopy(nested)
            begin()
            """)
        path = self.folder / "deep.py"
        path.write_text(script)
        for version, python in ALL.items():
            with self.subTest(version=version):
                status, text = self.stacks(self.begin(python, path).pid)
                self.assertEqual(status, 0)
                frames = [line.split() for line in text.splitlines() if line.startswith("  ")]
                self.assertLess(len(frames), 200)
                self.assertEqual(frames[0][0], f"{path}:6")
                self.assertEqual([f[0] for f in frames[-2:]], [f"{path}:11", f"{path}:12"])
                self.assertEqual(sum(f[0].startswith("<left") for f in frames), 1)

    def test_a_script_of_very_many_statements(self):
        path = self.folder / "huge.py"
        path.write_text("import time\nrows = []\n" + "".join(f"rows.append({{'k': {i}, 'v': 'n-{i}'}})\n" for i in range(20000))
                        + "print('ready', flush=True)\ntime.sleep(60)\n")
        versions = sorted(ALL)
        for version in {versions[0], versions[-1]}:
            with self.subTest(version=version):
                status, text = self.stacks(self.begin(ALL[version], path).pid)
                self.assertEqual(status, 0)
                self.assertIn(f"  {path}:20004 <module>\n", text)


if __name__ == "__main__":
    lab.main()
