"""What is installed is found: by the shell, by Python, by the compiler and by man, below DESTDIR as below the prefix itself."""
import json
import os
import shlex
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

PLACE = lab.ROOT / "recorder" / "library" / "python" / "place.py"
BUILT = (lab.BUILD / "recorder" / "library" / "python" / "mprof_c" / "_native.abi3.so").exists()
DEBIAN = Path("/usr/bin/python3")


@unittest.skipUnless(shutil.which("meson"), "no meson here")
class Install(lab.Lab):
    def setUp(self):
        super().setUp()
        self.staged = self.folder / "staged"
        self.say("meson", "install", "-C", lab.BUILD, "--no-rebuild", "--quiet", DESTDIR=str(self.staged))
        options = {row["name"]: row["value"] for row in json.loads(self.say("meson", "introspect", "--buildoptions", lab.BUILD))}
        self.prefix = Path(options["prefix"])
        self.root = self.staged / self.prefix.relative_to("/")

    def say(self, *words, **env):
        done = subprocess.run(list(map(str, words)), cwd=self.folder, env={**self.env, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def one(self, pattern):
        found = sorted(self.root.glob(pattern))
        self.assertEqual(len(found), 1, f"{pattern}: {found}")
        return found[0]

    def test_all_lies_below_the_prefix(self):
        outside = [path for path in self.staged.rglob("*") if not path.is_dir() and self.root not in path.parents]
        self.assertEqual(outside, [])
        for pattern in ("bin/mprof-c", "**/mprof-c-plot", "**/libmprof-c.so.0", "include/mprof-c.h", "**/man1/mprof-c.1*"):
            self.one(pattern)
        if (lab.BUILD / "mprof-c-native").exists():
            self.assertEqual(self.one("**/mprof-c-native").parent, self.one("**/mprof-c-plot").parent)

    def test_the_recorder_runs(self):
        self.say(self.root / "bin" / "mprof-c", "run", "-q", "-o", "a.dat", "true")

    @unittest.skipUnless(BUILT, "the module is not built here: no Python headers")
    def test_the_module_finds_its_library(self):
        folder = self.one("**/mprof_c/_native.abi3.so").parent.parent
        source = lab.ROOT / "recorder" / "library" / "python" / "mprof_c"
        self.assertEqual({path.name for path in (folder / "mprof_c").iterdir()},
                         {path.name for path in source.iterdir() if path.suffix in (".py", ".pyi", ".typed")} | {"_native.abi3.so"})
        if not lab.SANITIZED:
            told = self.say(sys.executable, "-B", "-c", "import mprof_c; print(mprof_c._native.library()); mprof_c.rss()",
                            PYTHONPATH=str(folder)).strip()
            self.assertEqual(Path(told).resolve(), self.one("**/libmprof-c.so.0").resolve())

    @unittest.skipUnless(BUILT, "the module is not built here: no Python headers")
    def test_python_looks_where_the_module_is(self):
        if self.prefix not in (Path("/usr"), Path("/usr/local")) or not DEBIAN.exists():
            self.skipTest("for a Python of the system, in a prefix of the system")
        folder = "/" + str(self.one("**/mprof_c/_native.abi3.so").parent.parent.relative_to(self.staged))
        searched = self.say("python3", "-c", "import site; print(*site.getsitepackages(), sep='\\n')")
        searched += self.say(DEBIAN, "-c", "import site; print(*site.getsitepackages(), sep='\\n')")
        self.assertIn(folder, searched.splitlines())

    @unittest.skipUnless(shutil.which("cc") and shutil.which("pkg-config"), "no cc or no pkg-config here")
    @unittest.skipIf(lab.SANITIZED, "a sanitized library needs a sanitized program")
    def test_the_compiler_finds_the_library(self):
        self.write("a.c", "#include <mprof-c.h>\nint main(void) { return mprof_rss() > 0 ? 0 : 1; }\n")
        flags = self.say("pkg-config", "--cflags", "--libs", "mprof-c", PKG_CONFIG_SYSROOT_DIR=str(self.staged),
                         PKG_CONFIG_PATH=str(self.one("**/mprof-c.pc").parent))
        self.say("cc", "-o", "a", "a.c", *shlex.split(flags))
        self.say("./a", LD_LIBRARY_PATH=str(self.one("**/libmprof-c.so.0").parent))

    @unittest.skipUnless(shutil.which("ninja"), "no ninja here")
    def test_the_default_build_is_what_is_installed(self):
        needed = self.say("ninja", "-C", lab.BUILD, "-t", "query", "all").split()
        self.assertIn("mprof-c", needed)
        self.assertEqual([name for name in needed if name.startswith("tests/") or name == "meson-test-prereq"], [])


class Place(lab.Lab):
    def place(self, python, prefix):
        return subprocess.run([python, PLACE, prefix], env=self.env, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def test_nowhere(self):
        self.assertEqual(self.place(sys.executable, "/opt/no/such"), "")

    def test_a_python_of_ones_own(self):
        prefix = self.folder / "venv"
        done = subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            self.skipTest("no venv here")
        self.assertRegex(self.place(prefix / "bin" / "python3", prefix), rf"^{prefix}/lib\w*/python3\.\d+/site-packages$")

    @unittest.skipUnless(Path("/etc/debian_version").exists() and DEBIAN.exists(), "for Debian")
    def test_that_of_debian(self):
        self.assertEqual(self.place(DEBIAN, "/usr"), "/usr/lib/python3/dist-packages")
        self.assertRegex(self.place(DEBIAN, "/usr/local"), r"^/usr/local/lib/python3\.\d+/dist-packages$")


class Needed(lab.Lab):
    """share/setup.sh, on a machine that is pretended."""

    def setup(self, *groups, there=(), apt="exit 0"):
        (self.folder / "bin").mkdir()
        shown = " ".join(f"'{name}') echo 'install ok installed' ;;" for name in there)
        for name, script in {
            "dpkg-query": f'for name in "$@"; do case $name in {shown} esac; done',
            "apt-get": f'echo "$@" >>"{self.folder}/asked"\n[ "$1" != install ] || {apt}',
            "id": "echo 0",
        }.items():
            self.write(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o755)
        done = subprocess.run(["sh", lab.ROOT / "share" / "setup.sh", *groups], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**self.env, "PATH": f"{self.folder}/bin:{self.env['PATH']}"}, text=True)
        asked = self.folder / "asked"
        return done, asked.read_text().splitlines()[-1].split() if asked.exists() else []

    def test_what_is_missing_is_added_and_nothing_removed(self):
        done, asked = self.setup("build", "test", there=["gcc", "meson"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--no-remove", asked)
        self.assertIn("gnuplot-qt", asked)
        self.assertIn("ninja-build", asked)
        self.assertFalse({"gcc", "meson", "gnuplot-x11", "gnuplot-nox"} & set(asked))

    def test_a_gnuplot_that_is_there_stays(self):
        done, asked = self.setup("test", there=["gnuplot-nox"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([word for word in asked if word.startswith("gnuplot")], [])

    def test_it_says_when_it_cannot(self):
        done, _ = self.setup("test", apt="exit 100")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Asetup.sh: [^\n]+: gnuplot-qt[^\n]*\n\Z")


if __name__ == "__main__":
    lab.main()
