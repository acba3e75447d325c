"""live: a recording that is looked at while it is made, on a terminal and elsewhere."""
import codecs
import fcntl
import os
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

# The leader of a terminal's session: starts what is named in a group of its own in the foreground, as a shell does, tells on its
# standard output what becomes of it, and what the terminal's modes are then. A line on its standard input brings it to the front again.
LEADER = r"""
import fcntl, os, signal, sys, termios
os.setsid()
tty = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(tty, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
def modes(): return repr(termios.tcgetattr(tty))
def front(pid): os.tcsetpgrp(tty, pid)
def say(*words): print(*words, flush=True)
say("before", modes())
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    front(os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    for fd in (0, 1, 2):
        os.dup2(tty, fd)
    os.execv(sys.argv[2], sys.argv[2:])
say("pid", pid)
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        say("stopped", modes())
        sys.stdin.readline()
        front(pid)
        os.killpg(pid, signal.SIGCONT)
        continue
    front(os.getpgid(0))
    say("ended", os.waitstatus_to_exitcode(status), modes())
    break
"""


class Screen:
    """What a terminal of that size shows of what is written to it: enough of one for this program."""

    def __init__(self, width, height):
        self.resize(width, height)
        self.rest, self.alternate, self.cursor, self.wrap, self.wide = "", False, True, True, 0
        self.progress, self.framed = [], True

    def resize(self, width, height):
        self.width, self.height = width, height
        self.rows, self.x, self.y, self.frame = [[" "] * width for _ in range(height)], 0, 0, ""

    def text(self):
        """The last whole frame; of what draws none, as it stands."""
        return self.frame if self.framed else "\n".join("".join(row).rstrip() for row in self.rows)

    def feed(self, text):
        text = self.rest + text
        at = 0
        token = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\](.*?)(?:\x07|\x1b\\)|[^\x1b]", re.S)
        while at < len(text):
            found = token.match(text, at)
            if not found:
                break
            at = found.end()
            if found[2]:
                self.control(found[1], found[2])
            elif found[3] is not None:
                self.progress.append(found[3])
            else:
                self.put(found[0])
        self.rest = text[at:]

    def control(self, arguments, final):
        numbers = [int(n) for n in arguments.strip("?").split(";") if n]
        if final == "H":
            self.y, self.x = (numbers + [1, 1])[0] - 1, (numbers + [1, 1])[1] - 1
        elif final == "K" and 0 <= self.y < self.height:
            self.rows[self.y][self.x:] = [" "] * (self.width - self.x)
        elif final == "J":
            self.rows = [[" "] * self.width for _ in range(self.height)]
        elif final in "hl" and arguments.startswith("?"):
            for number in numbers:
                if number == 1049:
                    self.alternate = final == "h"
                elif number == 2026 and final == "l":
                    self.frame = "\n".join("".join(row).rstrip() for row in self.rows)
                elif number == 25:
                    self.cursor = final == "h"
                elif number == 7:
                    self.wrap = final == "h"

    def put(self, character):
        if character == "\n":
            self.y += 1
        elif character == "\r":
            self.x = 0
        elif ord(character) >= 32 and self.y < self.height:
            if self.x >= self.width:
                self.wide += 1
                self.x = self.width - 1
            self.rows[self.y][self.x] = character
            self.x += 1


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, test, *args, width=100, height=30, env=None, program=lab.MPROF):
        self.test, self.screen = test, Screen(width, height)
        self.master, slave = terminals.open_pair()
        self.resize(width, height)
        self.leader = subprocess.Popen([sys.executable, "-c", LEADER, os.ttyname(slave), program, *args], cwd=test.folder, text=True,
                                       env={**test.env, "TERM": "xterm-256color", **(env or {})},
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.close(slave)
        os.set_blocking(self.master, False)
        self.before = self.leader.stdout.readline().split(" ", 1)[1]
        self.pid = int(self.leader.stdout.readline().split()[1])
        self.raw, self.decoder = b"", codecs.getincrementaldecoder("utf-8")("replace")
        test.addCleanup(self.close)

    def close(self):
        for pid in (self.pid, self.leader.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.leader.stdin.close()
        self.leader.stdout.close()
        self.leader.wait()
        self.hang_up()

    def hang_up(self):
        if self.master >= 0:
            os.close(self.master)
        self.master = -1

    def resize(self, width, height):
        self.screen.resize(width, height)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self, seconds=0.05):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                got = os.read(self.master, 1 << 16)
            except OSError:  # nobody has it open any more
                return time.sleep(seconds)
            self.raw += got
            self.screen.feed(self.decoder.decode(got))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def shows(self, pattern, seconds=20):
        """Waits until that is on the screen."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.screen.text()):
            self.test.assertLess(time.monotonic(), end, f"no {pattern!r} on\n{self.screen.text()}")
            self.read()
        return self.screen.text()

    def told(self, seconds=20):
        """What the leader says next: of the program's end, or that it has stopped."""
        end = time.monotonic() + seconds
        while not select.select([self.leader.stdout], [], [], 0)[0]:
            self.test.assertLess(time.monotonic(), end, f"it does not end:\n{self.screen.text()}")
            self.read()
        while select.select([self.master], [], [], 0)[0]:
            before = len(self.raw)
            self.read(0)
            if len(self.raw) == before:
                break
        return self.leader.stdout.readline().rstrip("\n")

    def ends(self, status, seconds=20):
        """It has ended so, and left the terminal as it was."""
        word, code, modes = self.told(seconds).split(" ", 2)
        self.test.assertEqual((word, int(code), modes + "\n"), ("ended", status, self.before))
        self.test.assertEqual((self.screen.alternate, self.screen.cursor, self.screen.wrap), (False, True, True))

    def nanoseconds(self):
        """Of a CPU, so far."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0])


class Live(lab.Lab):
    def setUp(self):
        super().setUp()
        self.start = 1700000000.0
        self.file = None
        self.env["PATH"] = f"{lab.BUILD}:{self.env['PATH']}"

    def begin(self, name="a.dat", meta="", command="./serve"):
        """A recording that goes on: its recorder is this test."""
        self.file = open(self.folder / name, "ab", buffering=0)
        self.addCleanup(self.file.close)
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.put(f"CMDLINE {command}", f"META format=1 tool=mprof-c/1 metric=rss interval=0.1 pid=7 start={self.start:.6f} {meta}")

    def put(self, *lines):
        self.file.write("".join(line + "\n" for line in lines).encode())

    def put_samples(self, first, n, mib, slope=0.0, step=0.1):
        self.put(*(f"MEM {mib + slope * i:.6f} {self.start + first + step * i:.6f}" for i in range(n)))

    def end(self, at, status=0):
        self.put(f"EXIT {status} {self.start + at:.6f} 0 10 0")
        self.file.close()

    def popen(self, *args, **kw):
        done = subprocess.Popen([lab.MPROF, *map(str, args)], cwd=self.folder, env=self.env, text=True, **{"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **kw})
        self.addCleanup(done.wait)
        self.addCleanup(done.kill)
        return done


class Told(Live):
    """Off a terminal."""

    def test_lines_until_the_end(self):
        self.begin(meta="limit=512.0 limit_kind=cgroup")
        self.put_samples(0, 101, 100, 0.5)
        live = self.popen("live", "-T", "0.1", "a.dat", stdout=subprocess.PIPE)
        line = live.stdout.readline()
        self.assertIn("10.0 s  now 150.0 MiB  peak at least 150.0 MiB  29 % of 512.0 MiB allowed  +300 MiB/min in the last 10 s", line)
        self.assertIn("  at that rate the limit in 72 s", line)
        self.put_samples(10.1, 1, 201)
        while "now 201.0 MiB" not in live.stdout.readline():
            pass
        self.end(12, 3)
        rest = live.stdout.read()
        self.assertRegex(rest, r"12\.0 s  last 201\.0 MiB  peak at least 201\.0 MiB  exited with 3\n\Z")
        self.assertEqual(live.wait(), 0)
        self.assertNotIn("\x1b", rest + line)

    def test_of_a_recording_that_is_over(self):
        self.begin()
        self.put_samples(0, 11, 5)
        self.end(1)
        out = self.mprof("live", "a.dat", status=0).stdout
        self.assertEqual(out, "1.00 s  last 5.0 MiB  peak at least 5.0 MiB  exited with 0\n")

    def test_a_dumb_terminal_gets_lines(self):
        self.begin()
        self.put_samples(0, 11, 5)
        self.end(1)
        terminal = Terminal(self, "live", "a.dat", env={"TERM": "dumb"})
        terminal.ends(0)
        self.assertNotIn(b"\x1b", terminal.raw)
        self.assertIn(b"last 5.0 MiB", terminal.raw)

    def test_gpus_and_children(self):
        self.begin(meta="children=1 gpu0_total=1024.0")
        self.put_samples(0, 2, 10)
        self.put(f"PROC 8 7 {self.start:.6f} w", f"CHLD 8 30.0 {self.start + 0.1:.6f}", f"GPU 0 256.0 {self.start + 0.1:.6f} tree")
        live = self.popen("live", "a.dat", stdout=subprocess.PIPE)
        line = live.stdout.readline()
        self.assertIn("now 10.0 MiB, with children 40.0 MiB", line)
        self.assertIn("GPU 0 256.0 MiB of 1024.0 MiB (25 %)", line)

    def test_a_program_that_runs(self):
        """The kernel's own mark is the peak, from when it ran."""
        run = self.popen("run", "-q", "-o", "a.dat", "-T", "0.01", lab.target("spikes"), "1", "64")
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and b"MEM" in (self.folder / "a.dat").read_bytes()))
        out = self.mprof("live", "-T", "0.1", "a.dat", status=0).stdout
        self.assertRegex(out.splitlines()[-1], r"exited with \d+$|killed by")
        run.wait()

    def test_who_stops_recording_leaves_it_broken(self):
        run = self.popen("run", "-q", "-o", "a.dat", "-T", "0.05", "sleep", "60")
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and b"MEM" in (self.folder / "a.dat").read_bytes()))
        child = int(Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()[0])
        self.addCleanup(os.kill, child, signal.SIGKILL)
        live = self.popen("live", "-T", "0.1", "a.dat", stdout=subprocess.PIPE)
        self.assertIn("exact peak", live.stdout.readline())
        run.kill()
        rest = live.stdout.read()
        self.assertRegex(rest, r"  peak at least \S+ [KM]iB  the recording breaks off; how the program ended cannot be told\n\Z")
        self.assertEqual(live.wait(), 1)

    def test_a_mark_that_is_not_known_is_not_exact(self):
        self.begin()
        self.put_samples(0, 2, 0.0625)
        live = self.popen("live", "a.dat", stdout=subprocess.PIPE)
        self.assertIn("  peak at least 64 KiB\n", live.stdout.readline())

    def test_no_sample_is_told(self):
        (self.folder / "a.dat").touch()
        live = self.popen("live", "-T", "0.1", "a.dat", stdout=subprocess.PIPE)
        self.assertEqual(live.stdout.readline(), "0 s  no sample yet\n")
        self.begin()
        self.put_samples(0, 2, 10)
        while "now 10.0 MiB" not in live.stdout.readline():
            pass

    def test_found_by_process(self):
        for how in (["run", "-q", "-o", "a.dat", "sleep", "60"], ["attach", "-q", "-o", "b.dat", "{pid}"]):
            with self.subTest(how[0]):
                sleep = subprocess.Popen(["sleep", "60"])
                self.addCleanup(sleep.wait)
                self.addCleanup(sleep.kill)
                recorder = self.popen(*(str(sleep.pid) if w == "{pid}" else w for w in how))
                name = how[3]
                self.assertTrue(self.wait_for(lambda: (self.folder / name).exists() and b"MEM" in (self.folder / name).read_bytes()))
                target = int(re.search(r" pid=(\d+) ", (self.folder / name).read_text())[1])
                for pid in (target, recorder.pid):
                    live = self.popen("live", pid, stdout=subprocess.PIPE)
                    self.assertIn(" now ", live.stdout.readline())
                    live.terminate()
                    self.assertEqual(live.wait(), -signal.SIGTERM)
                recorder.terminate()
                recorder.wait()
        self.refuses("live", str(os.getpid()), status=1, says="nor a process that is being recorded")

    def test_the_newest_that_goes_on(self):
        for name, over in (("mprofile_20200101000000.dat", False), ("mprofile_20200101000001.dat", True)):
            self.begin(name, command=f"./{name}")
            self.put_samples(0, 2, 5 if over else 7)
            if over:
                self.end(1)
        live = self.popen("live", stdout=subprocess.PIPE)
        self.assertIn("now 7.0 MiB", live.stdout.readline() if not live.poll() else "")

    def test_bad_input(self):
        os.mkfifo(self.folder / "pipe.dat")
        (self.folder / "folder.dat").mkdir()
        self.write("text.dat", "hello\n")
        self.refuses("live", "pipe.dat", status=1, says="is no file")
        self.refuses("live", "folder.dat", status=1)
        self.refuses("live", "text.dat", status=1, says="is no recording")
        self.refuses("live", "none.dat", status=1, says="cannot find none.dat")
        self.refuses("live", "-", status=1, says="standard input is no file")
        self.refuses("live", status=1, says="no recordings in this folder")
        self.refuses("live", "a", "b", says="one recording, not 2")
        self.refuses("live", "-T", "0", says="--interval takes seconds from 0.1 to 86400")

    def test_a_reader_that_leaves(self):
        self.begin()
        self.put_samples(0, 2, 5)
        live = self.popen("live", "-T", "0.1", "a.dat", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        live.stdout.readline()
        live.stdout.close()
        self.assertNotEqual(live.wait(20), 0)


class Shown(Live):
    """On a terminal."""

    def show(self, *args, **kw):
        return Terminal(self, "live", *(args or ("a.dat",)), **kw)

    def test_figures_and_curve(self):
        self.begin(meta="limit=512.0 limit_kind=cgroup")
        self.put_samples(0, 101, 100, 0.5)
        terminal = self.show()
        text = terminal.shows(r"now 150\.0 MiB")
        for words in ("./serve", "recording, 10.0 s", "peak at least 150.0 MiB", "29 % of 512.0 MiB allowed", "+300 MiB/min in the last 10 s",
                      "at that rate the limit in 72 s", "memory (MiB)", "? help"):
            self.assertIn(words, text)
        self.assertRegex(text, "[⠁-⣿]")
        self.put_samples(10.1, 1, 300)
        terminal.shows(r"now 300\.0 MiB")
        self.end(11, -9)
        terminal.shows(r"ended after 11\.0 s[\s\S]*killed by SIGKILL")
        terminal.press("q")
        terminal.ends(0)

    def test_children_and_lines(self):
        self.begin(meta="children=1")
        self.put_samples(0, 2, 10)
        self.put(*(f"PROC {8 + i} 7 {self.start:.6f} worker" for i in range(3)), *(f"CHLD {8 + i} 30.0 {self.start + 0.1:.6f}" for i in range(3)),
                 "PATH 1 /home/a/serve.py", "FRAME 1 0 1 88 put", f"GROW 5.0 {self.start + 0.1:.6f} 10.0 7 7 1 fault")
        terminal = self.show(width=120)
        text = terminal.shows("worker")
        self.assertRegex(text, r"worker +3 +90\.0 MiB +30\.0 MiB")
        self.assertRegex(text, r"\+5\.0 +5\.0 +serve\.py:88 put")
        terminal.press("c")
        self.wait_for(lambda: terminal.read() or "worker" not in terminal.screen.text())
        self.assertIn("serve.py:88", terminal.screen.text())
        terminal.press("cl")
        terminal.shows("worker")
        self.wait_for(lambda: terminal.read() or "serve.py:88" not in terminal.screen.text())
        self.assertNotIn("serve.py:88", terminal.screen.text())

    def test_gpu(self):
        self.begin(meta="gpu0_total=1024.0")
        for i in range(20):
            self.put(f"MEM 10.0 {self.start + i / 10:.6f}", f"GPU 0 {i * 50}.0 {self.start + i / 10:.6f} tree")
        terminal = self.show()
        terminal.shows(r"GPU 0 950\.0 MiB of 1024\.0 MiB \(93 %\)[\s\S]*GPU 0 \(MiB\)")
        terminal.press("g")
        self.wait_for(lambda: terminal.read() or "GPU 0 (MiB)" not in terminal.screen.text())
        self.assertNotIn("GPU 0 (MiB)", terminal.screen.text())

    def test_windows(self):
        self.begin()
        self.put_samples(0, 7200, 10, 0.01)
        terminal = self.show()
        terminal.shows(r"← → 10 min")
        terminal.press("\x1b[C")
        terminal.shows(r"← → all")
        self.assertIn(" 0:00 ", terminal.screen.text())
        terminal.press("\x1b[D\x1b[D")
        terminal.shows(r"← → 1 min")
        self.assertIn("11:", terminal.screen.text())  # the minute before the 12th

    def test_freeze(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        terminal.press(" ")
        terminal.shows("frozen at 1.00 s")
        self.put_samples(1.1, 1, 77)
        terminal.press("?")
        terminal.shows("draw all of it again")
        self.assertIn("now 10.0 MiB", terminal.screen.text())
        terminal.press(" ")
        terminal.shows("now 77.0 MiB")

    def test_a_mark(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        terminal.press("m")
        terminal.shows("mark: _")
        terminal.press("epöch\x7f\x7f\x7f\x7f 1\r")
        terminal.shows("marked: e 1")
        self.assertRegex((self.folder / "a.dat").read_text(), r"(?m)^MARK 10\.0\S* \S+ e 1$")
        terminal.press("mnot\x1b")
        self.wait_for(lambda: terminal.read() or "mark: " not in terminal.screen.text())
        self.assertNotIn("not", (self.folder / "a.dat").read_text())
        terminal.press(" ")
        terminal.shows("frozen at")
        self.end(1.5)
        terminal.press("mlate\r")
        terminal.shows("the recording is over: there is nothing to mark")
        self.assertNotIn("late", (self.folder / "a.dat").read_text())

    def test_every_way_out(self):
        self.begin()
        self.put_samples(0, 11, 10)
        ways = [("q", 0), ("\x03", 0)] + [(n, -n) for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT, signal.SIGFPE)]
        for way, status in ways:
            with self.subTest(way):
                terminal = self.show()
                terminal.shows("now 10.0 MiB")
                self.assertTrue(terminal.screen.alternate and not terminal.screen.cursor)
                if isinstance(way, str):
                    terminal.press(way)
                else:
                    os.kill(terminal.pid, way)
                if not (lab.SANITIZED and way in (signal.SIGABRT, signal.SIGFPE)):
                    terminal.ends(status)

    def test_stopped_and_continued(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        for _ in range(3):
            terminal.press("\x1a")
            self.assertEqual(terminal.told() + "\n", "stopped " + terminal.before)
            self.assertFalse(terminal.screen.alternate)
            terminal.leader.stdin.write("\n")
            terminal.leader.stdin.flush()
            terminal.screen.resize(100, 30)
            terminal.shows("now 10.0 MiB")
        self.assertTrue(terminal.screen.alternate)
        terminal.press("q")
        terminal.ends(0)

    def test_stopped_without_a_word(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        os.kill(terminal.pid, signal.SIGSTOP)
        self.assertTrue(terminal.told().startswith("stopped"))
        modes = termios.tcgetattr(terminal.master)
        modes[3] |= termios.ICANON | termios.ECHO  # as a shell that has its terminal again
        termios.tcsetattr(terminal.master, termios.TCSANOW, modes)
        terminal.leader.stdin.write("\n")
        terminal.leader.stdin.flush()
        self.assertTrue(self.wait_for(lambda: terminal.read() or not termios.tcgetattr(terminal.master)[3] & termios.ICANON))
        terminal.press("?")
        terminal.shows("draw all of it again")
        terminal.press("q")
        terminal.ends(0)

    def test_hung_up(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        terminal.hang_up()
        terminal.leader.wait(20)
        self.assertTrue(self.wait_for(lambda: not Path(f"/proc/{terminal.pid}").exists()))

    def test_any_size(self):
        self.begin(meta="limit=512.0 children=1 gpu0_total=1024.0", command="./serve --名前=日本 " + "x" * 200)
        self.put_samples(0, 101, 100, 0.5)
        self.put(*(f"PROC {8 + i} 7 {self.start:.6f} worker{i}" for i in range(30)), f"CHLD 8 30.0 {self.start + 0.1:.6f}",
                 f"GPU 0 256.0 {self.start + 0.1:.6f} tree", "PATH 1 /home/a/serve.py", "FRAME 1 0 1 88 put",
                 f"GROW 5.0 {self.start + 0.1:.6f} 10.0 7 7 1 fault", f"MARK 10.0 {self.start + 5:.6f} here")
        terminal = self.show()
        terminal.shows("now 150.0 MiB")
        sizes = random.Random(7)
        some = [(1, 1), (2, 1), (1, 40), (40, 1), (40, 8), (39, 8), (300, 100), (19, 2), (20, 2)]
        for size in some + [(sizes.randint(1, 250), sizes.randint(1, 70)) for _ in range(200)]:
            terminal.resize(*size)
            terminal.read(0.01)
        terminal.resize(90, 25)
        terminal.shows(r"now 150\.0 MiB[\s\S]*\? help")
        terminal.press("?q")
        terminal.ends(0)
        for width, height in some:
            terminal = self.show(width=width, height=height)
            terminal.shows(r"\S" if width < 6 else "150")
            self.assertEqual(terminal.screen.wide, 0, f"{width}x{height}")
            terminal.press("q")
            terminal.ends(0)

    def test_what_becomes_of_the_file(self):
        self.begin()
        self.put_samples(0, 11, 10)
        terminal = self.show()
        terminal.shows("now 10.0 MiB")
        self.file.truncate(0)
        terminal.shows("the file was cut off; it is read anew[\\s\\S]*|waiting for the first sample", 5)
        self.put("CMDLINE ./again")
        self.put_samples(0, 11, 20)
        terminal.shows(r"\./again[\s\S]*now 20\.0 MiB", 5)
        os.remove(self.folder / "a.dat")
        terminal.shows("the file was removed or renamed", 5)
        terminal.shows("breaks off", 5)
        self.begin()
        self.put_samples(0, 11, 30)
        terminal.shows(r"now 30\.0 MiB", 5)
        with open(self.folder / "b.dat", "w") as other:
            other.write(f"CMDLINE ./other\nMEM 40.0 {self.start}\nMEM 41.0 {self.start + 1}\n")
        os.replace(self.folder / "b.dat", self.folder / "a.dat")
        terminal.shows(r"\./other[\s\S]*now 41\.0 MiB[\s\S]*another file has its name", 5)

    def test_killed(self):
        for who in ("target", "recorder"):
            with self.subTest(who):
                run = self.popen("run", "-q", "-o", f"{who}.dat", "sleep", "60")
                path = self.folder / f"{who}.dat"
                self.assertTrue(self.wait_for(lambda: path.exists() and b"MEM" in path.read_bytes()))
                child = int(Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()[0])
                terminal = self.show(path.name)
                terminal.shows("exact peak")
                os.kill(child if who == "target" else run.pid, signal.SIGKILL)
                terminal.shows("killed by SIGKILL" if who == "target" else "breaks off", 5)
                terminal.press("q")
                terminal.ends(0)
                if who == "recorder":
                    os.kill(child, signal.SIGKILL)

    def test_no_key_reaches_the_program(self):
        run = self.popen("run", "-q", "-o", "a.dat", "sleep", "60")
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and b"MEM" in (self.folder / "a.dat").read_bytes()))
        terminal = self.show()
        terminal.shows("now ")
        for byte in range(1, 256):
            if chr(byte) not in "qm\x03\x1a\x1c":
                os.write(terminal.master, bytes([byte]))
                terminal.read(0)
        terminal.press("\x1b[200~" + "x" * 600 + "\x1b[999;999M\x1bOP\x0c")
        terminal.shows("now ")
        self.assertIsNone(run.poll())
        terminal.press("q")
        terminal.ends(0)
        run.terminate()
        self.assertEqual(run.wait(), -signal.SIGTERM)

    def test_plain_tastes(self):
        self.begin(command="./serve \x1b]0;evil\x07 \x9b2J \u202e")
        self.put_samples(0, 101, 100, 0.5)
        terminal = self.show(env={"NO_COLOR": "1", "LC_ALL": "C"})
        terminal.shows("now 150.0 MiB")
        self.assertTrue(terminal.screen.text().isascii())
        self.assertNotRegex(terminal.raw, rb"\x1b\[[0-9;]*38;")
        self.assertNotIn(b"\x1b]", terminal.raw)
        self.assertNotIn(b"\x9b", terminal.raw)

    def test_progress_only_where_it_is_known(self):
        self.begin(meta="limit=512.0 limit_kind=cgroup")
        self.put_samples(0, 11, 128)
        terminal = self.show(env={"WT_SESSION": "x"})
        terminal.shows("now 128.0 MiB")
        terminal.press("q")
        terminal.ends(0)
        self.assertEqual((terminal.screen.progress[0], terminal.screen.progress[-1]), ("9;4;1;25", "9;4;0"))
        terminal = self.show(env={"WT_SESSION": "x", "TMUX": "y"})
        terminal.shows("now 128.0 MiB")
        self.assertEqual(terminal.screen.progress, [])

    @unittest.skipIf(lab.SANITIZED, "a sanitizer has a pace of its own")
    def test_it_costs_next_to_nothing(self):
        run = self.popen("run", "-q", "-o", "a.dat", "sleep", "60")
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and b"MEM" in (self.folder / "a.dat").read_bytes()))
        terminal = self.show()
        terminal.shows("now ")
        shares = []
        while len(shares) < 5 and min(shares, default=1) > 0.005:
            begin, used = time.monotonic(), terminal.nanoseconds()
            while time.monotonic() < begin + 4:
                terminal.read(1)
            shares.append((terminal.nanoseconds() - used) / 1e9 / (time.monotonic() - begin))
        self.assertLessEqual(min(shares), 0.005, shares)
        self.assertIsNone(run.poll())

    @unittest.skipIf(lab.SANITIZED, "a sanitizer has a pace of its own")
    def test_ten_who_look_on_cost_the_recorder_nothing(self):
        cpu = lambda pid: int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        samples = lambda: (self.folder / "a.dat").read_bytes().count(b"\nMEM ")

        def cost(seconds=2):
            before, first = cpu(run.pid), samples()
            time.sleep(seconds)
            return (cpu(run.pid) - before) / max(samples() - first, 1)
        run = self.popen("run", "-q", "-T", "0.005", "-o", "a.dat", "sleep", "60")
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and samples() > 0))
        ratios = []
        while len(ratios) < 5 and min(ratios, default=9) > 1.1:
            alone = cost()
            lookers = [self.popen("live", "a.dat", stdout=subprocess.DEVNULL) for _ in range(10)]
            time.sleep(1)  # they have begun
            ratios.append(cost() / alone)
            for looker in lookers:
                looker.kill()
                looker.wait()
        self.assertLessEqual(min(ratios), 1.1, ratios)


class Tmux(Live):
    """In a terminal that others have written."""

    def setUp(self):
        super().setUp()
        if not shutil.which("tmux"):
            self.skipTest("no tmux here")
        terminals.need()
        self.socket = str(self.folder / "tmux")
        self.addCleanup(self.tmux, "kill-server")
        self.tmux("new-session", "-d", "-x", "90", "-y", "40", "sh")

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *args], cwd=self.folder, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def pane(self, number=0):
        return self.tmux("capture-pane", "-pJ", "-t", f":0.{number}")

    def type(self, *keys):
        self.tmux("send-keys", "-t", ":0.0", *keys)

    def test_modes(self):
        self.begin()
        self.put_samples(0, 11, 10)
        self.type(f"stty -g; {lab.MPROF} live a.dat; stty -g", "Enter")
        self.assertTrue(self.wait_for(lambda: "now 10.0 MiB" in self.pane()), self.pane())
        self.tmux("resize-window", "-x", "60", "-y", "15")
        self.type("q")
        modes = lambda: re.findall(r"(?m)^[0-9a-f]+:[0-9a-f:]+$", self.pane())
        self.assertTrue(self.wait_for(lambda: len(modes()) == 2), self.pane())
        self.assertEqual(len(set(modes())), 1)

    def test_run_beside_a_pane(self):
        self.type(f"{lab.MPROF} run -q --live -o a.dat sh -c 'echo it begins; read x; echo it was told $x'; echo left with $?", "Enter")
        self.assertTrue(self.wait_for(lambda: "it begins" in self.pane()), self.pane())
        self.assertTrue(self.wait_for(lambda: "exact peak" in self.pane(1)), self.pane(1))
        self.type("something", "Enter")
        self.assertTrue(self.wait_for(lambda: "it was told something" in self.pane() and "left with 0" in self.pane()), self.pane())
        self.assertTrue(self.wait_for(lambda: "exited with 0" in self.pane(1)), self.pane(1))
        self.tmux("send-keys", "-t", ":0.1", "q")
        self.assertTrue(self.wait_for(lambda: len(self.tmux("list-panes").splitlines()) == 1))

    def test_what_cannot_be_run_leaves_no_pane(self):
        self.type(f"{lab.MPROF} run --live -o a.dat ./none; echo left with $?", "Enter")
        self.assertTrue(self.wait_for(lambda: "left with 127" in self.pane()), self.pane())
        self.assertTrue(self.wait_for(lambda: len(self.tmux("list-panes").splitlines()) == 1))


class Asked(Live):
    """--live of run and attach."""

    def test_no_second_terminal(self):
        terminal = Terminal(self, "run", "-q", "--live", "-o", "a.dat", "sh", "-c", "echo out; exit 3")
        terminal.ends(3)
        self.assertIn(f"--live: there is neither tmux nor a window for it here; in another terminal: mprof-c live {self.folder.resolve()}/a.dat".encode(), terminal.raw)
        self.assertNotIn(b"\x1b", terminal.raw)

    def beside(self, script, env=None, options="", then="", **kw):
        """A program whose output goes elsewhere, from a shell on a terminal, which does something itself then."""
        run = f"{lab.MPROF} run --live {options} -T 0.05 -o a.dat sh -c '{script}' >out 2>&1"
        terminal = Terminal(self, "-c", run + f"; status=$?; {then} echo back; exit $status", program="/bin/sh", env=env, **kw)
        terminal.screen.framed = False
        return terminal

    def test_one_line_where_the_program_prints_elsewhere(self):
        terminal = self.beside("echo out; sleep 2; exit 3", width=60)
        terminal.shows(r"now [\d.]+ MiB  (exact|sampled|at least) peak")
        first = terminal.screen.text()
        self.assertEqual(first.count("now "), 1)
        self.assertLess(max(map(len, first.split("\n"))), 60)
        terminal.shows(r"1\.\d+ s  now")
        self.assertEqual(terminal.screen.text().count("now "), 1)
        terminal.ends(3)
        self.assertEqual(terminal.screen.text().split(), ["back"])
        self.assertNotIn(b"\n", terminal.raw.split(b"back")[0])
        told = (self.folder / "out").read_text()
        self.assertIn("out\n", told)
        self.assertNotIn("--live", told)
        self.assertNotIn("\x1b", told)

    def test_the_line_is_not_one_of_the_programs_processes(self):
        terminal = self.beside("sleep 1; :", options="-C -M")
        terminal.shows("now ")
        terminal.ends(0)
        names = [line.split()[-1] for line in (self.folder / "a.dat").read_text().splitlines() if line.startswith("PROC")]
        self.assertEqual([n for n in names if n not in ("sh", "sleep")], [])

    def test_a_recorder_that_is_killed_takes_the_line_away(self):
        """Who of the line and the shell is quicker then is the kernel's to say: this shell waits before it writes."""
        terminal = self.beside("echo $PPID $$ >pid; exec sleep 20", then="until [ -e wiped ]; do sleep 0.02; done;")
        terminal.shows("now ")
        recorder, program = map(int, (self.folder / "pid").read_text().split())
        self.addCleanup(os.kill, program, signal.SIGKILL)
        os.kill(recorder, signal.SIGKILL)
        self.assertTrue(self.wait_for(lambda: terminal.read() or "now " not in terminal.screen.text()), terminal.screen.text())
        self.write("wiped", "")
        terminal.ends(137)
        self.assertNotIn("now ", terminal.screen.text())

    def test_no_line_where_it_would_be_in_the_way(self):
        for env, redirect in (({"TERM": "dumb"}, ">out 2>&1"), ({}, ">out"), ({}, "2>out")):
            terminal = Terminal(self, "-c", f"{lab.MPROF} run -q --live -o a.dat sleep 0.5 {redirect}", program="/bin/sh", env=env)
            terminal.ends(0)
            self.assertIn("in another terminal: mprof-c live", terminal.raw.decode() + (self.folder / "out").read_text())
            self.assertNotIn(b"now", terminal.raw)

    def test_a_window(self):
        (self.folder / "bin").mkdir()
        self.write("bin/x-terminal-emulator", f"#!/bin/sh\necho \"$@\" >{self.folder}/asked\n", mode=0o755)
        env = {"DISPLAY": ":99", "PATH": f"{self.folder}/bin:{self.env['PATH']}"}
        done = self.mprof("run", "-q", "--live", "-o", "a.dat", "true", env=env, status=0)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        asked = self.folder / "asked"
        self.assertTrue(self.wait_for(lambda: asked.exists() and asked.read_text()))
        self.assertEqual(asked.read_text(), f"-e {Path(lab.MPROF).resolve()} live {self.folder.resolve()}/a.dat\n")

    def test_no_file(self):
        done = self.mprof("run", "-q", "--live", "-o", "/dev/null", "true", status=0)
        self.assertEqual(done.stderr, "mprof-c: --live: /dev/null is no file that could be looked at\n")

    def attach(self):
        sleep = subprocess.Popen(["sleep", "60"])
        self.addCleanup(sleep.wait)
        self.addCleanup(sleep.kill)
        terminal = Terminal(self, "attach", "--live", "-o", "a.dat", str(sleep.pid))
        terminal.shows("now ")
        return sleep, terminal

    def test_attach_until_the_end(self):
        sleep, terminal = self.attach()
        sleep.kill()
        sleep.wait()
        terminal.shows("ended after", 10)
        terminal.press("q")
        terminal.ends(0)
        self.assertRegex(terminal.raw.decode().rpartition("\x1b[?1049l")[2], r"\Amprof-c: a\.dat: [\d.]+ m?s, ")

    def test_attach_interrupted(self):
        for how in ("\x03", signal.SIGTERM):
            with self.subTest(how):
                sleep, terminal = self.attach()
                if how == "\x03":
                    terminal.press(how)
                else:
                    os.kill(terminal.pid, how)
                terminal.ends(0 if how == "\x03" else -how)
                self.assertIsNone(sleep.poll())
                self.assertIn("EXIT", (self.folder / "a.dat").read_text())

    def test_attach_goes_on_without_it(self):
        sleep, terminal = self.attach()
        terminal.press("q")
        self.assertTrue(self.wait_for(lambda: terminal.read() or b"a.dat is recorded on; Ctrl-C ends that" in terminal.raw))
        self.assertFalse(terminal.screen.alternate)
        self.assertNotIn("EXIT", (self.folder / "a.dat").read_text())
        terminal.press("\x03")
        terminal.ends(0)
        self.assertIn("EXIT", (self.folder / "a.dat").read_text())

    def test_attach_killed(self):
        sleep, terminal = self.attach()
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.told()
        self.assertTrue(self.wait_for(lambda: terminal.read() or not terminal.screen.alternate))
        self.assertIsNone(sleep.poll())


if __name__ == "__main__":
    lab.main()
