"""Signals reach the recorded program exactly once, and the recording is closed properly."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


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

    def test_a_launcher_is_not_repeated(self):
        self.env["OMPI_COMM_WORLD_RANK"] = "0"
        run = self.start("run", "-o", "a.dat", lab.target("signals"))
        self.assertEqual(run.stdout.readline(), "ready\n")
        run.send_signal(signal.SIGINT)  # its parent is us: a launcher signals the target itself
        time.sleep(0.2)
        pid = int(re.search(r"pid=(\d+)", (self.folder / "a.dat").read_text()).group(1))
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(run.stdout.read(), "15\n")
        self.assertEqual(run.wait(10), 0)

    def test_a_program_that_dies_of_it(self):
        run = self.start("run", "-o", "a.dat", "sleep", "20")
        while not (self.folder / "a.dat").exists() or b"MEM" not in (self.folder / "a.dat").read_bytes():
            time.sleep(0.01)
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(10), -signal.SIGTERM)
        self.assertEqual(self.recording()[-1][1], "-15")

    def terminal(self, *words):
        """Runs in a terminal of its own; returns (pid, descriptor)."""
        pid, fd = pty.fork()
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
        self.assertRegex(line, r"\Amprof-c: a\.dat: 0\.\d+ s, \d samples, (exact )?peak \d+\.\d MiB; .*mprof-c plot a\.dat")

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


if __name__ == "__main__":
    lab.main()
