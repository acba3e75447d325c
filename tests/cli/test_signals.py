"""Signals reach the recorded program exactly once, and the recording is closed properly."""
import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals


class Signals(lab.Lab):
    def start(self, *words, **kw):
        run = subprocess.Popen([lab.MPROF, *words], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True, **kw)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.kill)
        return run

    def test_each_signal_is_forwarded_once(self):
        run = self.start("run", "-o", "a.dat", lab.target("signals"))
        self.assertEqual(run.stdout.readline(), "ready\n")
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
            run.send_signal(number)
            self.assertEqual(run.stdout.readline(), f"{int(number)}\n")
        self.assertEqual(run.stdout.read(), "")
        self.assertEqual(run.wait(10), 0)
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "0"])

    def test_a_program_that_dies_of_it(self):
        run = self.start("run", "-o", "a.dat", "sleep", "20")
        while not (self.folder / "a.dat").exists() or b"MEM" not in (self.folder / "a.dat").read_bytes():
            time.sleep(0.01)
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(10), -signal.SIGTERM)
        self.assertEqual(self.recording()[-1][1], "-15")

    def terminal(self, *words):
        """Runs in a terminal of its own; returns (pid, descriptor)."""
        pid, fd = terminals.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(lab.MPROF, [lab.MPROF, *words], {**self.env, "TERM": "xterm"})
        self.addCleanup(os.close, fd)
        return pid, fd

    def read_until(self, fd, text, seconds=10):
        got, end = "", time.monotonic() + seconds
        while text not in got and time.monotonic() < end:
            if select.select([fd], [], [], 0.1)[0]:
                try:
                    block = os.read(fd, 4096)
                except OSError:
                    break
                if not block:
                    break
                got += block.decode()
        return got

    def test_control_c_arrives_once(self):
        pid, fd = self.terminal("run", "-o", "a.dat", lab.target("signals"))
        self.assertIn("ready", self.read_until(fd, "ready"))
        os.write(fd, b"\x03")
        self.assertIn("2\r\n", self.read_until(fd, "2\r\n"))
        time.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        rest = self.read_until(fd, "mprof-c plot")
        self.assertEqual(re.findall(r"^\d+", rest, re.M), ["15"])
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)

    def test_the_closing_line(self):
        pid, fd = self.terminal("run", "-o", "a.dat", "sleep", "0.3")
        line = self.read_until(fd, "plot a.dat")
        os.waitpid(pid, 0)
        self.assertRegex(line, r"\Amprof-c: a\.dat: 0\.\d+ s, \d samples, exited with 0; (exact peak|peak at least) \d+\.\d MiB.*; .*mprof-c plot a\.dat")

    def test_quiet(self):
        pid, fd = self.terminal("run", "-q", "-o", "a.dat", "echo", "x")
        self.assertEqual(self.read_until(fd, "nothing", 2), "x\r\n")
        os.waitpid(pid, 0)

    def test_the_terminal_is_the_programs(self):
        pid, fd = self.terminal("run", "-q", "-o", "a.dat", sys.executable, "-c",
                                "import os; print(os.isatty(0) and os.isatty(1) and os.tcgetpgrp(0), os.getpgrp())")
        group = self.read_until(fd, "\n").split()
        os.waitpid(pid, 0)
        self.assertEqual(len(set(group)), 1, group)

    def test_a_stopped_job_goes_on(self):
        pid, fd = self.terminal("run", "-o", "a.dat", "-T", "0.02", "sleep", "0.6")
        while not (self.folder / "a.dat").exists() or b"MEM" not in (self.folder / "a.dat").read_bytes():
            time.sleep(0.01)
        os.killpg(pid, signal.SIGSTOP)
        self.assertTrue(os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]))
        time.sleep(0.3)
        os.killpg(pid, signal.SIGCONT)
        self.read_until(fd, "mprof-c plot")
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertGreater(int(self.recording()[-1][5]), 3)  # the ticks of the pause are counted as missed


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


class Beside(lab.Lab):
    """A recorder in a group of its own, with a program that prints what it hears."""

    def start(self, *options, words=None, **kw):
        run = subprocess.Popen([lab.MPROF, "run", "-q", "-o", "a.dat", *options, *(words or [lab.target("heard")])], cwd=self.folder,
                               env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=os.setpgrp, **kw)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.kill)
        if not words:
            self.pid = int(run.stdout.readline().split()[1])
        self.witness(run)
        return run

    def witness(self, run):
        """There is one, after some milliseconds."""
        self.assertTrue(self.wait_for(lambda: any(name(pid) == "witness" for pid in children(run.pid))))
        return next(pid for pid in children(run.pid) if name(pid) == "witness")

    def heard(self, run):
        """What came, each with its code, value and sender, but for the SIGTERM that ends it."""
        return [tuple(int(word) for word in line.split()) for line in run.stdout.read().splitlines()]

    def numbers(self, run):
        return [line[0] for line in self.heard(run)]


class Proxy(Beside):
    def test_every_signal_that_can_be_held(self):
        # Those that stop us are tried below; that a child has ended, the kernel tells us as well.
        run = self.start()
        numbers = [n for n in range(1, 65) if n not in (9, 19, 32, 33, signal.SIGTERM)]
        for number in numbers:
            run.send_signal(number)
            self.assertEqual(run.stdout.readline().split()[0], str(int(number)))
        run.terminate()
        self.assertEqual(self.numbers(run), [signal.SIGTERM])
        self.assertEqual(run.wait(10), 0)

    def test_queued_ones_keep_value_and_sender(self):
        libc = ctypes.CDLL(None)
        run = self.start()
        for number, value in ((signal.SIGRTMIN + 3, 41), (signal.SIGRTMIN + 3, 42), (signal.SIGUSR1, 43), (signal.SIGRTMAX, -7)):
            self.assertEqual(libc.sigqueue(run.pid, ctypes.c_int(number), ctypes.c_void_p(value)), 0)
            time.sleep(0.02)
        run.terminate()
        heard = self.heard(run)[:-1]
        self.assertEqual(heard, [(signal.SIGRTMIN + 3, -1, 41, os.getpid()), (signal.SIGRTMIN + 3, -1, 42, os.getpid()),
                                 (signal.SIGUSR1, -1, 43, os.getpid()), (signal.SIGRTMAX, -1, -7, os.getpid())])

    def test_what_the_group_was_sent_comes_once(self):
        run = self.start()
        numbers = [signal.SIGINT, signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH, signal.SIGRTMIN + 1, signal.SIGRTMIN + 1, signal.SIGTERM]
        for number in numbers:
            os.killpg(run.pid, number)
            time.sleep(0.05)
        self.assertEqual(self.numbers(run), numbers)
        self.assertEqual(run.wait(10), 0)

    def test_many_that_are_queued(self):
        run = self.start()
        number = signal.SIGRTMIN + 9
        for _ in range(100):
            os.killpg(run.pid, number)
        os.kill(run.pid, number)
        time.sleep(0.3)
        run.terminate()
        self.assertEqual(self.numbers(run), [number] * 101 + [signal.SIGTERM])

    def test_what_we_alone_were_sent_comes_too(self):
        run = self.start()
        for send in (lambda: os.killpg(run.pid, signal.SIGINT), lambda: run.send_signal(signal.SIGINT)):
            send()
            time.sleep(0.1)
        run.terminate()
        self.assertEqual(self.numbers(run), [signal.SIGINT, signal.SIGINT, signal.SIGTERM])

    def test_a_program_that_left_the_group(self):
        run = self.start(words=[lab.target("heard"), "apart"])
        run.stdout.readline()
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.1)
        run.terminate()
        self.assertEqual(self.numbers(run), [signal.SIGINT, signal.SIGTERM])

    def test_one_after_the_other(self):
        """As who stops a control group or a tree does, in either order."""
        for backwards in (False, True):
            run = self.start()
            everybody = sorted([run.pid, *children(run.pid)], reverse=backwards)
            self.assertEqual(len(everybody), 3)
            for number in (signal.SIGINT, signal.SIGTERM):
                for pid in everybody:
                    os.kill(pid, number)
                time.sleep(0.05)
            self.assertEqual(self.numbers(run), [signal.SIGINT, signal.SIGTERM])
            self.assertEqual(run.wait(10), 0)

    def test_what_the_program_sends_to_its_group(self):
        run = self.start(words=["sh", "-c", f"trap 'echo got' TERM; echo ready $$; sleep 0.3; kill -TERM 0; sleep 0.3; echo over"])
        self.assertRegex(run.stdout.read(), r"\Aready \d+\ngot\nover\n\Z")
        self.assertEqual(run.wait(10), 0)

    @unittest.skipUnless(shutil.which("pkill"), "no pkill here")
    def test_by_our_name_or_by_the_programs_words(self):
        for pattern in (["mprof"], ["-x", "mprof-c"], ["-f", "mprof-c run"], ["-f", "tests/heard$"], ["heard"], ["-f", "."]):
            run = self.start()
            subprocess.run(["pkill", "-INT", "-P", f"{run.pid},{os.getpid()}", *pattern], check=True)
            time.sleep(0.1)
            run.terminate()
            self.assertEqual(self.numbers(run), [signal.SIGINT, signal.SIGTERM], pattern)

    def test_a_terminal_that_hangs_up(self):
        """The kernel tells the leader of the session, and nobody else."""
        pid, fd = terminals.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(lab.MPROF, [lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", f"exec {lab.target('heard')} > heard"], self.env)
        heard = self.folder / "heard"
        self.assertTrue(self.wait_for(lambda: heard.exists() and heard.read_text()))
        self.assertTrue(self.wait_for(lambda: any(name(child) == "witness" for child in children(pid))))
        os.close(fd)
        self.assertTrue(self.wait_for(lambda: "\n1 " in heard.read_text()))
        time.sleep(0.1)
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        lines = [line.split()[0] for line in heard.read_text().splitlines()[1:]]
        self.assertEqual((lines.count("1"), lines.count("15")), (1, 1))

    def test_an_alarm_from_before_is_the_programs(self):
        script = "import signal, os, sys; signal.setitimer(signal.ITIMER_REAL, 0.3); os.execv(sys.argv[1], sys.argv[1:])"
        done = subprocess.run([sys.executable, "-c", script, lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", "sleep 5"],
                              cwd=self.folder, env=self.env, timeout=20)
        self.assertEqual(done.returncode, -signal.SIGALRM)

    def test_what_is_ignored_stays_so(self):
        def ignore():
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGRTMIN})

        def state_of(*before):
            out = subprocess.run([*before, lab.target("state")], preexec_fn=ignore, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
            return [line for line in out.stdout.splitlines() if line.split()[0] in ("blocked", "ignored")]
        self.assertEqual(state_of(lab.MPROF, "run", "-q", "-o", "a.dat"), state_of())

    def test_a_pipe_that_breaks_is_our_own_affair(self):
        """What we fail to write is none of the program's signals."""
        ends = os.pipe()
        run = subprocess.Popen(
            [lab.MPROF, "run", "-o", "a.dat", "-T", "0.02", "--at", "1K:warn", lab.target("heard")], cwd=self.folder, env=self.env,
            stdout=subprocess.PIPE, stderr=ends[1], text=True)
        os.close(ends[0])
        os.close(ends[1])
        run.stdout.readline()
        time.sleep(0.2)
        run.terminate()
        self.assertEqual(self.numbers(run), [signal.SIGTERM])
        run.stdout.close()
        run.wait(10)


class Stop(Beside):
    """Job control, as a shell sees it."""

    def wait_stopped(self, run):
        _, status = os.waitpid(run.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), status)
        return os.WSTOPSIG(status)

    def setUp(self):
        super().setUp()
        if os.getpgrp() == os.getsid(0) and os.getppid() in (0, 1):
            self.skipTest("the group would be an orphan's, which the kernel does not stop")

    def start_sleep(self, seconds="0.8"):
        run = self.start("-T", "0.02", words=["sleep", seconds])
        self.pid = next(pid for pid in children(run.pid) if name(pid) == "sleep")
        return run

    def test_the_group_is_stopped_and_goes_on(self):
        run = self.start_sleep()
        for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
            os.killpg(run.pid, number)
            self.assertEqual(self.wait_stopped(run), number)
            self.assertEqual(state(self.pid), "T")
            os.killpg(run.pid, signal.SIGCONT)
        self.assertEqual(run.wait(10), 0)
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "0"])

    def test_we_alone_are_told(self):
        run = self.start_sleep()
        run.send_signal(signal.SIGTSTP)
        self.assertEqual(self.wait_stopped(run), signal.SIGTSTP)
        self.assertEqual(state(self.pid), "T")
        run.send_signal(signal.SIGCONT)
        self.assertEqual(run.wait(10), 0)

    def test_the_program_alone_goes_on(self):
        run = self.start_sleep("0.5")
        os.killpg(run.pid, signal.SIGTSTP)
        self.wait_stopped(run)
        os.kill(self.pid, signal.SIGCONT)
        self.assertEqual(run.wait(10), 0)

    def test_the_program_is_killed_meanwhile(self):
        run = self.start_sleep("9")
        os.killpg(run.pid, signal.SIGTSTP)
        self.wait_stopped(run)
        os.kill(self.pid, signal.SIGKILL)
        self.assertEqual(run.wait(10), -signal.SIGKILL)

    def test_who_does_not_stop_does_not_stop_us(self):
        run = self.start()
        os.killpg(run.pid, signal.SIGTSTP)
        self.assertEqual(run.stdout.readline().split()[0], str(int(signal.SIGTSTP)))
        run.terminate()
        self.assertEqual(self.numbers(run), [signal.SIGTERM])
        self.assertEqual(run.wait(10), 0)

    def test_it_stops_alone(self):
        run = self.start_sleep("0.5")
        os.kill(self.pid, signal.SIGSTOP)
        time.sleep(0.2)
        self.assertNotEqual(state(run.pid), "T")
        os.kill(self.pid, signal.SIGCONT)
        self.assertEqual(run.wait(10), 0)


class Gone(Beside):
    """What is left when the recorder is killed."""

    def test_the_program_is_told_to_run_on(self):
        run = self.start(words=["sleep", "1.5"])
        pid = next(pid for pid in children(run.pid) if name(pid) == "sleep")
        witness = self.witness(run)
        run.kill()
        run.wait()
        self.assertEqual(run.stderr.readline(), f"mprof-c: the recorder was killed; the program (process {pid}) runs on unrecorded\n")
        self.assertTrue(self.wait_for(lambda: not Path(f"/proc/{witness}").exists() or state(witness) == "Z"))
        os.kill(pid, signal.SIGTERM)

    def test_those_that_are_waited_for_run_on(self):
        run = self.start("--wait", words=["sh", "-c", "sleep 1.5 >/dev/null 2>&1 & exec sleep 0.3"])
        pid = next(pid for pid in children(run.pid) if name(pid) != "witness")
        self.assertTrue(self.wait_for(lambda: not Path(f"/proc/{pid}").exists()))
        time.sleep(0.2)
        run.kill()
        run.wait()
        self.assertEqual(run.stderr.readline(),
                         f"mprof-c: the recorder was killed; what the program (process {pid}) left behind runs on unrecorded\n")

    def test_nothing_is_said_of_one_that_has_ended(self):
        run = self.start(words=["sleep", "30"])
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        self.assertEqual(run.stderr.read(), "")

    def test_where_no_signals_may_be_sent_nobody_waits_for_ever(self):
        done = subprocess.run([lab.target("without"), "kill", lab.MPROF, "run", "-o", "a.dat", "sh", "-c", "exit 7"], cwd=self.folder, env=self.env,
                              capture_output=True, text=True, timeout=20)
        if done.returncode == 77:
            self.skipTest("nothing can be refused here")
        self.assertEqual((done.returncode, done.stderr), (7, ""))

    def test_nobody_is_left_behind(self):
        run = self.start(words=["sleep", "0.2"])
        witness = self.witness(run)
        run.wait()
        self.assertFalse(Path(f"/proc/{witness}").exists())

    def test_a_pipe_is_not_held_open(self):
        run = self.start(words=["sh", "-c", "exec >&- ; sleep 1"])
        begin = time.monotonic()
        holders = [fd for fd in Path(f"/proc/{self.witness(run)}/fd").iterdir() if os.readlink(fd) == os.readlink(f"/proc/self/fd/{run.stdout.fileno()}")]
        self.assertEqual(holders, [])
        run.wait()


class First(lab.Lab):
    """Process 1 of a container."""

    def inside(self, *words, **kw):
        done = subprocess.run(["unshare", "-p", "-f", "--mount-proc", *words], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60, **kw)
        if "unshare failed" in done.stderr or "cannot" in done.stderr and "unshare" in done.stderr:
            self.skipTest("no namespaces here")
        return done

    def setUp(self):
        super().setUp()
        if self.inside("true").returncode != 0:
            self.skipTest("no namespaces here")

    def test_orphans_are_buried(self):
        orphans = "for i in 1 2 3 4; do (sleep 0.1 &); done; sleep 0.4; cat /proc/[0-9]*/stat | grep -c ') Z '"
        for options in ((), ("-C",), ("-M",)):
            done = self.inside(lab.MPROF, "run", "-q", "-o", "a.dat", *options, "sh", "-c", orphans)
            self.assertEqual((done.stdout, done.returncode), ("0\n", 1), done.stderr)

    def test_so_it_is_below_another_that_adopts(self):
        orphans = "for i in 1 2 3 4; do (sleep 0.1 &); done; sleep 0.4; ps -o stat= --ppid $PPID | grep -c Z"
        script = "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
        done = subprocess.run([sys.executable, "-c", script, lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", orphans],
                              cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual(done.stdout, "0\n")

    def test_the_status(self):
        self.assertEqual(self.inside(lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", "exit 5").returncode, 5)
        self.assertEqual(self.inside(lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", "kill -TERM $$").returncode, 128 + 15)

    def test_signals_without_a_handler_arrive(self):
        """The kernel keeps from process 1 what it does not handle; who is blocked is asked first."""
        run = subprocess.Popen(["unshare", "-p", "-f", "--mount-proc", lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", "echo ready; exec sleep 20"],
                               cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
        run.stdout.readline()
        (first,) = children(run.pid)
        os.kill(first, signal.SIGTERM)
        self.assertEqual(run.wait(20), 128 + 15)
        run.stdout.close()

    def test_it_leaves_with_the_program(self):
        done = self.inside(lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", "sleep 30 >/dev/null 2>&1 & exit 3")
        self.assertEqual(done.returncode, 3)


if __name__ == "__main__":
    lab.main()
