"""Growth by Python line: what is read from outside is what Python says of itself, and the report says where it was."""
import ctypes
import glob
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

TARGETS = lab.ROOT / "tests" / "targets"
GROWS = TARGETS / "grows.py"
READABLE = range(9, 14)  # minors that could be tried; 3.14 is read by what it tells, and is not yet here


def pythons():
    """{minor: path} of the CPythons here: Debian's under the name of its own minor, pyenv's."""
    places = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))) + ["/usr/bin/python3", sys.executable]
    found = {}
    for path in places:
        ask = "import sys; print(sys.version_info[1], sys.implementation.name, getattr(sys, '_is_gil_enabled', lambda: 1)())"
        done = subprocess.run([path, "-c", ask], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) \
            if os.access(path, os.X_OK) else None
        words = done.stdout.split() if done else []
        if len(words) == 3 and words[1] == "cpython" and words[2] in ("1", "True"):
            found.setdefault(int(words[0]), []).append(path)
    return found


PYTHONS = pythons()
ONE = next((PYTHONS[minor][-1] for minor in (11, 12, 13, 10, 9) if minor in PYTHONS), None)
MISSING = [f"3.{minor}" for minor in (*READABLE, 14) if minor not in PYTHONS]


def line_of(mark):
    return next(i for i, line in enumerate(GROWS.read_text().splitlines(), 1) if f"# GROW {mark}" in line)


def may_read():
    """Another process' memory: its child's at least, unless the kernel or a container forbids it."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(30)"], stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    done = subprocess.run([lab.target("stacks"), str(sleeper.pid)], stdout=subprocess.PIPE, text=True)
    sleeper.kill()
    sleeper.wait()
    sleeper.stdout.close()
    return done.returncode != 1 or "version 3" not in done.stdout


MAY_READ = may_read()


@unittest.skipUnless(MAY_READ, "the memory of other processes may not be read here")
class Stacks(lab.Lab):
    def blocked(self, python):
        """(what Python says, what is read, status) of the threads of blocked.py."""
        truth = self.folder / "truth.json"
        target = subprocess.Popen([python, str(TARGETS / "blocked.py"), str(truth)], stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(target.stdout.readline(), "ready\n")
            done = subprocess.run([lab.target("stacks"), str(target.pid)], stdout=subprocess.PIPE, encoding="utf-8")
        finally:
            target.kill()
            target.wait()
            target.stdout.close()
        read = {}
        for line in done.stdout.splitlines()[1:]:
            if line.startswith("T "):
                stack = read.setdefault(line.split()[1], [])
            else:
                stack.append(line.strip())
        return json.loads(truth.read_text()), read, done

    def test_stacks_are_what_python_says(self):
        print(f"# not here, so not tried: {' '.join(MISSING) or 'none'}", flush=True)
        frames = 0
        for minor in READABLE:
            for python in PYTHONS.get(minor, []):
                with self.subTest(python=python):
                    truth, read, done = self.blocked(python)
                    self.assertEqual(done.returncode, 0)
                    self.assertEqual(len(truth), 16)
                    self.assertEqual({thread: read.get(thread) for thread in truth}, truth)
                    frames += sum(map(len, truth.values()))
        print(f"# {frames} frames compared", flush=True)

    @unittest.skipUnless(8 in PYTHONS, "no CPython 3.8 here")
    def test_38_is_refused_by_name(self):
        done = self.mprof("run", "--where=stacks", "-T", "0.02", "-o", "a.dat", PYTHONS[8][0], GROWS, "exit=4", status=4)
        self.assertIn("Python 3.8 cannot be looked into", done.stderr)
        self.assertFalse([r for r in self.recording() if r[0] == "PATH" and r[2].endswith(".py")])
        self.assertGreater(len([r for r in self.recording() if r[0] == "MEM"]), 3)
        self.assertIn("META refused=3.8", (self.folder / "a.dat").read_text())
        self.assertIn("Python 3.8 cannot be looked into", self.mprof("report", "a.dat", stderr=subprocess.STDOUT).stdout)

    def test_versions_to_come_are_refused_by_name(self):
        done = self.mprof("run", "--where=stacks", "-T", "0.01", "-o", "a.dat", lab.target("future"), "0310", status=0)
        self.assertIn("Python 3.16 cannot be looked into", done.stderr)
        done = self.mprof("run", "--where=stacks", "-T", "0.01", "-o", "a.dat", lab.target("future"), "0310", "free", status=0)
        self.assertIn("Python 3.16 cannot be looked into", done.stderr)
        self.mprof("report", "a.dat", status=0)
        done = self.mprof("run", "-T", "0.01", "-o", "a.dat", lab.target("future"), "0310", status=0)
        self.assertEqual(done.stderr, "")  # nobody asked, nobody watches

    @unittest.skipUnless(shutil.which("gcc"), "no gcc here")
    def test_offsets_are_those_of_the_headers(self):
        rows = (lab.ROOT / "recorder" / "python" / "offsets.inc").read_text()
        tried = 0
        for minor in range(9, 16):
            for folder in glob.glob(os.path.expanduser(f"~/.pyenv/versions/3.{minor}.*/include/python3.{minor}")):
                subprocess.run(["gcc", "-w", f"-I{folder}", str(lab.ROOT / "tests/offsets/print.c"), "-o", "print"],
                               cwd=self.folder, check=True)
                row = subprocess.run(["./print"], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=True).stdout
                self.assertIn(row, rows)
                tried += 1
        if not tried:
            self.skipTest("no internal headers of CPython 3.9 to 3.15 here")


@unittest.skipUnless(MAY_READ and ONE, "no CPython from 3.9 on here whose memory may be read")
class Growth(lab.Lab):
    def record(self, *words, status=0, options=(), python=ONE):
        return self.mprof("run", "-o", "a.dat", *options, python, GROWS, *words, status=status)

    def report(self, *options):
        return json.loads(self.mprof("report", "--json", "--top", "1000", *options, "a.dat", status=0).stdout)

    def lines(self, table):
        return {row["frame"]["line"]: row for row in table if row["frame"] and row["frame"]["file"] == str(GROWS)}

    def check_lines(self, report):
        lines = self.lines(report["yours"])
        for mark, mib in (("A", 60), ("B", 40), ("C", 50)):
            row = lines.get(line_of(mark))
            self.assertIsNotNone(row, (mark, sorted(lines)))
            # On a machine that is busy, the end of a growth may be seen only when its line is over.
            self.assertGreater(row["grew_mib"], mib / 2, mark)
            self.assertLess(row["grew_mib"], mib * 1.25, mark)
        self.assertEqual(lines[line_of("A")]["frame"]["function"].split(".")[-1], "rows")

    def looked_well(self, record):
        """The report of what `record` records. A machine that had no time to look for whole lines is given more chances."""
        for chance in range(2 if lab.SANITIZED else 6, 0, -1):
            record()
            report = self.report()
            try:
                self.check_lines(report)
                return report
            except AssertionError:
                if chance == 1 and lab.SANITIZED:
                    self.skipTest("looked too late each time: a sanitizer's pace proves nothing")
                if chance == 1:
                    raise
                print("# looked too late, once more")

    def record_well(self, *words, **kw):
        return self.looked_well(lambda: self.record(*words, **kw))

    def test_each_version(self):
        for minor in READABLE:
            for python in PYTHONS.get(minor, []):
                with self.subTest(python=python):
                    report = self.record_well(python=python)
                    self.assertEqual(report["peak"]["yours"]["function"], "passing")
                    self.assertGreater(report["peak"]["mib"], 150)

    def test_precise_is_a_word_that_does_nothing(self):
        self.record_well("exit=3", status=3, options=["--precise"])

    def test_threads(self):
        self.record_well("threads")
        threads = self.report("--by", "thread")["innermost"]
        grown = max(threads, key=lambda row: row["grew_mib"])
        self.assertNotEqual(grown["thread"], grown["pid"])
        self.assertGreater(grown["grew_mib"], 120)

    def test_the_main_thread_among_very_many(self):
        self.write("many.py", textwrap.dedent("""
            import mmap, threading, time
            enough = threading.Event()
            for _ in range(100):
                threading.Thread(target=enough.wait).start()
            time.sleep(0.1)
            memory, zeros = mmap.mmap(-1, 160 << 20), open("/dev/zero", "rb", 0)
            def main():
                for i in range(10):  # without the GIL
                    zeros.readinto(memoryview(memory)[i << 24:(i + 1) << 24])
                    time.sleep(0.02)
            main()
            enough.set()
        """))
        for minor in READABLE:
            for python in PYTHONS.get(minor, []):
                with self.subTest(python=python):
                    self.mprof("run", "-o", "a.dat", python, "many.py", status=0)
                    by = self.report("--by", "function")["innermost"]
                    grew = sum(row["grew_mib"] for row in by if row["frame"] and row["frame"]["function"] == "main")
                    self.assertGreater(grew, 80)

    def test_a_kill_keeps_the_report(self):
        self.record_well("kill", status=-signal.SIGKILL)

    def test_a_killed_recorder_keeps_the_report(self):
        def grown():
            path = self.folder / "a.dat"
            return sum(line.startswith("GROW ") for line in path.read_text().splitlines()) if path.exists() else 0
        for _ in range(6):
            recorder = subprocess.Popen([lab.MPROF, "run", "-o", "a.dat", ONE, str(GROWS), "exit=0"], cwd=self.folder, env=self.env)
            self.wait_for(lambda: grown() >= 10 or recorder.poll() is not None, 30)
            recorder.kill()
            if recorder.wait() == -signal.SIGKILL:
                break
        self.assertGreater(self.report()["innermost"][0]["grew_mib"], 1)

    def test_children(self):
        self.record("fork", options=["-M", "-T", "0.02"])
        pids = {r[4] for r in self.recording() if r[0] == "GROW"}
        self.assertEqual(len(pids), 2, pids)
        inherited = [float(r[1]) for r in self.recording() if r[0] == "GROW" and "inherited" in r]
        self.assertGreater(sum(inherited), 50)  # rows and block: what the parent held
        threads = self.report("--by", "thread")["innermost"]
        self.assertTrue([row for row in threads if row["grew_mib"] > 60 and str(row["pid"]) in pids])

    def test_what_grows_slowly_is_told_once(self):
        """Few of its faults are told, and each stands for those before it, which ticks may have told of already."""
        script = self.write("slow.py", "import time\nkept = []\nfor _ in range(50):\n    kept.append(bytearray(300000))\n    time.sleep(0.1)\n")
        self.mprof("run", "-q", "-o", "a.dat", ONE, script, status=0)
        rows = [r for r in self.recording() if r[0] == "GROW"]
        most = max(float(r[1]) for r in self.recording() if r[0] == "MEM")  # at its end it may be met giving all back
        begun = float([r for r in self.recording() if r[0] == "MEM"][10][2])  # what Python takes to start comes and goes
        late = [float(r[1]) for r in rows if float(r[2]) > begun]
        self.assertLess(sum(n for n in late if n > 0), 1.25 * 50 * 300000 / (1 << 20) + 1)
        self.assertLess(max(float(r[3]) for r in rows if float(r[2]) > begun), most + 1)

    def test_off_and_strangers_have_none(self):
        self.record(options=["--where=off"])
        self.assertFalse([r for r in self.recording() if r[0] in ("GROW", "PATH", "FRAME")])
        self.refuses("report", "a.dat", status=1, says="no growth")
        self.mprof("run", "-T", "0.02", "-o", "a.dat", "sleep", "0.3", status=0)
        self.assertFalse([r for r in self.recording() if r[0] == "META" and "python=" in " ".join(r)])

    def test_a_python_behind_a_shell(self):
        self.looked_well(lambda: self.mprof("run", "-T", "0.02", "-o", "a.dat", "sh", "-c", f"exec {ONE} {GROWS}", status=0))

    def test_lines_only_are_smaller(self):
        self.record_well(options=["--where=lines"])
        callers = [int(r[2]) for r in self.recording() if r[0] == "FRAME"]
        short = len(callers)
        self.record()
        self.assertGreater(len([r for r in self.recording() if r[0] == "FRAME"]), short)

    def test_attach(self):
        target = subprocess.Popen([ONE, "-c", "import time; print(1, flush=True); time.sleep(0.5)\n"
                                   "def f():\n return bytearray(90 << 20)\nx = f(); time.sleep(1)"], stdout=subprocess.PIPE)
        target.stdout.readline()
        self.mprof("attach", "-o", "a.dat", target.pid, status=0)
        target.wait()
        target.stdout.close()
        row = self.report("--by", "function")["yours"]
        grown = [r for r in row if r["frame"] and r["frame"]["function"] == "f"]
        self.assertEqual(len(grown), 1, row)
        self.assertGreater(grown[0]["grew_mib"], 45)
        self.assertLess(grown[0]["grew_mib"], 100)

    def test_the_report_in_words(self):
        self.record_well()
        text = self.mprof("report", "a.dat", status=0).stdout
        self.assertRegex(text, rf"\Apeak (?:about )?\d+\.\d MiB at [\d.]+ s in \S*passing, .*grows\.py:\d+")
        self.assertRegex(text, rf"grows\.py:{line_of('B')} block +\| return bytearray\(size\)")
        for title in ("your own code", "innermost", "Alive at the peak", "Phases"):
            self.assertIn(title, text)
        self.assertEqual(len(re.findall(r"(?m)^ +[+-][\d.]+ +[\d.]+ +\d+%", self.mprof("report", "--top", "2", "a.dat").stdout)), 4)
        for way, name in (("function", "grows.py block"), ("file", "grows.py"), ("module", "grows"), ("thread", "main thread")):
            self.assertIn(name, self.mprof("report", "--by", way, "a.dat", status=0).stdout)

    def test_folded_stacks(self):
        self.record_well()
        lines = self.mprof("report", "--folded", "a.dat", status=0).stdout.splitlines()
        block = [l for l in lines if re.search(rf"main \(.*work \(.*block \(\S*grows\.py:{line_of('B')}\) \d+$", l)]
        self.assertEqual(len(block), 1, lines)
        self.assertGreater(int(block[0].split()[-1]) / 1024, 20)

    def test_compressed_recordings(self):
        self.record()
        (self.folder / "b.dat.gz").write_bytes(gzip.compress((self.folder / "a.dat").read_bytes()))
        plain = self.mprof("report", "--by", "file", "a.dat", status=0).stdout
        self.assertEqual(self.mprof("report", "--by", "file", "b.dat.gz", status=0).stdout, plain)

    def test_a_terminal_is_told(self):
        leader, follower = terminals.open_pair()
        self.mprof("run", "-o", "a.dat", ONE, GROWS, stderr=follower, status=0)
        text = os.read(leader, 65536).decode()
        self.assertRegex(text, r"; (exact peak|peak at least) \d+\.\d MiB( at [\d.]+ s)?( in \S*passing, \S+)?[^;\n]*\n")
        self.assertEqual(text.count("peak"), 1, text)
        self.assertRegex(text, r"(?m)^mprof-c: grew most: (\S+ \S+( ~)? [\d.]+ MiB(, |; )){3}.*see it with: mprof-c plot a\.dat, more with: mprof-c why a\.dat\s*$")
        self.mprof("run", "-q", "-o", "a.dat", ONE, GROWS, stderr=follower, status=0)
        os.set_blocking(leader, False)
        self.assertRaises(BlockingIOError, os.read, leader, 65536)
        os.close(leader)
        os.close(follower)

    def test_bad_words(self):
        self.record()
        self.refuses("report", "--by", "colour", "a.dat", says="--by takes")
        self.refuses("report", "--top", "0", "a.dat", says="--top takes")
        self.refuses("report", "--json", "--folded", "a.dat", says="exclude")
        self.refuses("report", "a.dat", "a.dat", says="one recording")
        self.refuses("run", "--where=here", "true", says="--where takes")


if __name__ == "__main__":
    lab.main()
