#!/usr/bin/env python3
"""What becomes of a run whose recording cannot be written, or that nobody reads."""
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import lab


class Disk(lab.Lab):
    """A file that takes no more: the run, its thresholds and its gate go on."""

    def limited(self, *args, bytes=256, **kw):
        return self.mprof("run", "-T", "0.005", *args,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, resource.RLIM_INFINITY)), **kw)

    def spend(self, mib=60, seconds="0.5"):
        return lab.target("spend"), str(mib), seconds

    def ways(self):
        yield "a limit", lambda *args, **kw: self.limited("-o", "a.dat", *args, **kw)
        yield "no room", lambda *args, **kw: self.mprof("run", "-T", "0.005", "-o", "/dev/full", *args, **kw)

    def test_thresholds_go_on(self):
        for name, run in self.ways():
            with self.subTest(name):
                done = run("--at", "40M:kill", *self.spend(seconds="20"), status=-signal.SIGKILL)
                self.assertEqual(done.stderr.count("cannot write"), 1, done.stderr)

    def test_the_gate_goes_on(self):
        for name, run in self.ways():
            with self.subTest(name):
                done = run("--max-peak", "40M", *self.spend(), status=3)
                self.assertEqual(done.stderr.count("cannot write"), 1, done.stderr)
                run("--max-peak", "400M", *self.spend(), status=0)

    def test_the_gate_of_a_tree_goes_on(self):
        both = "{0} 40 0.5 & {0} 40 0.5 & wait".format(lab.target("spend"))
        for name, run in self.ways():
            with self.subTest(name):
                run("-C", "--max-peak", "70M", "sh", "-c", both, status=3)

    def test_the_programs_status_is_its_own(self):
        for name, run in self.ways():
            with self.subTest(name):
                run("sh", "-c", "sleep 0.2; exit 7", status=7)
                run("sh", "-c", "sleep 0.2", status=0)

    def test_told_when_it_happens(self):
        with subprocess.Popen([lab.MPROF, "run", "-T", "0.01", "-o", "/dev/full", "sleep", "20"], cwd=self.folder,
                              env=self.env, stderr=subprocess.PIPE, text=True) as run:
            line = run.stderr.readline()
            self.assertIsNone(run.poll())
            run.terminate()
            self.assertEqual(run.wait(10), -signal.SIGTERM)
        self.assertIn("/dev/full: No space left", line)

    def test_whole_lines(self):
        self.limited("-o", "a.dat", "sleep", "0.3", bytes=400)
        text = (self.folder / "a.dat").read_text()
        self.assertTrue(text.endswith("\n"))
        self.assertLessEqual(len(text), 400)
        self.assertEqual(self.mprof("peak", "a.dat", status=0).stderr, "")

    def test_room_that_comes_back(self):
        with subprocess.Popen([lab.MPROF, "run", "-T", "0.01", "-o", "a.dat", "sleep", "1.2"], cwd=self.folder, env=self.env,
                              stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400, resource.RLIM_INFINITY))) as run:
            told = run.stderr.readline()
            resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            rest = run.stderr.read()
            self.assertEqual(run.wait(10), 0)
        self.assertIn("a.dat: File too large", told)
        self.assertIn("written again, and whole", rest)
        lines = self.recording()
        end = [line for line in lines if line[0] == "EXIT"]
        self.assertEqual(len([line for line in lines if line[0] == "MEM"]), int(end[0][4]))

    def test_an_attached_process(self):
        with subprocess.Popen(["sleep", "20"]) as process:
            done = self.mprof("attach", "-t", "0.3", "-T", "0.01", "-o", "/dev/full", str(process.pid), status=1)
            process.kill()
        self.assertEqual(done.stderr.count("cannot write"), 1, done.stderr)


class Name(lab.Lab):
    """A recording whose name leads elsewhere before its end."""

    def told(self, happens, seconds="2.6"):
        with subprocess.Popen([lab.MPROF, "run", "-T", "0.02", "-o", "a.dat", "sleep", seconds], cwd=self.folder, env=self.env,
                              stderr=subprocess.PIPE, text=True) as run:
            self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and self.recording()))
            happens()
            line = run.stderr.readline()
            self.assertIsNone(run.poll())
            rest = run.stderr.read()
            self.assertEqual((run.wait(10), rest), (0, ""))
        return line

    def test_deleted(self):
        self.assertIn("a.dat was deleted or replaced", self.told((self.folder / "a.dat").unlink))

    def test_replaced(self):
        other = self.write("b.dat", "other\n")
        self.assertIn("a.dat was deleted or replaced", self.told(lambda: other.rename(self.folder / "a.dat")))
        self.assertEqual((self.folder / "a.dat").read_text(), "other\n")

    def test_moved(self):
        self.assertIn("a.dat is not at its place", self.told(lambda: (self.folder / "a.dat").rename(self.folder / "b.dat")))
        self.assertEqual(self.recording("b.dat")[-1][0], "EXIT")

    def test_deleted_at_the_end(self):
        done = self.mprof("run", "-o", "a.dat", "rm", "a.dat", status=0)
        self.assertIn("a.dat was deleted or replaced", done.stderr)


class Two(lab.Lab):
    """Two recorders and one file: the second is refused before its program starts, and the first goes on."""

    def start(self, *words):
        run = subprocess.Popen([lab.MPROF, *words], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.communicate)
        self.addCleanup(run.terminate)
        return run

    def ended(self, run, name="a.dat"):
        run.terminate()
        run.wait(20)
        return self.recording(name)

    def test_a_second_one_is_refused(self):
        self.write("a.dat", "CMDLINE old\nMEM 1.0 1700000000.0\n")
        run = self.start("run", "-q", "-T", "0.01", "-o", "a.dat", "sleep", "20")
        self.wait_for(lambda: any(line[0] == "MEM" and line[2] != "1700000000.0" for line in self.recording()))
        os.link(self.folder / "a.dat", self.folder / "b.dat")
        for words in (("run", "-o", "a.dat", "touch", "started"), ("run", "-o", "b.dat", "touch", "started"),
                      ("attach", "-t", "0.1", "-o", "./a.dat", run.pid)):
            self.refuses(*words, status=1, says="another recorder writes")
        self.assertFalse((self.folder / "started").exists())
        lines = self.ended(run)
        self.assertEqual((lines[0], lines[-1][0]), (["CMDLINE", "sleep", "20"], "EXIT"))
        self.assertEqual(len([line for line in lines if line[0] == "CMDLINE"]), 1)
        self.mprof("run", "-q", "-o", "a.dat", "true", status=0)  # once it has ended

    def test_one_inside_the_other(self):
        done = self.mprof("run", "-o", "a.dat", lab.MPROF, "run", "-o", "a.dat", "touch", "started", status=1)
        self.assertIn("another recorder writes a.dat", done.stderr)
        self.assertFalse((self.folder / "started").exists())

    def test_one_that_was_given_no_name(self):
        run = self.start("run", "-q", "sleep", "20")
        name = self.wait_for(lambda: next((p.name for p in self.folder.glob("mprofile_*.dat") if p.stat().st_size), None))
        self.refuses("run", "-o", name, "true", status=1, says="another recorder writes")
        self.assertEqual(self.ended(run, name)[-1][0], "EXIT")

    def test_what_a_program_leaves_behind_holds_nobody_up(self):
        for _ in range(3):
            self.mprof("run", "-q", "-o", "a.dat", "sh", "-c", "sleep 5 >/dev/null 2>&1 & exit 0", status=0)

    def test_devices_are_shared(self):
        run = self.start("run", "-q", "-o", "/dev/null", "sleep", "20")
        self.assertIsNone(run.poll())
        self.mprof("run", "-q", "-o", "/dev/null", "true", status=0)


class Pipe(lab.Lab):
    def test_without_a_reader(self):
        os.mkfifo(self.folder / "pipe")
        before = time.monotonic()
        self.refuses("run", "-o", "pipe", "true", status=1, says="nobody reads the pipe pipe")
        self.assertLess(time.monotonic() - before, 10)

    def test_a_reader_that_comes_later(self):
        os.mkfifo(self.folder / "pipe")
        with subprocess.Popen(["sh", "-c", "sleep 0.3; exec cat pipe"], cwd=self.folder, stdout=subprocess.PIPE, text=True) as cat:
            self.mprof("run", "-o", "pipe", "true", status=0)
            self.assertIn("\nEXIT 0 ", cat.stdout.read())

    def asleep(self, *args):
        """A run into a pipe that is full."""
        os.mkfifo(self.folder / "pipe")
        self.reader = os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, self.reader)
        filler = os.open(self.folder / "pipe", os.O_WRONLY | os.O_NONBLOCK)
        self.filled = 0
        try:
            while True:
                self.filled += os.write(filler, b"\n" * 4096)
        except BlockingIOError:
            os.close(filler)
        return subprocess.Popen([lab.MPROF, "run", "-T", "0.001", "-o", "pipe", *args], cwd=self.folder, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_a_sleeping_reader_holds_nobody_up(self):
        before = time.monotonic()
        with self.asleep("sh", "-c", "sleep 0.5; exit 5") as run:
            said = run.communicate(timeout=20)[1]
        self.assertEqual(run.returncode, 5)
        self.assertLess(time.monotonic() - before, 4)
        self.assertRegex(said, r"\Amprof-c: whoever reads pipe did not keep up; \d+ records are not in it\n\Z")

    def test_a_signal_arrives_meanwhile(self):
        words = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"
        with self.asleep("sh", "-c", words) as run:
            self.assertEqual(run.stdout.readline(), "ready\n")
            time.sleep(0.3)
            before = time.monotonic()
            run.terminate()
            self.assertEqual(run.wait(10), 9)
            run.communicate()
        self.assertLess(time.monotonic() - before, 4)

    def test_a_reader_that_wakes_up(self):
        with self.asleep("sleep", "1") as run:
            time.sleep(0.5)
            text = b""
            while b"\nEXIT" not in text and run.poll() is None:
                try:
                    text += os.read(self.reader, 65536)
                except BlockingIOError:
                    time.sleep(0.01)
            try:
                text += os.read(self.reader, 65536)
            except BlockingIOError:
                pass
            said = run.communicate(timeout=20)[1]
        self.assertEqual((run.returncode, said), (0, ""))
        lines = text[self.filled:].decode().splitlines()
        self.assertTrue(lines[0].startswith("CMDLINE") and lines[-1].startswith("EXIT"), lines[-1:])
        self.assertEqual(len([line for line in lines if line.startswith("MEM")]), int(lines[-1].split()[4]))

    def test_standard_output_stays_as_it_is(self):
        """Whoever shares it with us would be astonished by a read that does not wait."""
        words = "import fcntl, os; print('flags', fcntl.fcntl(1, fcntl.F_GETFL) & os.O_NONBLOCK)"
        done = self.mprof("run", "-o", "/dev/stdout", sys.executable, "-c", words, status=0)
        self.assertIn("flags 0\n", done.stdout)


class Limits(lab.Lab):
    """What we would like to have gives way to what the run needs."""

    def test_few_descriptors(self):
        for n in range(5, 17):
            for options in (), ("-C",), ("-X", "-C", "-b", "rss,pss"):
                with self.subTest(n=n, options=options):
                    done = self.mprof("run", "-q", "-T", "0.01", "-o", "a.dat", *options, "sh", "-c", "exit 7", status=7,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
                    self.assertNotIn("cannot", done.stderr)

    def test_few_descriptors_for_a_while(self):
        for n in range(6, 17):
            done = self.mprof("run", "-q", "-T", "0.01", "-o", "a.dat", "sleep", "0.08", status=0,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
            self.assertEqual(done.stderr, "", n)

    def test_nothing_untrue_is_said_for_want_of_descriptors(self):
        for n in range(6, 17):
            with self.subTest(n=n):
                done = self.mprof("run", "-C", "-T", "0.02", "-o", "a.dat", "sh", "-c", "sleep 0.1; sleep 0.1", status=0,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
                self.assertNotIn("was killed", done.stderr)
                self.assertNotIn("another user's", done.stderr)
                self.assertRegex(done.stderr, r"\A(mprof-c: warning: .*no descriptors were left.*; raise ulimit -n\n)?\Z")

    def test_a_program_that_is_not_there(self):
        for n in 5, 64:
            self.mprof("run", "nosuchprogram", status=127,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))

    def test_a_command_that_cannot_be_started(self):
        """Told and marked, and run once that is possible."""
        with subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.02", "-o", "a.dat", "--at", "20M:run=echo ran",
                               "sh", "-c", "sleep 1; exec " + lab.target("spend") + " 60 2"], cwd=self.folder, env=self.env, stderr=subprocess.PIPE,
                              text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))) as run:
            self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and self.recording()))
            resource.prlimit(run.pid, resource.RLIMIT_NOFILE, (3, 256))
            told = run.stderr.readline()
            self.assertIn("cannot run 'echo ran' for --at", told)
            resource.prlimit(run.pid, resource.RLIMIT_NOFILE, (256, 256))
            self.assertEqual(run.stderr.read(), "ran\n")
        marks = [" ".join(line[3:]) for line in self.recording() if line[0] == "MARK"]
        self.assertEqual(marks, ["above 20M: run=echo ran", "not run, above 20M: run=echo ran", "late, above 20M: run=echo ran"])

    def test_a_picture_that_may_not_grow(self):
        """A sentence, not a death by SIGXFSZ."""
        self.mprof("run", "-T", "0.001", "-o", "a.dat", "sleep", "0.5", status=0)
        small = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))}
        for words in ("plot", "-o", "b.png", "a.dat"), ("plot", "-b", "csv", "-o", "b.csv", "a.dat"), ("plot", "-o", "b.svg", "a.dat"):
            with self.subTest(words):
                done = self.mprof(*words, status=1, **small)
                self.assertRegex(done.stderr, r"\Amprof-c: [^\n]*error|File too large[^\n]*\n\Z")
                self.assertFalse((self.folder / words[-2]).exists())
        with open(self.folder / "list", "w") as out:
            done = self.mprof("run", "--help", status=1, stdout=out, **small)
        self.assertIn("File too large", done.stderr)

    def inside(self, script, bytes):
        self.write("a.py", script)
        return self.mprof("run", "--python", "-o", "a.dat", sys.executable, "a.py",
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes)))

    def test_a_program_that_counts_on_our_decorator(self):
        done = self.inside("@profile\ndef f():\n    return 1\nf()\nprint('fine')\n", 1024)
        self.assertEqual((done.returncode, done.stdout), (0, "fine\n"), done.stderr)

    def test_what_is_written_in_a_program_does_not_end_it(self):
        done = self.inside("import signal, time\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n@profile\ndef f():\n    pass\n"
                           "for _ in range(20000):\n    f()\ntime.sleep(0.3)\nfor _ in range(20000):\n    f()\nprint('fine')\n",
                           16384)
        self.assertEqual((done.returncode, done.stdout), (0, "fine\n"), done.stderr)

    def test_the_programs_own_limit(self):
        """SIGXFSZ is the program's as it was."""
        words = "import os\nfor l in open('/proc/self/status'):\n  l[:6] in ('SigIgn', 'SigBlk') and print(l.strip())"
        bare = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True).stdout
        with_us = self.mprof("run", sys.executable, "-c", words, status=0).stdout
        self.assertEqual(with_us, bare)


class Stall(lab.Lab):
    def test_a_recorder_that_sleeps_until_the_end(self):
        with subprocess.Popen([lab.MPROF, "run", "-T", "0.05", "-o", "a.dat", "sleep", "1.5"], cwd=self.folder, env=self.env) as run:
            self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and len(self.recording()) > 4))
            run.send_signal(signal.SIGSTOP)
            time.sleep(2)
            run.send_signal(signal.SIGCONT)
            self.assertEqual(run.wait(10), 0)
        self.assertGreater(int(self.recording()[-1][5]), 10)


class Mode(lab.Lab):
    def mode(self, name):
        return stat.S_IMODE((self.folder / name).stat().st_mode)

    def test_run(self):
        for mask, options, mode in (0o022, (), 0o600), (0o077, ("--public",), 0o600), (0o022, ("--public",), 0o644), \
                (0o027, ("--public",), 0o640):
            with self.subTest(mask=mask, options=options):
                self.mprof("run", "-o", "a.dat", *options, "true", status=0, preexec_fn=lambda: os.umask(mask))
                self.assertEqual(self.mode("a.dat"), mode)
                (self.folder / "a.dat").unlink()

    def test_a_name_of_our_own(self):
        self.mprof("run", "true", status=0)
        self.mprof("attach", "-t", "0.01", str(os.getpid()), status=0)
        names = [path.name for path in self.folder.glob("mprofile_*.dat")]
        self.assertEqual([self.mode(name) for name in names], [0o600, 0o600])

    def test_one_that_is_replaced(self):
        for mode in 0o640, 0o600:
            self.write("a.dat", "MEM 1.0 1.0\n", mode=mode)
            self.mprof("run", "-o", "a.dat", "true", status=0)
            self.assertEqual(self.mode("a.dat"), mode)


if __name__ == "__main__":
    lab.main()
