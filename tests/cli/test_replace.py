"""-o: nothing of the user's is lost, whatever stands there, and what came to nothing leaves it as it was."""
import os
import stat
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

SAMPLES = "CMDLINE old\n" + "".join(f"MEM {10 + i}.0 {1700000000 + i}.0\n" for i in range(5))
MARKED = "@profile\ndef f():\n    return [0] * 1000\nf()\n"
# What a user may have, none of it ours.
FOREIGN = {
    "my.py": b"print('mine')\n", "my.sh": b"#!/bin/sh\necho mine\n", "notes.txt": b"MEM is short of memory\nMETA too\n",
    "photo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40), "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "table.csv": b"name,street\n1,2\n", "tree.json": b'[{"unit": 1}]\n', "paper.pdf": b"%PDF-1.5\n%%EOF\n",
    "kept.gz": b"\x1f\x8b\x08\0" + bytes(20), "blank.dat": b"\n", "zeros.dat": bytes(100),
}
# How each command is told where to write, beside a recording a.dat and a script s.py; and the name that it writes.
COMMANDS = {
    "run": (["run", "-q", "-o", "{}", "true"], "recording"),
    "attach": (["attach", "-q", "-t", "0.01", "-o", "{}", str(os.getpid())], "recording"),
    "recording": (["line", "-q", "--recording", "{}", "s.py"], "recording"),
    "line": (["line", "-q", "--recording", "r.dat", "-o", "{}", "s.py"], "report"),
    "line-json": (["line", "-q", "--json", "--recording", "r.dat", "-o", "{}", "s.py"], "report-json"),
    "png": (["plot", "-b", "png", "-o", "{}", "a.dat"], "png"),
    "svg": (["plot", "-b", "svg", "-o", "{}", "a.dat"], "svg"),
    "term": (["plot", "-b", "term", "-o", "{}", "a.dat"], "term"),
    "ascii": (["plot", "-b", "term", "--ascii", "-o", "{}", "a.dat"], "ascii"),
    "csv": (["plot", "-b", "csv", "-o", "{}", "a.dat"], "csv"),
    "json": (["plot", "-b", "json", "-o", "{}", "a.dat"], "json"),
    **{name: (["export", "-f", name, "-o", "{}", "a.dat"], name) for name in ("firefox", "perfetto", "openmetrics")},
}
PICTURES = {"png", "svg", "term", "ascii", "csv", "json", "firefox", "perfetto", "openmetrics"}


class Replace(lab.Lab):
    def setUp(self):
        super().setUp()
        self.write("a.dat", SAMPLES)
        self.write("s.py", MARKED)

    def words(self, command, name):
        return [word.format(name) for word in COMMANDS[command][0]]

    def stays(self, name, *words, says=""):
        """Refused in one sentence that names the file, which is what it was; nothing else is left behind."""
        path = self.folder / name
        before, names = path.read_bytes(), sorted(os.listdir(self.folder))
        done = self.mprof(*words)
        self.assertIn(done.returncode, (1, 2), (words, done.stderr))
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]+\n\Z")
        self.assertIn(name, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(path.read_bytes(), before, words)
        self.assertEqual(set(os.listdir(self.folder)) - set(names) - {"r.dat"}, set(), words)


class Foreign(Replace):
    def test_what_is_not_ours_is_refused_by_name(self):
        for name, content in FOREIGN.items():
            self.write(name, content)
            for command in COMMANDS:
                self.stays(name, *self.words(command, name), says="stays as it is")

    def test_the_program_does_not_even_start(self):
        self.write("my.py", "print('mine')\n")
        self.stays("my.py", "run", "-o", "my.py", "touch", "started")
        self.stays("my.py", "line", "-o", "my.py", "--recording", "r.dat", "s.py")
        self.assertFalse((self.folder / "r.dat").exists())

    def test_through_links_of_both_kinds(self):
        mine = self.write("my.py", "print('mine')\n")
        (self.folder / "soft").symlink_to("my.py")
        os.link(mine, self.folder / "hard")
        for name in ("soft", "hard"):
            for command in COMMANDS:
                self.stays(name, *self.words(command, name))
        self.assertTrue((self.folder / "soft").is_symlink())

    def test_a_name_made_by_a_template(self):
        self.write("x%y", "mine")
        self.stays("x%y", "run", "-o", "x%%y", "true")

    def test_a_folder(self):
        (self.folder / "d").mkdir()
        for command in COMMANDS:
            done = self.mprof(*self.words(command, "d"))
            self.assertEqual(done.returncode, 2 if command == "recording" else 1, (command, done.stderr))
            self.assertIn("d", done.stderr)


class Ours(Replace):
    def made(self, command, name):
        self.mprof(*self.words(command, name), status=0)
        return (self.folder / name).read_bytes()

    def test_each_replaces_its_own_kind_and_no_other(self):
        for command in COMMANDS:
            self.made(command, command)
        for command, (_, kind) in COMMANDS.items():
            for other, (_, other_kind) in COMMANDS.items():
                same = kind.split("-")[0] == other_kind.split("-")[0] or {kind, other_kind} <= PICTURES
                words = self.words(command, other)
                if not same:
                    self.stays(other, *words)
                else:
                    self.mprof(*words, status=0)
                    self.made(other, other)  # as it was, for the next

    def test_what_is_empty_is_replaced(self):
        for command in COMMANDS:
            self.write("empty", b"")
            self.assertTrue(self.made(command, "empty"), command)

    def test_of_memory_profiler_too(self):
        for content in ("CMDLINE x\n", "MEM 0.171875 1795443324.8919\n", "META format=1\n"):
            self.write("b.dat", content)
            self.assertTrue(self.made("run", "b.dat").startswith(b"CMDLINE true"))

    def test_a_link_stays_a_link(self):
        for command in COMMANDS:
            self.made(command, "old")
            (self.folder / "link").symlink_to("old")
            self.made(command, "link")
            self.assertTrue((self.folder / "link").is_symlink())
            self.assertTrue(stat.S_ISREG(os.lstat(self.folder / "old").st_mode))
            os.unlink(self.folder / "link")
            os.unlink(self.folder / "old")

    def test_devices_and_pipes_are_written(self):
        for command in COMMANDS:
            if command != "recording":  # which is read again
                self.mprof(*self.words(command, "/dev/null"), status=0)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        for command in ("svg", "run"):
            shell = " ".join([lab.MPROF, *self.words(command, "/dev/stdout"), "| cat"])
            out = subprocess.run(["sh", "-c", shell], cwd=self.folder, env=self.env, stdout=subprocess.PIPE).stdout
            self.assertTrue(out.startswith((b"<svg", b"CMDLINE true")), out[:50])

    def test_a_picture_drawn_through_gnuplot(self):
        if subprocess.run(["sh", "-c", "command -v gnuplot"], stdout=subprocess.DEVNULL).returncode:
            self.skipTest("no gnuplot here")
        for extension in ("png", "svg", "pdf"):
            for _ in range(2):
                self.mprof("plot", "a.dat", "-b", "gnuplot", "-o", f"g.{extension}", status=0)


class Operands(Replace):
    """What is to be read or run, even when it could be replaced by its kind."""

    def test_of_the_program(self):
        self.write("empty.py", "")
        self.write("x", SAMPLES, mode=0o755)
        os.link(self.folder / "a.dat", self.folder / "hard.dat")
        (self.folder / "soft.dat").symlink_to("a.dat")
        for name, *program in (("empty.py", "python3", "empty.py"), ("x", "./x"), ("a.dat", "cat", "a.dat"),
                               ("hard.dat", "cat", "a.dat"), ("soft.dat", "cat", "./a.dat"), ("a.dat", "cat", "soft.dat"),
                               ("a.dat", "dd", "if=a.dat", "of=b"), ("a.dat", "sh", "--rcfile=a.dat", "-c", "true")):
            self.stays(name, "run", "-o", name, *program, says="stays as it is")

    def test_of_line(self):
        self.write("empty.py", "")
        for option in ("-o", "--recording"):
            self.stays("s.py", "line", option, "s.py", "s.py")
            self.stays("empty.py", "line", option, "empty.py", "empty.py")
            self.stays("a.dat", "line", option, "a.dat", "s.py", "a.dat")
        done = self.mprof("line", "--recording", "same", "-o", "same", "s.py", status=2)
        self.assertIn("same is itself to be read", done.stderr)

    def test_of_plot(self):
        self.write("empty.svg", "")
        self.stays("a.dat", "plot", "-b", "png", "-o", "a.dat", "a.dat")
        self.stays("empty.svg", "plot", "-o", "empty.svg", "a.dat", "empty.svg")
        (self.folder / "soft.svg").symlink_to("a.dat")
        self.stays("soft.svg", "plot", "-o", "soft.svg", "a.dat")

    def test_what_the_shell_has_opened(self):
        for shell in ("run -o a.dat cat <a.dat", "run -o a.dat true >>a.dat", "run -o a.dat true 2>>a.dat"):
            done = subprocess.run(["sh", "-c", f"{lab.MPROF} {shell}"], cwd=self.folder, env=self.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 2, shell)
            self.assertTrue((self.folder / "a.dat").read_text().startswith(SAMPLES))
            self.write("a.dat", SAMPLES)


class Nothing(Replace):
    """What came to nothing."""

    def test_a_program_that_is_not_found(self):
        self.stays_after(127, "run", "-o", "a.dat", "no-such-program")
        self.write("plain", "x")
        self.stays_after(126, "run", "-o", "a.dat", "./plain")
        self.stays_after(1, "attach", "-o", "a.dat", "999999999")
        self.stays_after(2, "run", "-o", "a.dat", "-b", "nosuch", "true")

    def stays_after(self, status, *words, name="a.dat"):
        before = (self.folder / name).read_bytes()
        self.mprof(*words, status=status)
        self.assertEqual((self.folder / name).read_bytes(), before, words)

    def test_a_picture_of_nothing(self):
        self.mprof("plot", "-o", "p.svg", "a.dat", status=0)
        self.write("bad.dat", "CMDLINE x\n")
        self.stays_after(1, "plot", "-o", "p.svg", "bad.dat", name="p.svg")
        self.stays_after(1, "plot", "-o", "p.svg", "nosuch.dat", name="p.svg")
        self.stays_after(1, "plot", "-o", "p.svg", "-w", "100,200", "a.dat", name="p.svg")

    def test_a_report_of_nothing(self):
        self.mprof("line", "-q", "--recording", "r.dat", "-o", "r.txt", "s.py", status=0)
        self.write("none.py", "print(1)\n")
        self.stays_after(0, "line", "-q", "--recording", "r.dat", "-o", "r.txt", "none.py", name="r.txt")
        self.stays_after(0, "line", "-q", "--json", "--recording", "r.dat", "-o", "r.txt", "none.py", name="r.txt")
        self.stays_after(1, "line", "-q", "--recording", "no/such/r.dat", "-o", "r.txt", "s.py", name="r.txt")

    @unittest.skipUnless(os.geteuid() == 0, "mounting is for root")
    def test_a_full_disk(self):
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", small])
        self.mprof("plot", "-b", "csv", "-o", "small/p", "a.dat", status=0)
        self.stays_after(1, "plot", "-b", "png", "-o", "small/p", "a.dat", name="small/p")
        self.assertEqual(os.listdir(small), ["p"])


class Dash(Replace):
    def test_a_dash_is_no_file(self):
        self.refuses("run", "-o", "-", "true", says="standard output is the program's")
        self.refuses("attach", "-o", "-", str(os.getpid()), says="name one with -o FILE")
        self.refuses("line", "--recording", "-", "s.py", says="a recording goes to a file")
        self.assertTrue(self.mprof("line", "-q", "--recording", "r.dat", "-o", "-", "s.py", status=0).stdout)
        self.assertTrue(self.mprof("plot", "-b", "svg", "-o", "-", "a.dat", status=0).stdout)
        self.assertNotIn("-", os.listdir(self.folder))
        self.mprof("run", "-q", "-o", "./-", "true", status=0)
        self.assertIn("-", os.listdir(self.folder))


if __name__ == "__main__":
    lab.main()
