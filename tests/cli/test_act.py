"""--at: what happens when memory rises above a size."""
import os
import resource
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

WAVES = """
import time
for _ in range(3):
    held = bytearray(80 << 20)
    time.sleep(0.4)
    del held
    time.sleep(0.4)
"""


class Base(lab.Lab):
    def record(self, action, *words, options=(), **kw):
        done = self.mprof("run", "-q", "-o", "a.dat", "-T", "0.05", "--at", action, *options, *words, **kw)
        self.lines = self.recording()
        return done

    def of(self, kind):
        return [line for line in self.lines if line[0] == kind]

    def spend(self, seconds="0.3", mib="60"):
        return [lab.target("spend"), mib, seconds]


class Act(Base):
    def test_mark(self):
        done = self.record("40M:mark", *self.spend(), status=0)
        self.assertEqual(done.stderr, "")
        (mark,) = self.of("MARK")
        self.assertEqual(mark[3:], ["above", "40M:", "mark"])
        self.assertGreater(float(mark[1]), 40)
        # It stands with the first sample that was above.
        self.assertEqual(mark[2], next(line[2] for line in self.of("MEM") if float(line[1]) > 40))

    def test_nothing_below(self):
        done = self.record("500M:kill", *self.spend(), status=0)
        self.assertEqual((done.stderr, self.of("MARK")), ("", []))

    def test_warn(self):
        done = self.record("40M:warn", *self.spend(), status=0)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: process \d+ holds \d+\.\d MiB, above 40M\n\Z")

    def test_signals(self):
        self.record("40M:term", *self.spend("20"), status=-signal.SIGTERM)
        self.record("40M:kill", *self.spend("20"), status=-signal.SIGKILL)
        self.assertIn("killed=at", [word for line in self.of("META") for word in line])
        self.assertIn("killed by --at", self.mprof("peak", "a.dat", status=0).stdout)
        self.assertEqual(self.of("EXIT")[0][1], "-9")

    def test_stop(self):
        run = subprocess.Popen([lab.MPROF, "run", "-o", "a.dat", "-T", "0.05", "--at", "40M:stop", *self.spend()], cwd=self.folder,
                               env=self.env, stderr=subprocess.PIPE, text=True)
        said = run.stderr.readline()
        pid = int(said.split("kill -CONT ")[1])
        self.assertRegex(said, rf"\Amprof-c: warning: stopped process {pid} at [^\n]*\n\Z")
        stat = Path(f"/proc/{pid}/stat")
        self.assertTrue(self.wait_for(lambda: stat.read_text().split(")")[1].split()[0] == "T"))
        os.kill(pid, signal.SIGCONT)
        self.assertEqual(run.wait(20), 0)
        self.assertEqual(run.stderr.read(), "")
        run.stderr.close()

    def test_a_tree_is_measured_and_stopped_as_one(self):
        spend = " ".join(self.spend("20", "40"))
        words = ("sh", "-c", f"{spend} & {spend} & wait")
        self.record("60M:kill", *words, options=("-t", "15", "-C"), status=-signal.SIGKILL)
        for line in self.of("PROC"):
            stat = Path(f"/proc/{line[1]}/stat")
            self.assertTrue(self.wait_for(lambda: not stat.exists() or stat.read_text().split(")")[1].split()[0] in "ZX"))

    def test_several_thresholds_in_their_order(self):
        self.record("20M:mark", *self.spend(), options=("--at", "40M:mark", "--at=500M:kill"), status=0)
        self.assertEqual([mark[4] for mark in self.of("MARK")], ["20M:", "40M:"])

    def test_once_each_time_that_it_rises(self):
        self.write("waves.py", WAVES)
        self.record("60M:mark", "waves.py", status=0)
        self.assertEqual(len(self.of("MARK")), 3)

    def test_who_ignores_term_is_killed_later(self):
        stubborn = ("sh", "-c", f"trap '' TERM; exec {' '.join(self.spend('20'))}")
        begin = time.monotonic()
        self.record("40M:term,kill=0.5", *stubborn, status=-signal.SIGKILL)
        self.assertTrue(0.5 < time.monotonic() - begin < 15)
        self.assertEqual([mark[3:] for mark in self.of("MARK")],
                         [["above", "40M:", "term,kill=0.5"], ["later,", "above", "40M:", "term,kill=0.5"]])

    def test_who_heeds_term_is_not_waited_for(self):
        begin = time.monotonic()
        self.record("40M:term,kill=9", *self.spend("20"), status=-signal.SIGTERM)
        self.assertLess(time.monotonic() - begin, 8)

    def test_what_was_begun_is_done_after_the_timeout(self):
        stubborn = ("sh", "-c", f"trap '' TERM; exec {' '.join(self.spend('20'))}")
        self.record("40M:term,kill=2.5", *stubborn, options=("-t", "2"), status=-signal.SIGKILL)

    def test_a_tree_whose_program_has_gone(self):
        """The shell heeds the signal, its child does not."""
        spend = " ".join(self.spend("20"))
        begin = time.monotonic()
        self.record("40M:term,kill=0.5", "sh", "-c", f"(trap '' TERM; exec {spend}) >/dev/null 2>&1 & wait", options=("-C",), status=-signal.SIGTERM)
        self.assertLess(time.monotonic() - begin, 15)
        self.assertIn("-9", [line[4] for line in self.of("GONE")])

    def test_several_actions(self):
        done = self.record("40M:mark,warn,run=echo a,b", *self.spend("0.6"), status=0)
        self.assertIn("above 40M\n", done.stderr)
        self.assertIn("a,b\n", done.stderr)
        self.assertEqual(len(self.of("MARK")), 1)

    def test_a_figure_of_the_machine(self):
        done = self.record("system:1M:warn", *self.spend(), status=0)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: the machine holds [^\n]*, above system:1M\n\Z")
        self.assertEqual(self.record("system:100%:warn", *self.spend(), status=0).stderr, "")

    def test_a_figure_of_the_group(self):
        if self.mprof("run", "-o", "b.dat", "-b", "cgroup.workingset", "true").returncode != 0:
            self.skipTest("no control group tells its memory here")
        done = self.record("cgroup:1M:warn", *self.spend(), status=0)
        self.assertRegex(done.stderr, r"the control group of process \d+ holds [^\n]*, above cgroup:1M\n\Z")

    def test_the_main_figure_by_its_name(self):
        self.record("rss:40M:mark", *self.spend(), status=0)
        self.assertEqual(self.of("MARK")[0][3:], ["above", "rss:40M:", "mark"])
        self.refuses("run", "--at", "swap:1G:warn", "true", says="put the other first: -b swap")

    def test_a_share_of_the_limit(self):
        self.record("0.0001%:mark", *self.spend(), status=0)
        self.assertEqual(self.of("MARK")[0][4], "0.0001%:")

    def test_a_spike_between_samples(self):
        self.record("60M:mark", lab.target("spikes"), "1", "60", "0.3", options=("-X",), status=0)
        self.assertEqual(len(self.of("MARK")), 1 if any("exact=1" in line for line in self.of("META")) else len(self.of("MARK")))

    def test_an_attached_process(self):
        process = subprocess.Popen(self.spend("20"))
        self.mprof("attach", "-o", "a.dat", "--at", "40M:term", process.pid, status=0)
        self.assertEqual(process.wait(20), -signal.SIGTERM)

    def test_nonsense(self):
        for text in ("", "x", "40M", "40M:", ":warn", "40M:wait", "0:warn", "101%:warn", "40M:run=", "-1:kill"):
            self.refuses("run", "--at", text, "true", says="--at takes SIZE:ACTION")
        self.refuses("run", *["--at=1G:mark"] * 17, "true", says="at most 16 times")
        self.assertEqual(list(self.folder.iterdir()), [])


class Command(Base):
    def test_what_it_is_told(self):
        done = self.record("40M:run=echo $MPROF_PID $MPROF_FILE $MPROF_MIB > told", *self.spend(), status=0)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.assertTrue(self.wait_for((self.folder / "told").exists))
        self.assertTrue(self.wait_for(lambda: (self.folder / "told").read_text().endswith("\n")))
        pid, file, mib = (self.folder / "told").read_text().split()
        self.assertIn(f"pid={pid}", self.of("META")[0])
        self.assertEqual(file, str((self.folder / "a.dat").resolve()))
        self.assertEqual(mib, self.of("MARK")[0][1])

    def test_what_it_inherits(self):
        state = lab.target("state")
        done = self.record(f"40M:run={state}; echo over", *self.spend("0.6"), status=0)
        usual = subprocess.run(["setsid", "sh", "-c", state], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env)
        told = {line.split()[0]: line for line in done.stderr.splitlines()}
        self.assertIn("over", told, done.stderr)
        for line in usual.stdout.splitlines():
            if line.split()[0] not in ("group", "slack"):
                self.assertEqual(told[line.split()[0]], line)
        self.assertEqual(told["slack"], "slack 50000")
        self.assertEqual(done.stdout, "")  # its output is none of the program's

    def test_its_limit_of_descriptors_is_as_it_was(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))

        done = self.record("40M:run=ulimit -n", *self.spend("0.6"), options=("-C",), status=0, preexec_fn=lower)
        self.assertEqual(done.stderr, "512\n")

    def test_the_programs_input_is_not_its_own(self):
        done = self.record("40M:run=cat >&2", "sh", "-c", f"{' '.join(self.spend('0.3'))}; cat", options=("-C",), input="for you\n", status=0)
        self.assertEqual((done.stdout, done.stderr), ("for you\n", ""))

    def test_it_is_none_of_the_family(self):
        self.record("40M:run=sleep 0.3; (sleep 0.4; sleep 0.1) & exit 0", *self.spend("0.8"), options=("-C", "-M"), status=0)
        self.assertEqual([line for line in self.lines if line[0] in ("PROC", "CHLD")], [])
        self.assertEqual(len(self.of("GONE")), 1)

    def test_it_does_not_hold_us_up(self):
        begin = time.monotonic()
        self.record("40M:run=exec sleep 4 >/dev/null 2>&1", *self.spend("0.5"), status=0)
        self.assertLess(time.monotonic() - begin, 3.5)
        self.assertGreater(sum(float(line[1]) > 40 for line in self.of("MEM")), 2)

    def test_one_at_a_time(self):
        self.write("waves.py", WAVES + "open('over', 'w')\n")
        self.record("60M:run=echo ran >> told; until [ -e over ]; do sleep 0.1; done >/dev/null 2>&1", "waves.py", status=0)
        self.assertEqual(len(self.of("MARK")), 3)
        self.assertEqual((self.folder / "told").read_text(), "ran\n")

    def test_standard_error_that_is_closed(self):
        script = f"exec {lab.MPROF} run -T 0.05 -o a.dat --at '40M:run=echo forged' {' '.join(self.spend())} 2>&- <&-"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertNotIn("\nforged", (self.folder / "a.dat").read_text())


if __name__ == "__main__":
    lab.main()
