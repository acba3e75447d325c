"""mark: a moment with a name, from a script that is recorded; nothing elsewhere."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Mark(lab.Lab):
    def script(self, text, *options, name="a.dat", **kw):
        return self.mprof("run", *options, "-o", name, "sh", "-c", text, "sh", lab.MPROF, **kw)

    def marks(self, name="a.dat"):
        return [line[1:] for line in self.recording(name) if line[0] == "MARK"]

    def test_a_script_marks_moments(self):
        self.script('sleep 0.2; $1 mark one; sleep 0.1; $1 mark "two words"; sleep 0.1', "-T", "0.01", status=0)
        one, two = self.marks()
        self.assertEqual((one[2:], two[2:]), (["one"], ["two", "words"]))
        self.assertGreaterEqual(float(two[1]) - float(one[1]), 0.1)
        samples = [line for line in self.recording() if line[0] == "MEM"]
        self.assertTrue(float(samples[0][2]) < float(one[1]) < float(two[1]) < float(samples[-1][2]))
        self.assertIn(one[0], {line[1] for line in samples})
        self.assertEqual(self.recording()[-1][0], "EXIT")

    def test_its_figure_is_the_newest_sample(self):
        code = f"x = b'x' * (100 << 20); import time, os; time.sleep(0.3); os.system('{lab.MPROF} mark full')"
        self.mprof("run", "-T", "0.01", "-o", "a.dat", sys.executable, "-c", code, status=0)
        self.assertGreater(float(self.marks()[0][0]), 100)

    def test_a_long_recording_is_not_read_whole(self):
        self.write("big", "MEM 7.000000 1700000000.000000\n" * 20000 + "MEM 9.000000 1700000001.000000\n")
        self.write("hold.py", "import fcntl, os, subprocess, sys\n"
                   "held = open('big'); fcntl.flock(held, fcntl.LOCK_EX)\n"
                   "subprocess.run(sys.argv[1:], check=True)\n")
        done = subprocess.run([sys.executable, "hold.py", lab.MPROF, "mark", "here"], cwd=self.folder,
                              env={**self.env, "MPROF_FILE": str(self.folder / "big")})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.marks("big")[0][0], "9.000000")
        self.assertEqual(len(self.recording("big")), 20002)

    def test_elsewhere_it_is_silent(self):
        for value in (None, "", "a.dat", "/no/such/file.dat", str(self.folder), "/dev/null"):
            done = self.mprof("mark", "x", status=0, env={} if value is None else {"MPROF_FILE": value})
            self.assertEqual(done.stdout + done.stderr, "", value)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_after_the_end_it_is_silent(self):
        self.script("exit 0", status=0)
        before = (self.folder / "a.dat").read_bytes()
        done = self.mprof("mark", "late", status=0, env={"MPROF_FILE": str(self.folder / "a.dat")})
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertEqual((self.folder / "a.dat").read_bytes(), before)

    def test_a_label_stays_in_its_line(self):
        self.script("sleep 0.1; $1 mark 'a\nMEM 99999.000000 1.000000'", status=0)
        self.assertEqual(self.marks()[0][2:], ["a\\nMEM", "99999.000000", "1.000000"])
        self.assertLess(max(float(line[1]) for line in self.recording() if line[0] == "MEM"), 1000)

    def test_the_inner_recording_has_the_mark(self):
        self.script('sleep 0.1; $1 run -q -o b.dat "$1" mark inner; $1 mark outer', status=0)
        self.assertEqual([m[2] for m in self.marks()], ["outer"])
        self.assertEqual([m[2] for m in self.marks("b.dat")], ["inner"])

    def test_into_a_pipe_nobody_marks(self):
        done = self.script('echo "[$MPROF_FILE]" >&2; $1 mark x', name="/dev/stdout", status=0)
        self.assertIn("[]", done.stderr)
        self.assertNotIn("MARK", done.stdout)

    def test_many_writers_tear_no_line(self):
        self.script('for i in 1 2 3 4; do for j in 1 2 3 4 5; do $1 mark "$i.$j" & done; wait; done', "-T", "0.0005",
                    status=0)
        self.assertEqual(len({m[2] for m in self.marks()}), 20)
        kinds = {line[0] for line in self.recording()}
        self.assertEqual(kinds - {"CMDLINE", "META", "MEM", "PEAK", "MARK", "PATH", "FRAME", "GROW", "BILL", "GONE", "EXIT"}, set())

    def test_the_environment_is_otherwise_untouched(self):
        done = self.script("env -0 | LC_ALL=C sort -z", status=0)
        theirs = set(done.stdout.split("\0")) - {""}
        named = {v for v in theirs if v.startswith("MPROF_")}
        self.assertEqual(named, {f"MPROF_FILE={os.path.realpath(self.folder)}/a.dat"})
        self.assertEqual({v.split("=")[0] for v in theirs - named} - set(self.env) - {"PWD", "OLDPWD", "SHLVL", "_"}, set())

    def moment(self, label, name="a.dat"):
        """Seconds from the first sample to a mark."""
        first = next(line for line in self.recording(name) if line[0] == "MEM")
        return next(float(line[2]) for line in self.recording(name) if line[0] == "MARK" and line[3] == label) - float(first[2])

    CLOCK = str(lab.BUILD / "tests" / "libmock-clock.so")

    def test_a_mark_stands_where_the_recorder_is_however_the_clock_was_set(self):
        for shift in ("AHEAD=-30", "AHEAD=100000", "MONOTONIC_AHEAD=500", "AHEAD=-30 MONOTONIC_AHEAD=-20"):
            self.script(f"sleep 0.2; {shift} LD_PRELOAD={self.CLOCK} $1 mark x; sleep 0.1", status=0)
            self.assertAlmostEqual(self.moment("x"), 0.3, delta=1, msg=shift)
            samples = [line for line in self.recording() if line[0] == "MEM"]
            self.assertGreaterEqual(self.moment("x"), 0.1)
            self.assertLess(float(samples[0][2]) + self.moment("x"), float(samples[-1][2]) + 1)

    def test_a_recorder_with_a_clock_of_its_own(self):
        for shift in ({"AHEAD": "-30"}, {"MONOTONIC_AHEAD": "500"}, {"AHEAD": "7", "MONOTONIC_AHEAD": "-3"}):
            env = {**shift, "LD_PRELOAD": self.CLOCK}
            self.script("sleep 0.2; LD_PRELOAD= $1 mark plain; $1 mark same; sleep 0.1", "-C", status=0, env=env)
            self.assertAlmostEqual(self.moment("plain"), 0.3, delta=1, msg=shift)
            self.assertAlmostEqual(self.moment("same"), 0.3, delta=1, msg=shift)
            first = float(next(line for line in self.recording() if line[0] == "MEM")[2])
            born = [float(line[3]) - first for line in self.recording() if line[0] == "PROC"]
            self.assertTrue(born and all(-0.1 <= t < 10 for t in born), (shift, born))

    def test_another_time_namespace(self):
        ahead = "unshare -T --monotonic 100000 --boottime 100000"
        if subprocess.run([*ahead.split(), "true"], capture_output=True).returncode != 0:
            self.skipTest("no time namespace can be made here")
        self.script(f"sleep 0.2; {ahead} $1 mark x; sleep 0.1", status=0)
        self.assertAlmostEqual(self.moment("x"), 0.3, delta=1)
        self.script(f"{ahead} $1 run -C -o b.dat sh -c 'sleep 0.1; /bin/true; $0 mark y' $1", status=0)
        self.assertAlmostEqual(self.moment("y", "b.dat"), 0.15, delta=1)
        first = float(next(line for line in self.recording("b.dat") if line[0] == "MEM")[2])
        born = [float(line[3]) - first for line in self.recording("b.dat") if line[0] == "PROC"]
        self.assertTrue(born and all(-0.1 <= t < 10 for t in born), born)

    def test_usage(self):
        self.refuses("mark", says="label")
        self.refuses("mark", "a", "b", says="quote")
        self.refuses("mark", "--no-such-option")


if __name__ == "__main__":
    lab.main()
