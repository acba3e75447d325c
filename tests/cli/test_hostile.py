"""Names that a recording, a process or a folder may bring: whatever they hold, what is printed is printable."""
import ctypes
import gzip
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

T = 1700000000
# Controls of 7 and 8 bits, by bytes and in UTF-8, what turns writing round or ends a line, what is no text or no character.
STEER = (b"\x1b]0;mine\x07\x1b[2J\x08\x7f\r\x9b31m\xc2\x9b1m\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f"
         b"\xd8\x9c\xef\xbb\xbf\xef\xbf\xbf\xf3\xa0\x81\x81\xff\xc0\xaf\xed\xa0\x80").replace(b"\x00", b"")
UNSEEN = {0xfffe, 0xffff, 0xfeff, 0x2028, 0x2029}


def unprintable(data, allowed=b"\n"):
    """What in it must not reach a terminal."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return [repr(error)]
    return [(f"U+{ord(c):04X}", text[max(at - 40, 0):at + 40]) for at, c in enumerate(text)
            if (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cn", "Cs") or ord(c) in UNSEEN) and c.encode() not in allowed]


def recording(steer=STEER):
    """One that has it in every record that takes a text."""
    quoted = b"$'" + b"".join(b"\\x%02x" % c for c in steer) + b"'"
    word = steer.replace(b" ", b"_")
    lines = [b"CMDLINE python3 " + quoted + b" " + steer,
             b"META format=1 metric=rss interval=" + quoted + b" host=" + quoted + b" gpu0=" + quoted + b" " + quoted + b"=1",
             b"META killed=" + quoted + b" where=" + quoted + b" growth=" + quoted + b" frames_ended=1 pid=7",
             b"PATH 1 /" + steer, b"FRAME 1 0 1 3 " + word, b"FRAME 2 1 1 4 " + steer]
    for i in range(1, 9):
        at = b"%d.%d" % (T, i)
        lines += [b"MEM %d.0 %s" % (i * 10, at), b"VAL %s %d.0 %s" % (word, i, at), b"VAL swap %d.0 %s" % (i, at),
                  b"GPU %s %d.0 %s tree" % (word, i, at), b"CHLD 7 %d.0 %s" % (i, at), b"CHLD 9 %d.0 %s" % (i, at),
                  b"GROW 10.0 %s %d.0 7 7 2" % (at, i * 10)]
    lines += [b"PROC 7 1 %d.1 " % T + steer, b"PROC 9 7 %d.2 " % T + steer, b"GONE 9 %d.5 30.0 0" % T,
              b"FUNC %s 10.0 %d.2 20.0 %d.4 0" % (word, T, T), b"ENTER %s 10.0 %d.3 0 7" % (word, T),
              b"MARK 10.0 %d.3 " % T + steer, b"LINE /%s:3 %s 10.0 1.0 10.0 2 7" % (quoted, word),
              b"LINE /x:3 %s 10.0 1.0 10.0 2" % word, b"XTRA " + steer, b"MEM " + steer, b"EXIT 0 %d.9 90.0 8 0" % T]
    return b"\n".join(lines) + b"\n"


class Printable(lab.Lab):
    def check(self, *args, allowed=b"\n", status=None, **kw):
        done = self.mprof(*args, text=False, status=status, **kw)
        self.assertIn(done.returncode, (0, 1, 2, 3, 126, 127), args)
        self.assertEqual([], unprintable(done.stdout, allowed), args)
        self.assertEqual([], unprintable(done.stderr), args)
        return done.stdout

    def hostile_file(self):
        path = os.fsencode(self.folder) + b"/" + STEER.replace(b"/", b"")[:200] + b".dat"
        with open(path, "wb") as out:
            out.write(recording())
        return os.fsdecode(path)

    def test_every_command_on_every_field(self):
        self.write("mprofile_20200101000000.dat", recording())
        path, word = self.hostile_file(), os.fsdecode(STEER)
        for file in ("mprofile_20200101000000.dat", path):
            self.check("peak", file, allowed=b"\n\t")
            for name in (word, os.fsdecode(STEER.replace(b" ", b"_")), word[:3]):
                self.check("peak", "--func", name, file, allowed=b"\n\t")
            for by in ("line", "function", "file", "module", "thread"):
                self.check("report", "--by", by, file, allowed=b"\n\t")
                self.check("report", "--json", "--by", by, file)
                if by != "thread":
                    self.check("report", "--folded", "--by", by, file)
            for options in ((), ("-f",), ("-s",), ("-n",), ("-t", word), ("-w", "0,0.4")):
                for backend in ("svg", "csv", "json", "term"):
                    out = self.check("plot", "-b", backend, "-o", "-", *options, file)
                    if backend == "svg":
                        xml.etree.ElementTree.fromstring(out)
            self.check("plot", "-o", "a.png", "-f", file, status=0)
            self.check("rm", "--dry-run", file)
        self.check("list", status=0)
        self.check("clean", "--dry-run")

    def test_what_is_said_of_a_name(self):
        word = os.fsdecode(STEER)
        for args in (("peak", word), ("plot", word), ("report", word), ("rm", word), (word,), ("plot", "-b", word), ("plot", "-w", word),
                     ("plot", "--font", word, "-o", "-", "-b", "svg"), ("plot", "-o", f"{word}/a.png"), ("plot", "-o", f"a.{word[:5]}"),
                     ("run", word), ("run", "-o", f"{word}/a.dat", "true"), ("run", "--at", word, "true"), ("run", "-b", word, "true"),
                     ("run", "--max-peak", word, "true"), ("run", "-T", word, "true"), ("run", f"--{word}", "true"), ("attach", word),
                     ("report", "--by", word), ("mark", word), ("report", f"--top={word}")):
            self.check(*args)

    def test_what_a_run_writes(self):
        """The recording itself is looked at with cat."""
        word = os.fsdecode(STEER)
        self.check("run", "-C", "-M", "-T", "0.01", "-o", "a.dat", "sh", "-c", "sleep 0.1; :", word, status=0)
        self.assertEqual([], unprintable((self.folder / "a.dat").read_bytes()))
        self.check("run", "-T", "0.01", "-o", "b.dat", lab.MPROF, "mark", word, status=0)
        self.assertEqual([], unprintable((self.folder / "b.dat").read_bytes()))

    def test_a_process_that_is_called_so(self):
        """By its arguments and by its title, of which attach tells when there are several, and which a tree's series bear."""
        libc, pythons = ctypes.CDLL(None), []
        for _ in range(2):
            pythons.append(subprocess.Popen([b"hostile-" + STEER, "-"], executable=shutil.which("cat"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, preexec_fn=lambda: libc.prctl(15, STEER[:15], 0, 0, 0)))
        for process in pythons:
            self.addCleanup(process.wait)
            self.addCleanup(process.stdin.close)
        self.wait_for(lambda: all(b"hostile" in Path(f"/proc/{p.pid}/cmdline").read_bytes() for p in pythons))
        done = self.mprof("attach", "hostile-", text=False, status=2)
        self.assertEqual([], unprintable(done.stderr))
        self.assertIn(b"means 2 processes", done.stderr)
        titled = "import ctypes, time; ctypes.CDLL(None).prctl(15, bytes.fromhex('%s'), 0, 0, 0); time.sleep(%s)" % (STEER[:15].hex(), 3 if lab.SANITIZED else 0.8)
        for options in ((), ("-b", "pss"), ("-C",)):
            self.check("run", "-M", *options, "-T", "0.01", "-o", "a.dat", "sh", "-c", '"$1" -c "$2"; :', "sh", sys.executable, titled, status=0)
            data = (self.folder / "a.dat").read_bytes()
            self.assertEqual([], unprintable(data))
            self.assertTrue(re.search(rb"PROC .*\\x1b\]0;", data) or b"PROC" not in data, data)


NOBODY = 65534


class Sources(lab.Lab):
    """Files that a recording names are shown only where its program's user could read them."""

    def setUp(self):
        super().setUp()
        self.open_to_all = Path(tempfile.mkdtemp(prefix="mprof-open-"))
        self.open_to_all.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.open_to_all, ignore_errors=True)

    def source(self, folder, mode, owner=None, name="a.py"):
        path = folder / name
        path.write_text("x = 'hush'\ny = 2\n")
        os.utime(path, (T - 1000, T - 1000))
        path.chmod(mode)
        if owner is not None:
            os.chown(path, owner, owner)
        return path

    def shown(self, path, *meta, limit=None, owner=None):
        """Whether any report holds the word; each comes to an end soon, in little memory."""
        lines = ["CMDLINE x", *meta, f"MEM 10.0 {T}.1", f"PATH 1 {path}", "FRAME 1 0 1 1 f", f"GROW 10.0 {T}.1 10.0 7 7 1",
                 f"MEM 20.0 {T}.2", f"LINE '{path}:1' f 10.0 1.0 10.0 2 7", f"LINE '{path}:900000' f 10.0 1.0 10.0 2 7", f"EXIT 0 {T}.3 20.0 2 0"]
        self.write("r.dat", "\n".join(lines) + "\n")
        if owner is not None:
            os.chown(self.folder / "r.dat", owner, owner)
        said = []
        for options in ((), ("--json",)):
            done = self.mprof("report", *options, "r.dat", status=0, timeout=20, preexec_fn=limit)
            said.append("hush" in done.stdout)
        self.assertEqual(*said)
        return said[0]

    def test_what_is_no_file_is_not_waited_for(self):
        path = self.source(self.open_to_all, 0o644)
        self.assertTrue(self.shown(path))
        os.mkfifo(self.folder / "pipe")
        with open(self.folder / "sparse", "wb") as sparse:
            sparse.truncate(10 << 30)
        os.utime(self.folder / "sparse", (T - 1000, T - 1000))
        (self.folder / "link.py").symlink_to(path)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(self.folder / "socket"))
        little = (lambda: resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))) if not lab.SANITIZED else None
        for name in ("pipe", "sparse", "link.py", "socket", ".", "nothing"):
            if name != "link.py" or os.geteuid() == 0:  # one's own link to one's own file is followed
                self.assertFalse(self.shown(self.folder / name, limit=little), name)
        for name in ("/proc/kmsg", "/proc/self/environ", "/proc/self/fd/0", "/dev/zero", "/dev/tty", "/dev/watchdog", "/sys/kernel/uevent_seqnum"):
            self.assertFalse(self.shown(name, limit=little), name)

    def test_a_long_line_is_cut(self):
        path = self.source(self.open_to_all, 0o644)
        path.write_bytes(b"#" * (12 << 20) + b"hush\n")
        os.utime(path, (T - 1000, T - 1000))
        self.assertFalse(self.shown(path))

    @unittest.skipIf(os.geteuid() != 0, "another user's files need root")
    def test_root_shows_what_the_user_could_read(self):
        closed = Path(tempfile.mkdtemp(prefix="mprof-closed-"))
        self.addCleanup(shutil.rmtree, closed, ignore_errors=True)
        theirs, here = f"META uid={NOBODY}", self.open_to_all
        for folder, mode, owner, meta, recorder, expected in (
                (here, 0o644, 0, theirs, 0, True), (here, 0o600, 0, theirs, 0, False), (here, 0o640, 0, theirs, 0, False),
                (here, 0o600, NOBODY, theirs, 0, True), (closed, 0o644, 0, theirs, 0, False), (closed, 0o644, NOBODY, theirs, 0, False),
                (here, 0o600, 0, "META uid=0", 0, True), (closed, 0o644, 0, "META uid=0", 0, True), (here, 0o600, 0, "META pid=1", 0, True),
                (here, 0o600, 0, "META uid=0", NOBODY, False), (closed, 0o644, 0, "META pid=1", NOBODY, False),
                (here, 0o644, 0, "META uid=0", NOBODY, True), (here, 0o600, 0, "META uid=0 uid=65534", 0, False),
                (here, 0o600, NOBODY, "META uid=1 uid=65534", 0, False), (here, 0o600, 0, "META uid=rubbish", 0, False),
                (here, 0o600, 0, "META uid=1 uid=2 uid=3 uid=4 uid=5", 0, False)):
            with self.subTest(mode=oct(mode), owner=owner, meta=meta, recorder=recorder, closed=folder == closed):
                self.assertEqual(self.shown(self.source(folder, mode, owner), meta, owner=recorder), expected)

    @unittest.skipIf(os.geteuid() != 0, "another user's program needs root")
    def test_code_that_names_what_it_may_not_read(self):
        secret = self.source(self.open_to_all, 0o600, name="shadow")
        code = (f"exec(compile('keep = []\\nfor i in range(40): keep.append(bytearray(1 << 21)); import time; time.sleep(0.01)', {str(secret)!r}, 'exec'))")
        self.folder.chmod(0o755)
        for before in ([], ["sh", "-c", '"$@"; :', "sh"]):
            self.mprof("run", "-C", "-T", "0.01", "-o", "a.dat", *before, "setpriv", "--reuid", str(NOBODY), "--clear-groups",
                       sys.executable, "-S", "-c", code)
            text = (self.folder / "a.dat").read_text()
            if "shadow" not in text:
                self.skipTest("nobody may not run this Python here, or it was not seen to grow")
            self.assertIn(f"uid={NOBODY}", text)
            for options in ((), ("--json",)):
                self.assertNotIn("hush", self.mprof("report", *options, "a.dat", status=0).stdout)

    def test_a_pipe_among_the_recordings(self):
        self.write("mprofile_20200101000000.dat", recording(b"x"))
        os.mkfifo(self.folder / "mprofile_20990101000000.dat")
        for args in (("peak",), ("plot", "-o", "a.png"), ("report",), ("list",), ("peak", "0"), ("rm", "--dry-run", "mprofile_20990101000000.dat")):
            self.mprof(*args, status=0, timeout=20)
        self.assertIn("20200101", self.mprof("peak", status=0).stdout)
        for args in (("peak", "1"), ("plot", "-o", "a.png", "-1"), ("report", "-1"), ("peak", "0-1")):
            self.refuses(*args, status=1, says="give its name")

    def test_a_program_that_is_a_pipe(self):
        os.mkfifo(self.folder / "a.py")
        (self.folder / "a.py").chmod(0o755)
        for options in (("--python",), ("--func", "f"), ("-q",), ("--nopython",)):
            process = subprocess.Popen([lab.MPROF, "run", "-o", "a.dat", *options, "./a.py"], cwd=self.folder, env=self.env,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.3)  # it, or the Python that is to read it, waits; we have not joined the pipe
            process.terminate()
            self.assertNotEqual(process.wait(20), 0)


LESS = 8 if lab.SANITIZED else 1  # where the bound itself is not held


class Bounds(lab.Lab):
    """A recording of any content costs bounded memory, and time in proportion to its length."""

    def cheap(self, *args, says="", mib=192, seconds=20):
        limit = None if lab.SANITIZED else lambda: resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))
        done = self.mprof(*args, timeout=seconds * (5 if lab.SANITIZED else 1), preexec_fn=limit)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertIn(says, done.stderr)
        self.assertNotIn("memory", done.stderr)
        return done.stdout

    def test_names_without_end(self):
        with gzip.open(self.folder / "a.dat.gz", "wb", 1) as out:
            out.write(b"CMDLINE x\nMEM 1.0 %d.0\nMEM 2.0 %d.9\n" % (T, T))
            for i in range(12000 // LESS):  # 700 MB, unpacked
                out.write(b"FUNC %07d%s 1.0 %d.1 2.0 %d.2 0\n" % (i, b"x" * 60000, T, T))
        for options in (("-o", "a.png"), ("-b", "json", "-o", "a.json"), ("-f", "-b", "svg", "-o", "a.svg")):
            self.cheap("plot", *options, "a.dat.gz", says="names more functions")

    def test_every_kind_of_text(self):
        long, lines = "x" * 100000, [f"CMDLINE {'x' * 250000}", f"MEM 1.0 {T}.0"]
        kinds = {"mark": f"MARK 1.0 {T}.1 {{}}{long}", "title": f"PROC {{}} 1 {T}.1 {long}\nCHLD {{}} 1.0 {T}.2", "path": f"PATH {{}} /{{}}{long}",
                 "frame": f"PATH {{}} /{{}}\nFRAME {{}} 0 1 1 {{}}{long}", "line": f"LINE /{{}}{long}:1 f 1.0 1.0 1.0 1 7",
                 "function": f"LINE /a:1 {{}}{long} 1.0 1.0 1.0 1 7", "enter": f"ENTER {{}}{long} 1.0 {T}.1 0 7", "value": f"VAL {{}}{long} 1.0 {T}.1",
                 "gpu": f"GPU {{}}{long} 1.0 {T}.1 tree", "setting": f"META {{}}{long}={long}"}
        for kind, record in kinds.items():
            with self.subTest(kind=kind):
                body = [record.replace("{}", str(i)) for i in range(2, 1000 // LESS)]
                grown = [f"GROW 1.0 {T}.1 1.0 7 7 {i}" for i in range(1, 100)] if kind == "frame" else []
                with gzip.open(self.folder / "a.dat.gz", "wt", 1) as out:
                    out.writelines(line + "\n" for line in [*lines, *body, *grown, f"MEM 2.0 {T}.9"])
                for args in (("plot", "-f", "-b", "json", "-o", "a.json"), ("peak",), ("report",)):
                    self.cheap(*args, "a.dat.gz", mib=128)

    def test_many_calls_and_a_name_that_none_has(self):
        with open(self.folder / "a.dat", "w") as out:
            out.write("CMDLINE x\n")
            out.writelines(f"MEM {i % 977}.0 {T + i // 1000}.{i % 1000:03d}\n" for i in range(1000000 // LESS))
            out.writelines(f"FUNC work 1.0 {T + i // 100}.{i % 100:02d} 2.0 {T + i // 100 + 1}.{i % 100:02d} 0\n" for i in range(60000 // LESS))
        self.cheap("peak", "--func", "wrok", "a.dat", says="ran")
        self.cheap("peak", "--func", "work", "a.dat")

    def test_a_chain_of_calls(self):
        """As deep as frames are kept, each of which grew."""
        with open(self.folder / "a.dat", "w") as out:
            out.write(f"CMDLINE x\nMEM 1.0 {T}.0\nPATH 1 /a.py\n")
            out.writelines(f"FRAME {i + 1} {i} 1 {i % 1000 + 1} f{i % 5000}\n" for i in range(65000 // LESS))
            out.writelines(f"GROW 1.0 {T + i // 1000}.{i % 1000:03d} {i}.0 7 7 {i + 1}\n" for i in range(65000 // LESS))
            out.write(f"MEM 65000.0 {T + 66}.0\n")
        for args in (("plot", "-f", "-o", "a.png"), ("plot", "-f", "-b", "term", "-o", "-"), ("plot", "-b", "json", "-o", "-"), ("report",),
                     ("report", "--json"), ("report", "--by", "function")):
            self.cheap(*args, "a.dat")

    def test_many_functions_of_files_that_are_called_alike(self):
        with open(self.folder / "a.dat", "w") as out:
            out.write(f"CMDLINE x\nMEM 1.0 {T}.0\n")
            out.writelines(f"LINE /{'a' * 300}{i}:3 f 1.0 1.0 1.0 2 7\n" for i in range(20000))
        self.cheap("report", "a.dat", says="left out")
        self.cheap("report", "--json", "a.dat", says="left out")


# Its memory has a page that never comes, in the code of a function that waits for another's return.
STALLS = """
import ctypes, fcntl, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
source = "def outer():\\n inner()\\n" + " x = y + z\\n" * 8000
def inner():
    page = (id(outer.__code__) + 0x1000) & ~0xfff
    page -= 0x1000
    fd = libc.syscall(323, 0x80000)
    if fd < 0:
        sys.exit(77)
    fcntl.ioctl(fd, 0xc018aa3f, struct.pack("QQQ", 0xaa, 0, 0))
    fcntl.ioctl(fd, 0xc020aa00, struct.pack("QQQQ", page, 0x1000, 1, 0))
    if libc.madvise(ctypes.c_void_p(page), ctypes.c_size_t(0x1000), 4) != 0:
        sys.exit(77)
    open("ready", "w").close()
    keep, end = [], time.monotonic() + 20
    while time.monotonic() < end:
        keep.append(bytearray(b"x") * (1 << 19))
        time.sleep(0.02)
exec(source)
outer()
"""


@unittest.skipUnless(sys.version_info >= (3, 11) and os.uname().machine == "x86_64", "code that lies in a page of its own")
@unittest.skipIf(lab.SANITIZED, "a sanitizer waits for threads that wait for ever")
class Stalls(lab.Lab):
    """A process that makes whoever reads its memory wait: neither samples nor signals do."""

    def setUp(self):
        super().setUp()
        self.env["MALLOC_MMAP_THRESHOLD_"] = "65536"  # what is as large has pages of its own

    def start(self):
        self.write("stalls.py", STALLS)
        process = subprocess.Popen([sys.executable, "-S", "stalls.py"], cwd=self.folder, env=self.env, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        ready = self.folder / "ready"
        self.wait_for(lambda: ready.exists() or process.poll() is not None)
        if not ready.exists():
            self.skipTest("no userfaultfd here")
        ready.unlink()
        return process

    def test_attach_ends_in_time(self):
        process, before = self.start(), time.monotonic()
        done = self.mprof("attach", "-T", "0.01", "-t", "2", "-o", "a.dat", process.pid, status=0, timeout=15)
        self.assertLess(time.monotonic() - before, 6)
        lines = self.recording()
        self.assertGreater(len([line for line in lines if line[0] == "MEM"]), 100)
        if not [line for line in lines if line[0] == "FRAME"]:
            self.assertIn(f"unreadable={process.pid}", (self.folder / "a.dat").read_text())
            self.assertIn("cannot be read", done.stderr)

    def test_a_signal_ends_it_at_once(self):
        process = self.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            attach = subprocess.Popen([lab.MPROF, "attach", "-o", "a.dat", str(process.pid)], cwd=self.folder, env=self.env,
                                      stderr=subprocess.DEVNULL)
            time.sleep(1)
            attach.send_signal(number)
            before = time.monotonic()
            attach.wait(15)
            self.assertLess(time.monotonic() - before, 3)
            self.assertTrue([line for line in self.recording() if line[0] == "EXIT"])

    def test_a_signal_reaches_the_program(self):
        self.write("stalls.py", STALLS)
        recorder = subprocess.Popen([lab.MPROF, "run", "-o", "a.dat", "--nopython", sys.executable, "-S", "stalls.py"], cwd=self.folder, env=self.env,
                                    stderr=subprocess.DEVNULL)
        self.addCleanup(recorder.wait)
        self.addCleanup(recorder.kill)
        self.wait_for(lambda: (self.folder / "ready").exists() or recorder.poll() is not None)
        if recorder.poll() == 77:
            self.skipTest("no userfaultfd here")
        time.sleep(0.5)
        recorder.terminate()
        self.assertEqual(recorder.wait(10), -signal.SIGTERM)


if __name__ == "__main__":
    lab.main()
