"""Who killed the program: what is known is said, and nothing else."""
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

HOG = "x=[bytearray(1<<20) for i in range(500)]"
# Where the kernel's log is not to be had, as in most containers.
NO_LOG = ["unshare", "-m", "sh", "-c", 'mount --make-rprivate / && mount --bind /dev/null /dev/kmsg && exec "$@" || exit 77', "sh"]


class Base(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["CI"] = "1"  # the closing line off a terminal too

    def settings(self, name="a.dat"):
        return dict(word.replace("'", "").split("=", 1) for line in self.recording(name) if line[0] == "META" for word in line[1:])

    def peak(self, name="a.dat"):
        return self.mprof("peak", name, status=0).stdout


class Unknown(Base):
    """Somebody sent it."""

    def check(self, done):
        self.assertRegex(done.stderr, "killed by SIGKILL; who sent it is not known(, but no OOM kill was counted)?; ")
        self.assertNotIn("memory", done.stderr.replace("memory may", ""))
        self.assertNotIn("killed", self.settings())
        self.assertIn("  killed by SIGKILL; who sent it is not known\n", self.peak())
        self.assertIn('"killed": null', self.mprof("peak", "--json", "a.dat", status=0).stdout)

    def test_itself(self):
        self.check(self.mprof("run", "-o", "a.dat", "sh", "-c", "sleep 0.2; kill -9 $$", status=-9))

    def test_at_once(self):
        self.check(self.mprof("run", "-o", "a.dat", "sh", "-c", "kill -9 $$", status=-9))

    def test_a_timeout(self):
        done = self.mprof("run", "-o", "a.dat", "timeout", "-s", "KILL", "0.2", "sleep", "9", status=-9)
        self.assertIn("killed by SIGKILL: timeout ended it after 0.20 s; ", done.stderr)
        self.assertIn("  killed by SIGKILL; who sent it is not known\n", self.peak())

    def test_a_tree(self):
        self.check(self.mprof("run", "-C", "-o", "a.dat", "sh", "-c", "sh -c 'kill -9 $$'; sleep 0.1; kill -9 $$", status=-9))

    def test_sigterm_is_anybodys(self):
        done = self.mprof("run", "-o", "a.dat", "sh", "-c", "sleep 0.2; kill $$", status=-15)
        self.assertIn(", killed by SIGTERM; ", done.stderr)
        self.assertNotIn("not known", done.stderr)

    def test_an_exit_is_none(self):
        done = self.mprof("run", "-o", "a.dat", "sh", "-c", "sleep 0.1; exit 137", status=137)
        self.assertNotIn("killed", done.stderr)
        self.assertNotIn("killed", self.peak())


class Recorder(Base):
    """--at of a recorder that is not the program's own."""

    def victim(self, *options, words=("sleep", "30")):
        (self.folder / "a.dat").unlink(missing_ok=True)
        run = subprocess.Popen([lab.MPROF, "run", "-T", "0.05", "-o", "a.dat", *options, *words], cwd=self.folder, env=self.env,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and "MEM" in (self.folder / "a.dat").read_text()))
        return run, int(self.settings()["pid"])

    def attach(self, pid, action, *options):
        return self.mprof("attach", "-q", "-o", "b.dat", "-T", "0.05", *options, "--at", f"1K:{action}", pid)

    def test_it_says_so_in_the_victims_recording(self):
        for action, number in (("kill", 9), ("term", 15)):
            with self.subTest(action):
                run, pid = self.victim()
                self.attach(pid, action)
                self.assertEqual(run.wait(20), -number)
                said = run.stderr.read()
                self.assertIn("the program was killed by another recorder's --at", said)
                self.assertNotIn("not known", said)
                self.assertEqual((self.settings()["killed"], self.settings()["killed_pid"]), ("at", str(pid)))
                self.assertIn("killed by another recorder's --at\n", self.peak())
                self.assertIn("killed by --at\n", self.peak("b.dat"))

    def test_who_heeds_no_signal_was_not_killed(self):
        run, pid = self.victim(words=("sh", "-c", "trap 'exit 0' TERM; sleep 30 & wait"))
        self.attach(pid, "term")
        self.assertEqual(run.wait(20), 0)
        self.assertNotIn("killed", run.stderr.read() + self.peak())

    def test_one_of_its_descendants(self):
        run, pid = self.victim("-C", words=("sh", "-c", "sleep 30; exit 4"))
        self.assertTrue(self.wait_for(lambda: "PROC" in (self.folder / "a.dat").read_text()))
        child = int(next(line[1] for line in self.recording() if line[0] == "PROC"))
        self.attach(child, "kill")
        self.assertEqual(run.wait(20), 4)
        self.assertIn(f"process {child}, which the program started, was killed by another recorder's --at", run.stderr.read())
        self.assertIn("a process of it was killed by another recorder's --at", self.peak())

    def test_a_recorder_in_the_tree(self):
        self.mprof("run", "-q", "-C", "-o", "b.dat", "-T", "0.05", "--at", "20M:kill", lab.MPROF, "run", "-o", "a.dat",
                   lab.target("spend"), "60", "20", status=-9)
        self.assertIn("killed by another recorder's --at", self.peak())

    def test_nothing_is_written_elsewhere(self):
        """What a program names as its recording may be anything."""
        other = self.write("other.dat", "CMDLINE x\nMEM 1.0 1700000000.0\n")
        run = subprocess.Popen(["sleep", "30"], env={**self.env, "MPROF_FILE": str(other)})
        self.attach(run.pid, "kill")
        self.assertEqual(run.wait(20), -9)
        self.assertEqual(other.read_text(), "CMDLINE x\nMEM 1.0 1700000000.0\n")


class Memory(Base):
    """The kernel's own kills, in a control group with a limit."""

    def setUp(self):
        super().setUp()
        self.group = self.make_group()
        self.addCleanup(self.remove)

    def remove(self):
        for pid in (self.group / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        self.wait_for(lambda: not (self.group / "cgroup.procs").read_text())
        lab.remove_group(self.group)

    def make_group(self):
        groups = Path("/proc/self/cgroup").read_text()
        mine = re.search(r"^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$", groups, re.M)
        unified = re.search(r"^0::(.*)$", groups, re.M)
        for parent, limit in [(f"/sys/fs/cgroup/memory{mine.group(1)}" if mine else None, "memory.limit_in_bytes"),
                              (f"/sys/fs/cgroup{unified.group(1)}" if unified else None, "memory.max")]:
            group = parent and Path(parent) / f"mprof-killed-{os.getpid()}-{time.monotonic_ns()}"
            try:
                group.mkdir()
                (group / limit).write_text("64M")
                return group
            except (OSError, AttributeError):
                if group and group.is_dir():
                    lab.remove_group(group)
        self.skipTest("no control group with a limit can be made here")

    def enter(self, *words):
        return ["sh", "-c", f'echo $$ > {self.group}/cgroup.procs; exec "$@"', "sh", *words]

    def inside(self, *words, log=True):
        run = subprocess.Popen([*([] if log else NO_LOG), *self.enter(lab.MPROF, "run", "-o", "a.dat", "-T", "0.01", *words)],
                               cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        return run

    def end(self, run, status):
        said = run.stderr.read()
        if run.wait(30) == 77:
            self.skipTest("no other file can stand for the kernel's log here")
        self.assertEqual(run.returncode, status, said)
        return said

    def log_is_ours(self):
        try:
            os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return os.readlink("/proc/self/ns/pid") == "pid:[4026531836]"

    def hog(self):
        """A stranger in the group, which the kernel kills."""
        done = subprocess.run(self.enter("python3", "-c", HOG), stderr=subprocess.DEVNULL)
        self.assertEqual(done.returncode, -9)

    def test_alone_in_its_group(self):
        for log in (True, False):
            with self.subTest(log=log):
                said = self.end(self.inside("python3", "-c", HOG, log=log), -9)
                self.assertIn("the program was killed: out of memory (its control group allows 64.0 MiB)", said)
                self.assertNotIn("not known", said)
                self.assertEqual(self.settings()["killed"], "oom")
                self.assertEqual(self.settings()["killed_pid"], self.settings()["pid"])

    def test_a_plain_kill_while_a_stranger_is_killed_for_memory(self):
        for log in (True, False) if self.log_is_ours() else (False,):
            with self.subTest(log=log):
                run = self.inside("sleep", "30", log=log)
                self.assertTrue(self.wait_for(lambda: run.poll() is not None or "MEM" in (self.folder / "a.dat").read_text()
                                              if (self.folder / "a.dat").exists() else False))
                time.sleep(0.2)
                self.hog()
                if run.poll() is None:
                    os.kill(int(self.settings()["pid"]), signal.SIGKILL)
                said = self.end(run, -9)
                self.assertNotIn("killed: out of memory", said + self.peak())
                if log:
                    self.assertIn("who sent it is not known", said)
                    self.assertNotIn("killed", self.settings())
                else:
                    self.assertIn("the program was killed: probably out of memory", said)
                    self.assertEqual(self.settings()["killed"], "oom?")
                os.unlink(self.folder / "a.dat")

    def test_a_stranger_that_was_there_before(self):
        beside = subprocess.Popen(self.enter("sleep", "60"))
        self.addCleanup(beside.wait)
        self.addCleanup(beside.kill)
        said = self.end(self.inside("python3", "-c", HOG, log=False), -9)
        self.assertIn("the program was killed: probably out of memory", said)
        self.assertIn("  killed: probably out of memory", self.peak())

    def test_a_plain_kill_after_its_childs(self):
        """One kill for memory, two that died: which of them is not known without the log."""
        words = ("sh", "-c", f"python3 -c '{HOG}'; kill -9 $$")
        said = self.end(self.inside(*words, log=False), -9)
        self.assertIn("the program, or a process that it started, was killed: out of memory", said)
        self.assertEqual(self.settings()["killed_pid"], "0")
        self.assertIn("a process of it was killed: out of memory", self.peak())
        if self.log_is_ours():
            said = self.end(self.inside(*words), -9)
            self.assertIn("warning: a process that it started was killed: out of memory", said)
            self.assertIn("killed by SIGKILL; who sent it is not known", said)

    def test_the_last_words_of_process_1(self):
        """In a namespace and a group of its own, as in a container."""
        run = subprocess.Popen(self.enter("unshare", "-pf", "--mount-proc", lab.MPROF, "run", "-q", "-o", "a.dat", "-T", "0.01",
                                          "--termination-log", "log", "python3", "-c", HOG),
                               cwd=self.folder, env={**self.env, "JOB_COMPLETION_INDEX": "3"}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        said = run.stderr.read()
        if run.wait(30) == 1 and "unshare" in said:
            self.skipTest("no namespaces here")
        self.assertEqual(run.returncode, 137, said)
        self.assertRegex((self.folder / "log").read_text(), r"\Amprof-c: exact peak [56]\d\.\d MiB of 64\.0 MiB allowed( at \S+ \S+ UTC)?, rank 3"
                         r"(; its control group at least 6[0-4]\.\d MiB)?; killed: (probably )?out of memory\n\Z")
        self.assertEqual(self.settings()["cgroup_oom_kill_more"], "1")

    def test_last_words_of_a_child(self):
        script = f"python3 -c '{HOG}'; sleep 0.1; exit 3"
        run = subprocess.Popen(self.enter(lab.MPROF, "run", "-q", "-C", "-o", "a.dat", "-T", "0.01", "--termination-log", "log", "sh", "-c", script),
                               cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        self.assertEqual(run.wait(30), 3, run.stderr.read())
        self.assertRegex((self.folder / "log").read_text(), r"; exit 3; a process that it started was killed: (probably )?out of memory\n\Z")

    def test_all_of_the_group_at_once(self):
        """As the kernel does it with memory.oom.group, and with no time to say a word."""
        run = self.inside(lab.target("spend"), "59", "30000")
        recording = self.folder / "a.dat"
        self.assertTrue(self.wait_for(lambda: run.poll() is not None or (recording.exists() and "cgroup_held=" in recording.read_text())))
        for pid in (self.group / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        run.wait(20)
        self.assertNotIn("\nEXIT ", recording.read_text())
        self.assertGreater(float(self.settings()["cgroup_held"]), 0.9 * 64)
        end = json.loads(self.mprof("why", "--json", "a.dat", status=0).stdout)["end"]
        whole = self.settings().get("cgroup_oom_group") == "1"
        self.assertEqual((end["kind"], end["known"]), ("limit", "estimate" if whole else "unknown"))
        self.assertRegex(end["words"], r"\Athe recording stops at (5[789]|6[0-4])\.\d MiB of 64\.0 MiB that its control group allows; ")
        self.assertRegex(self.peak(), r"  the recording has no end: it stops where its control group held \S+ MiB of the 64\.0 MiB allowed\n")
        self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
        self.assertRegex((self.folder / "a.svg").read_text(), r"stops at \S+ MiB of 64\.0 MiB allowed")

    def test_a_child_whose_shell_goes_on(self):
        said = self.end(self.inside("sh", "-c", f"python3 -c '{HOG}'; exit 3", log=False), 3)
        self.assertIn("a process that it started was killed: out of memory", said)


class NearLimit(Base):
    """A recording that has no end, of a container of version 2 that is killed whole."""

    HEAD = ("CMDLINE ./train.py\nMETA format=1 tool=mprof-c/0.1.0 metric=rss interval=0.1 pid=70 tree=0 children=0\n"
            "META limit=4096.000000 limit_kind=cgroup\nMETA cgroup_oom=0\nMETA cgroup_oom_kill=0\nMETA cgroup_oom_group=1\n")

    def setUp(self):
        super().setUp()
        lines = [f"META cgroup_held={3700 + i}.000000 cgroup_held_at=1700000{i:03}.000000\nMEM {3000 + i}.000000 1700000{i:03}.000000\n"
                 for i in range(376)]  # more often than a file has keys
        grown = "PATH 1 /train.py\nFRAME 1 0 1 7 load\nGROW 900.0 1700000001.0 900.0 70 70 1\n"
        self.write("a.dat", self.HEAD + grown + "".join(lines))

    def test_each_command_says_so(self):
        self.assertIn("the recording stops at 3.98 GiB of 4.00 GiB that its control group allows; probably", self.mprof("why", "a.dat", status=0).stdout)
        self.assertIn("it stops where its control group held 3.98 GiB of the 4.00 GiB allowed", self.peak())
        self.assertRegex(self.mprof("report", "a.dat", status=0).stdout,
                         r"The recording has no end: it stops after 6 min 15 s, where its control group held 3\.98 GiB of the 4\.00 GiB allowed;")
        self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
        self.assertIn("stops at 3.98 GiB of 4.00 GiB allowed", (self.folder / "a.svg").read_text())

    def test_a_list_too(self):
        (self.folder / "a.dat").rename(self.folder / "mprofile_20240101000000.dat")
        self.assertIn("  stops at 3.98 GiB of 4.00 GiB allowed: ./train.py", self.mprof("list", status=0).stdout)
        for command in ("list", "peak"):
            one, = json.loads(self.mprof(command, "--json", status=0).stdout)
            self.assertEqual((one["near_limit"], one["killed"]), ({"held_mib": 4075, "limit_mib": 4096}, None))

    def test_a_figure_that_nothing_can_hold_is_none(self):
        for held in ("1e300", "nan", "-4000", "4000x"):
            self.write("a.dat", self.HEAD + f"META cgroup_held={held} cgroup_held_at=1700000000.0\nMEM 3000 1700000000.0\nMEM 3001 1700000001.0\n")
            self.assertNotIn("stops", self.mprof("why", "a.dat", status=0).stdout + self.peak(), held)

    def test_one_that_still_goes_on_does_not_stop(self):
        (self.folder / "a.dat").rename(self.folder / "mprofile_20240101000000.dat")
        with open(self.folder / "mprofile_20240101000000.dat") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for words in (["list"], ["peak"], ["report"], ["list", "--json"], ["peak", "--json"]):
                self.assertNotRegex(self.mprof(*words, status=0).stdout, r"stops|held_mib", words)
            self.mprof("plot", "-o", "a.svg", status=0)
            self.assertNotIn("stops", (self.folder / "a.svg").read_text())

    def test_who_looks_on_is_told(self):
        said = self.mprof("live", "a.dat", status=1).stdout
        self.assertIn("the recording stops at 3.98 GiB of 4.00 GiB that its control group allows; probably killed: out of memory", said)

    def test_an_end_says_more(self):
        with open(self.folder / "a.dat", "a") as file:
            file.write("EXIT 0 1700000376.0 0.0 376 0\n")
        self.assertIn("exited with 0", self.mprof("why", "a.dat", status=0).stdout)
        self.assertNotIn("stops", self.peak() + self.mprof("report", "a.dat", status=0).stdout)


if __name__ == "__main__":
    lab.main()
