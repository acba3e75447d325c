"""libmprof-c from outside: what it exports, how it is linked, and where marks of a recorded program go."""
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

HERE = lab.BUILD / "recorder" / "library"
SHARED, STATIC = HERE / "libmprof-c.so.0", HERE / "libmprof-c.a"
INCLUDE = lab.ROOT / "recorder" / "library"
HEADER = INCLUDE / "mprof-c.h"
CC = next((c for c in (os.environ.get("CC", ""), "cc", "gcc", "clang") if c and shutil.which(c)), None)

PROGRAM = r"""
#include <mprof-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int fault(void); int fault(void) { return 7; } /* names that the library uses inside */
int array_more = 3;
int main(int argc, char *argv[])
{
	struct mprof_options o = { .interval = 0.01 };
	struct mprof_recorder *r = argc > 1 ? mprof_start(&o) : NULL;
	mprof_enter("outer call");
	mprof_mark("epoch 3");
	mprof_enter("inner");
	char *memory = malloc(50 << 20);
	if (memory) memset(memory, 1, 50 << 20);
	usleep(100000);
	mprof_mark("full");
	if (fork() == 0) { mprof_mark("child"); _exit(0); }
	mprof_leave();
	mprof_leave();
	usleep(50000);
	if (r && mprof_save(r, argv[1])) perror("save");
	mprof_free(r);
	return memory && fault() + array_more == 10 ? 0 : 1;
}
"""


@unittest.skipUnless(CC, "no compiler here")
class Library(lab.Lab):
    def compile(self, *words, source=PROGRAM, name="program", compiler=(CC,)):
        path = self.write(f"{name}.c", source)
        words = [*compiler, "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}", "-o", name, str(path), *map(str, words)]
        done = subprocess.run(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return str(self.folder / name)

    def shared(self):
        if lab.SANITIZED:
            self.skipTest("a sanitized library needs a sanitized program")
        return self.compile(SHARED, f"-Wl,-rpath,{HERE}", "-D_DEFAULT_SOURCE", "-std=gnu11")

    def static(self):
        if not STATIC.exists():
            self.skipTest("the static library is not built here")
        return self.compile(STATIC, "-pthread", "-D_DEFAULT_SOURCE", "-std=gnu11", name="static")

    def kinds(self, name, *wanted):
        return [" ".join(line) for line in self.recording(name) if line[0] in wanted]

    # ---- what it is ----

    @unittest.skipUnless(shutil.which("nm"), "no nm here")
    def test_only_the_public_names_are_exported(self):
        declared = set(re.findall(r"MPROF_API [^;(]*?(mprof_\w+)\(", HEADER.read_text()))
        self.assertGreater(len(declared), 10)
        told = subprocess.run(["nm", "-D", "--defined-only", SHARED], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual({line.split()[2] for line in told.splitlines()} - {"__asan_globals_registered"}, declared)
        if STATIC.exists():
            told = subprocess.run(["nm", "-g", "--defined-only", STATIC], stdout=subprocess.PIPE, text=True, check=True).stdout
            self.assertEqual({line.split()[2] for line in told.splitlines() if " " in line}, declared)

    @unittest.skipUnless(shutil.which("readelf"), "no readelf here")
    @unittest.skipIf(lab.SANITIZED, "a sanitized build links its runtime")
    def test_it_links_only_libc(self):
        told = subprocess.run(["readelf", "-dW", SHARED], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn("[libmprof-c.so.0]", told)
        needed = re.findall(r"\(NEEDED\).*\[([^]]+)\]", told)
        self.assertEqual([n for n in needed if not n.startswith(("libc.so", "libm.so", "libpthread", "ld-linux"))], [])

    def test_the_header_suits_old_and_new_compilers_and_cpp(self):
        compilers = [[CC, "-x", "c", f"-std={std}"] for std in ("c99", "c11", "gnu11")]
        cpp = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)
        compilers += [[cpp, "-x", "c++", "-std=c++11"]] if cpp else []
        self.write("alone.c", "#include <mprof-c.h>\nint nothing;\n")
        for words in compilers:
            done = subprocess.run([*words, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", f"-I{INCLUDE}", "alone.c"],
                                  cwd=self.folder, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config here")
    def test_pkg_config_knows_it(self):
        env = {**os.environ, "PKG_CONFIG_PATH": str(lab.BUILD / "meson-private")}
        told = subprocess.run(["pkg-config", "--cflags", "--libs", "mprof-c"], env=env, stdout=subprocess.PIPE, text=True)
        self.assertEqual(told.returncode, 0)
        self.assertIn("-lmprof-c", told.stdout.split())

    # ---- in a program ----

    def test_linked_both_ways(self):
        for program in (self.shared(), self.static()):
            subprocess.run([program, "a.dat"], cwd=self.folder, check=True, env=self.env)
            self.assertEqual(len(self.kinds("a.dat", "FUNC")), 2)
            self.assertEqual([k.split(" ", 3)[3] for k in self.kinds("a.dat", "MARK")], ["epoch 3", "full"])

    def test_under_run_marks_go_to_its_recording(self):
        program = self.shared()
        self.mprof("run", "-T", "0.01", "-o", "run.dat", program, "own.dat", status=0)
        marks = [k.split(" ", 3) for k in self.kinds("run.dat", "MARK")]
        self.assertEqual([m[3] for m in marks], ["epoch 3", "full", "child"])
        self.assertGreater(float(marks[1][1]), float(marks[0][1]) + 49)
        inner, outer = (k.split() for k in self.kinds("run.dat", "FUNC"))
        self.assertEqual((inner[1], inner[-1], outer[1], outer[-1]), ("inner", "1", "outer_call", "0"))
        self.assertGreaterEqual(float(inner[5]) - float(inner[3]), 0.1)
        self.assertEqual(len(self.kinds("run.dat", "ENTER")), 2)
        self.assertEqual(self.kinds("own.dat", "MARK", "FUNC", "ENTER"), [])
        self.assertGreater(len(self.kinds("own.dat", "MEM")), 5)
        # The exact figures of the one who records it from outside are left alone.
        exit_, samples = self.kinds("run.dat", "EXIT")[0].split(), self.kinds("run.dat", "MEM")
        self.assertGreaterEqual(float(exit_[3]), max(float(m.split()[1]) for m in samples) - 1)

    def test_a_descriptor_taken_from_us_is_not_written_to(self):
        program = self.compile(SHARED, f"-Wl,-rpath,{HERE}", source=r"""
#include <fcntl.h>
#include <mprof-c.h>
#include <unistd.h>
int main(void)
{
	mprof_mark("one");
	for (int fd = 3; fd < 100; fd++) close(fd);
	while (open("mine.txt", O_CREAT | O_WRONLY, 0666) < 20);
	return mprof_mark("two");
}
""") if not lab.SANITIZED else self.shared()
        self.mprof("run", "-o", "a.dat", program, status=0)
        self.assertEqual((self.folder / "mine.txt").read_bytes(), b"")
        self.assertEqual([k.split(" ", 3)[3] for k in self.kinds("a.dat", "MARK")], ["one"])

    def test_plot_and_peak_read_what_it_saves(self):
        subprocess.run([self.shared(), "a.dat"], cwd=self.folder, check=True, env=self.env)
        self.assertIn("exact", self.mprof("peak", "a.dat", status=0).stdout)
        told = json.loads(self.mprof("plot", "-b", "json", "-o", "-", "a.dat", status=0).stdout)
        self.assertIn("outer_call", json.dumps(told))
        self.mprof("plot", "-o", "a.png", "a.dat", status=0)

    # ---- under ThreadSanitizer ----

    def test_threads_are_clean(self):
        rows = json.loads((lab.BUILD / "compile_commands.json").read_text())
        sources = sorted({str((Path(row["directory"]) / row["file"]).resolve()) for row in rows
                          if "libmprof-c-parts.a.p" in row.get("output", "")})
        self.assertGreater(len(sources), 10)
        words = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-fsanitize=thread", f"-I{lab.ROOT}", f"-I{lab.BUILD}"]
        test = lab.ROOT / "tests" / "unit" / "library.c"
        done = subprocess.run([CC, *words, *sources, str(test), "-o", "tsan", "-lm", "-pthread"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 and "tsan" in done.stdout:
            self.skipTest(f"{CC} has no ThreadSanitizer here")
        self.assertEqual(done.returncode, 0, done.stdout)
        # Its shadow memory wants addresses that newer kernels hand out at random.
        fixed = [shutil.which("setarch"), platform.machine(), "-R"] if shutil.which("setarch") else []
        fixed = fixed if fixed and subprocess.run([*fixed, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
        done = subprocess.run([*fixed, "./tsan"], cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=250)
        if "unexpected memory mapping" in done.stdout:
            self.skipTest("ThreadSanitizer does not run here")
        self.assertNotIn("WARNING: ThreadSanitizer", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    lab.main()
