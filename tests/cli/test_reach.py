"""What stands for what: a process for its leading thread, a name for its bearer, a number for its owner, a group for its path."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Reach(lab.Lab):
    def spawn(self, *words, **kw):
        process = subprocess.Popen([str(w) for w in words], cwd=self.folder, stdout=subprocess.DEVNULL, **kw)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def most(self, kind="MEM", at=1, name="a.dat"):
        return max((float(line[at]) for line in self.recording(name) if line[0] == kind), default=0)

    def settings(self, name="a.dat"):
        return dict(word.split("=", 1) for line in self.recording(name) if line[0] == "META" for word in line[1:] if "=" in word)


class LeaderHasEnded(Reach):
    """The main thread calls pthread_exit, and the process goes on in others."""

    def leaderless(self, mib, seconds, how="hold"):
        process = self.spawn(lab.target("leaderless"), mib, seconds, how)
        self.assertTrue(self.wait_for(lambda: ") Z " in Path(f"/proc/{process.pid}/stat").read_text()))
        self.assertTrue(self.wait_for(lambda: self.resident(process.pid) >= mib))
        return process

    def resident(self, pid):
        """MiB, as its live threads tell."""
        found = 0
        for statm in Path(f"/proc/{pid}/task").glob("*/statm"):
            try:
                found = max(found, int(statm.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20)
            except OSError:
                pass
        return found

    def until_it_reads(self, *options, child=False):
        """What walks page tables is read seldom on a busy machine: then it is given more time."""
        for seconds in 0.6, 1.5, 3, 5:
            words = [lab.target("leaderless"), 40, seconds]
            if child:
                words = ["sh", "-c", " ".join(map(str, words)) + "; true"]
            self.mprof("run", *options, "-T", "0.02", "-o", "a.dat", *words, status=0)
            if self.most() >= 40 or not {"pss", "uss"} & set(options):
                break

    def test_attach_by_number_and_by_name(self):
        process = self.leaderless(40, 20)
        for word in process.pid, "leaderless":
            with self.subTest(word=word):
                self.mprof("attach", "-t", "0.3", "-T", "0.05", "-o", "a.dat", word, status=0)
                self.assertGreaterEqual(self.most(), 40)
                self.assertLess(self.most(), 60)
                self.assertIn("leaderless", self.recording()[0][1])
                peak = self.mprof("peak", "a.dat", status=0).stdout
                self.assertNotRegex(peak, r"\b0\.0+ MiB")

    def test_every_metric_of_a_process(self):
        process = self.leaderless(40, 20)
        for metric in "rss", "pss", "uss", "anon", "vms":
            with self.subTest(metric=metric):
                self.mprof("attach", "-t", "0.2", "-T", "0.05", "-b", metric, "-o", "a.dat", process.pid, status=0)
                self.assertGreaterEqual(self.most(), 40)
        self.mprof("attach", "-t", "0.3", "-T", "0.05", "-b", "rss,pss,uss,anon,swap", "-o", "a.dat", process.pid, status=0)
        told = {line[1]: float(line[2]) for line in self.recording() if line[0] == "VAL"}
        self.assertEqual(set(told), {"pss", "uss", "anon", "swap"})
        self.assertTrue(all(told[m] >= 40 for m in ("pss", "uss", "anon")), told)

    def test_run(self):
        for options in (), ("-X",), ("-C", "-M"), ("-b", "pss"), ("-b", "uss"), ("-C", "-b", "pss"):
            with self.subTest(options=options):
                self.until_it_reads(*options)
                self.assertGreaterEqual(self.most(), 40)
                times = [float(line[2]) for line in self.recording() if line[0] == "MEM"]
                if "pss" not in options and "uss" not in options:
                    self.assertGreater(times[-1] - times[0], 0.4)
                self.assertEqual(self.recording()[-1][:2], ["EXIT", "0"])

    def test_as_a_member_of_a_tree(self):
        for options in (), ("-X",), ("-b", "pss"), ("-b", "uss"):
            with self.subTest(options=options):
                self.until_it_reads("-C", "-M", *options, child=True)
                self.assertGreaterEqual(self.most(), 40)
                self.assertGreaterEqual(self.most("CHLD", 2), 40)
                gone = [line for line in self.recording() if line[0] == "GONE"]
                self.assertEqual(len(gone), 2)
                self.assertGreaterEqual(float(gone[0][3]), 40)
        shell = self.spawn("sh", "-c", f"{lab.target('leaderless')} 40 20; true")
        children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children")
        self.assertTrue(self.wait_for(lambda: children.read_text().split()))
        child = int(children.read_text())
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.assertTrue(self.wait_for(lambda: self.resident(child) >= 40))
        for metric in "rss", "pss", "uss":
            with self.subTest(metric=metric):
                self.mprof("attach", "-C", "-M", "-b", metric, "-T", "0.05", "-t", "0.4", "-o", "a.dat", shell.pid, status=0)
                self.assertGreaterEqual(self.most(), 40)
                before = [line[0] for line in self.recording()]
                self.assertNotIn("GONE", before[:before.index("CHLD")])

    def test_the_thread_that_is_read_ends_too(self):
        for options in (), ("-X",), ("-b", "pss"):
            with self.subTest(options=options):
                self.mprof("run", *options, "-T", "0.01", "-o", "a.dat", lab.target("leaderless"), 40, 1.2, "relay", status=0)
                late = [float(line[1]) for line in self.recording() if line[0] == "MEM"][-3:]
                self.assertTrue(all(mib >= 40 for mib in late[:2]), late)
                times = [float(line[2]) for line in self.recording() if line[0] == "MEM"]
                self.assertGreater(times[-1] - times[0], 0.9)
        process = self.leaderless(40, 3, "relay")
        self.mprof("attach", "-T", "0.02", "-o", "a.dat", process.pid, status=0)
        times = [float(line[2]) for line in self.recording() if line[0] == "MEM"]
        self.assertGreater(times[-1] - times[0], 1)
        self.assertGreaterEqual(self.most(), 40)

    def test_a_thread_calls_exec(self):
        for options in (), ("-X",), ("-b", "pss"), ("-C", "-M"):
            with self.subTest(options=options):
                self.mprof("run", *options, "-T", "0.02", "-o", "a.dat", lab.target("leaderless"), 40, 0.8, "exec", status=0)
                times = [float(line[2]) for line in self.recording() if line[0] == "MEM" and float(line[1]) >= 40]
                self.assertGreater(times[-1] - times[0], 0.6)

    def test_children_of_its_threads(self):
        self.mprof("run", "-C", "-M", "-T", "0.02", "-o", "a.dat", lab.target("leaderless"), 40, 0.6, "fork", status=0)
        self.assertGreaterEqual(self.most("CHLD", 2), 40)
        process = self.spawn(lab.target("leaderless"), 40, 20, "fork")
        lists = Path(f"/proc/{process.pid}/task")
        kids = lambda: [int(w) for one in lists.glob("*/children") for w in one.read_text().split()]
        self.assertTrue(self.wait_for(kids))
        child = kids()[0]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.wait_until_it_holds(child, 40)
        self.mprof("attach", "-C", "-M", "-T", "0.05", "-t", "0.3", "-o", "a.dat", process.pid, status=0)
        self.assertGreaterEqual(self.most("CHLD", 2), 40)

    def test_the_python_in_it(self):
        self.write("grow.py", """
import ctypes, threading, time
held = []
def grow():
    time.sleep(0.3)
    for i in range(60):
        held.append(bytearray(1 << 20))
        time.sleep(0.02)
threading.Thread(target=grow).start()
ctypes.CDLL(None).pthread_exit(None)
""")
        python = self.real_python()
        done = self.mprof("run", "-T", "0.02", "-o", "a.dat", python, "grow.py")
        if self.most() < 60:
            self.skipTest(f"this Python does not outlive its main thread: {done.stderr}")
        report = self.mprof("report", "a.dat", status=0).stdout
        self.assertRegex(report, r"grow\.py:[78] grow" if lab.SANITIZED else r"grow\.py:7 grow")

    def real_python(self):
        """No shim."""
        return subprocess.run(["python3", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True).stdout.strip()

    def test_a_real_zombie_is_gone(self):
        process = subprocess.Popen([lab.target("leaderless"), "4", "0.1"])
        self.addCleanup(process.wait)
        tasks = Path(f"/proc/{process.pid}/task")
        self.assertTrue(self.wait_for(lambda: ") Z " in Path(f"/proc/{process.pid}/stat").read_text() and len(list(tasks.iterdir())) == 1))
        self.refuses("attach", process.pid, status=1, says="no running process")


class Names(Reach):
    """Whose name is it?"""

    def setUp(self):
        super().setUp()
        self.script = f"job_{os.getpid()}_{time.monotonic_ns() % 1000000}.py"
        self.write(self.script, "import time; time.sleep(30)\n")
        self.python = subprocess.run(["python3", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True).stdout.strip()

    def program(self, name):
        """A copy of sleep; it minds no further argument that is a number."""
        path = self.folder / name
        shutil.copy(lab.target("spend"), path)
        return path

    def waits(self, process, word):
        line = Path(f"/proc/{process.pid}/cmdline")
        self.assertTrue(self.wait_for(lambda: str(word).encode() in line.read_bytes()))
        return process

    def bystanders(self):
        """Each has the script for an argument."""
        self.write("tool.py", "import time; time.sleep(30)\n")
        return [self.waits(self.spawn(*words), words[-1]) for words in (
            ("tail", "-f", self.script),
            (self.program("editor"), 1, 30, self.script),
            ("grep", "-r", self.script, "/dev/zero"),
            ("sh", "-c", "sleep 30; true", "sh", self.script),
            (self.python, "tool.py", self.script),
            (self.python, "-c", "import time; time.sleep(30)", self.script),
        )]

    def attached(self, word):
        done = self.mprof("attach", "-t", "0.1", "-o", "a.dat", word, status=0)
        self.assertEqual(done.stderr, "")
        return int(self.settings()["pid"])

    def test_the_one_that_runs_the_script(self):
        job = self.waits(self.spawn(self.python, "-u", "-X", "dev", "-W", "ignore", self.script), self.script)
        self.bystanders()
        stem = self.script[:-3]
        for word in self.script, f"./{self.script}", stem, f"{self.script}":
            with self.subTest(word=word):
                self.assertEqual(self.attached(word), job.pid)

    def test_none_runs_it(self):
        self.bystanders()
        for word in self.script, self.script[:-3]:
            self.refuses("attach", word, status=1, says="no running process")
        self.assertFalse((self.folder / "a.dat").exists())

    def test_a_module_and_a_shell_script(self):
        module = self.script[:-3]
        job = self.waits(self.spawn(self.python, "-um", module), module)
        self.assertEqual(self.attached(module), job.pid)
        name = self.script.replace(".py", ".sh")
        self.write(name, "#!/bin/sh\nsleep 30; true\n", 0o755)
        for words in ((self.folder / name,), ("sh", "-eu", "-o", "nounset", name, "x")):
            with self.subTest(words=words):
                job = self.waits(self.spawn(*words), name)
                self.assertEqual(self.attached(name), job.pid)
                job.kill()
                job.wait()

    def test_words_of_its_own_line_may_follow(self):
        job = self.waits(self.spawn(self.python, self.script, "--shard", "7"), "7")
        self.waits(self.spawn(self.python, self.script, "--shard", "8"), "8")
        self.refuses("attach", self.script, status=2, says="2 processes")
        self.assertEqual(self.attached(f"{self.script} --shard 7"), job.pid)
        self.refuses("attach", "--", "--shard 7", status=1, says="no running process")

    def test_another_recorder_is_not_what_it_records(self):
        other = self.spawn(lab.MPROF, "run", "-q", "-o", "b.dat", self.python, self.script, stderr=subprocess.DEVNULL)
        children = Path(f"/proc/{other.pid}/task/{other.pid}/children")
        self.assertTrue(self.wait_for(lambda: children.read_text().split()))
        child = int(children.read_text().split()[0])
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.assertTrue(self.wait_for(lambda: self.script in Path(f"/proc/{child}/cmdline").read_text()))
        self.assertEqual(self.attached(self.script), child)

    def test_nobody_has_an_empty_name(self):
        self.refuses("attach", "", status=2, says="empty name")
        self.refuses("run", "-a", "", status=2, says="empty name")
        self.assertNotIn(b".dat", b"".join(os.fsencode(p) for p in self.folder.iterdir()))


@unittest.skipIf(os.geteuid() != 0, "namespaces need root")
@unittest.skipIf(lab.SANITIZED, "a sanitizer looks into its own /proc at the end")
class Namespaces(Reach):
    """/proc may be somebody else's, or not be there."""

    def inside(self, *flags, script, **kw):
        done = subprocess.run(["unshare", *flags, "sh", "-c", script, "sh", lab.MPROF], cwd=self.folder, env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, **kw)
        if re.search("unshare: |mount: ", done.stderr):
            self.skipTest(f"not allowed here: {done.stderr.splitlines()[0]}")
        return done

    def refused(self, done, says):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, rf"\Amprof-c: [^\n]*{says}[^\n]*\n\Z")
        self.assertEqual(done.stdout, "")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_proc_of_another_namespace(self):
        for words in ('run -o a.dat echo no', 'run -C -M echo no', 'run -b cgroup,rss echo no', 'attach 1', 'attach -t 1 sh', 'run -a 1'):
            with self.subTest(words=words):
                self.refused(self.inside("-p", "-f", script=f'"$1" {words}; exit $?'), "PID namespace.*--mount-proc")

    def test_a_number_that_another_namespace_has_too(self):
        # The recorder's number here is, in the /proc that it sees, that of a process which holds much.
        other = self.spawn(lab.target("spend"), 150, 20)
        self.wait_until_it_holds(other.pid, 150)
        script = f'echo {other.pid - 2} > /proc/sys/kernel/ns_last_pid; "$1" run -o a.dat sh -c "sleep 0.1"; exit $?'
        self.refused(self.inside("-p", "-f", script=script), "PID namespace")

    def test_the_proc_of_a_child_namespace(self):
        script = ('mount --make-rprivate /; unshare -p -f sh -c "mount -t proc proc /proc && exec sleep 20" & kid=$!;'
                  'i=0; while [ -e /proc/mounts ] && readlink /proc/self >/dev/null && [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done;'
                  '"$1" run -o a.dat echo no; r=$?; kill $kid; exit $r')
        done = self.inside("-m", script=script)
        if "no" in done.stdout:
            self.skipTest("the mount did not reach this namespace")
        self.refused(done, "PID namespace")

    def test_our_own_in_a_new_namespace(self):
        done = self.inside("-p", "-f", "--mount-proc", script=f'"$1" run -C -T 0.02 -o a.dat {lab.target("spend")} 40 0.3; exit $?')
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreaterEqual(self.most(), 40)

    def test_no_proc(self):
        self.refused(self.inside("-m", script='mount -t tmpfs none /proc; "$1" run -o a.dat echo no; exit $?'), "cannot read /proc")

    def test_processes_only(self):
        script = ('mount -t proc -o subset=pid proc /proc || exit 77; "$1" run -C -M -T 0.02 -b rss,pss,swap --at 90%:mark -o a.dat '
                  f'{lab.target("spend")} 40 0.3; exit $?')
        done = self.inside("-m", "-p", "-f", script=script)
        if done.returncode == 77:
            self.skipTest("this kernel has no subset=pid")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(self.most(), 40)
        self.assertNotIn("MARK", [line[0] for line in self.recording()])
        done = self.inside("-m", "-p", "-f", script=f'mount -t proc -o subset=pid proc /proc; "$1" run -b system -o b.dat true; exit $?')
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not tell system", done.stderr)


class Groups(Reach):
    """A control group is what the process is in now, not what it was in at first."""

    FILES = {"memory.limit_in_bytes": ("/sys/fs/cgroup/memory", r"^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$"),
             "memory.max": ("/sys/fs/cgroup", r"^0::(.*)$")}

    def group(self, limit=None):
        """A folder of our own, where one can be made."""
        mine = Path("/proc/self/cgroup").read_text()
        for name, (mount, pattern) in self.FILES.items():
            own = re.search(pattern, mine, re.M)
            if not own or not os.path.isdir(mount + own.group(1)):
                continue
            folder = Path(mount + own.group(1)) / f"mprof-test-{os.getpid()}-{time.monotonic_ns()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            self.addCleanup(self.remove, folder)
            try:
                (folder / name).write_text(str(limit) if limit else (folder / name).read_text())
                self.limit_file = name
                return folder
            except OSError:
                pass
        self.skipTest("no control group with a limit can be made here")

    def remove(self, folder):
        """As soon as nobody is in it."""
        def gone():
            try:
                folder.rmdir()
            except OSError:
                return not folder.exists()
            return True
        self.wait_for(gone, 5)

    def enter(self, group, then="exec "):
        return f"echo $$ > {group}/cgroup.procs; {then}"

    def hold(self, mib, seconds):
        return f"{lab.target('spend')} {mib} {seconds}"

    def test_a_share_of_the_limit_is_of_the_new_one(self):
        if lab.SANITIZED:
            self.skipTest("a sanitizer's memory does not fit the group")
        group = self.group("200M")
        done = self.mprof("run", "-T", "0.02", "-o", "a.dat", "--at", "80%:warn", "sh", "-c",
                          f"sleep 0.2; {self.enter(group)}{self.hold(170, 0.5)}", status=0)
        self.assertRegex(done.stderr, r"above 80% \(160\.0 MiB\)")
        self.assertEqual(float(self.settings()["limit"]), 200)
        self.assertRegex(self.mprof("peak", "a.dat", status=0).stdout, r"limit +200\.0")

    def test_out_of_it_again(self):
        home = self.group()
        group = self.group("200M")
        self.mprof("run", "-T", "0.02", "-o", "a.dat", "sh", "-c",
                   f"{self.enter(group, '')} sleep 0.3; {self.enter(home, '')} sleep 0.7", status=0)
        told = [word for line in self.recording() if line[0] == "META" for word in line if word.startswith("limit=")]
        self.assertEqual(told[0], "limit=200.000000")
        self.assertEqual(len(told), 2)
        self.assertNotEqual(told[1], told[0])

    def test_a_limit_that_is_raised_meanwhile(self):
        group = self.group("100M")
        raise_it = f"echo 300M > {group}/{self.limit_file}"
        done = self.mprof("run", "-T", "0.02", "-o", "a.dat", "--at", "80%:warn", "sh", "-c",
                          f"{self.enter(group, '')} sleep 0.2; {raise_it}; sleep 0.3; {self.hold(150, 0.3)}", status=0)
        self.assertEqual(done.stderr, "")
        self.assertEqual(float(self.settings()["limit"]), 300)

    def test_its_metrics_follow(self):
        group = self.group()
        self.mprof("run", "-T", "0.02", "-b", "rss,cgroup,cgroup.anon", "-o", "a.dat", "sh", "-c",
                   f"sleep 0.2; {self.enter(group)}{self.hold(60, 0.6)}", status=0)
        last = {line[1]: float(line[2]) for line in self.recording() if line[0] == "VAL"}
        if lab.SANITIZED:
            return
        self.assertTrue(60 <= last["cgroup.anon"] < 75, last)
        self.assertTrue(60 <= last["cgroup"] < 90, last)

    def test_the_working_set_and_shared_memory(self):
        group = self.group()
        cache, shared = self.folder / "cache", Path(f"/dev/shm/mprof-test-{os.getpid()}")
        if not os.access("/dev/shm", os.W_OK):
            self.skipTest("there is no tmpfs to write to")
        self.addCleanup(lambda: shared.unlink(missing_ok=True))
        script = (f"{self.enter(group, '')} dd if=/dev/zero of={cache} bs=1M count=64 2>/dev/null; sync {cache};"
                  f"dd if=/dev/zero of={shared} bs=1M count=32 2>/dev/null; exec {self.hold(40, 0.6)}")
        self.mprof("run", "-T", "0.05", "-b", "rss,cgroup,cgroup.workingset,cgroup.anon,cgroup.file,cgroup.shmem", "-o", "a.dat",
                   "sh", "-c", script, status=0)
        last = {line[1]: float(line[2]) for line in self.recording() if line[0] == "VAL"}
        self.assertTrue(31 <= last["cgroup.shmem"] < 36, last)
        if last["cgroup.file"] < 32 + 60:
            self.skipTest("this file system has no page cache")
        self.assertLess(last["cgroup.workingset"], last["cgroup"] - 32)
        if not lab.SANITIZED:
            self.assertGreaterEqual(last["cgroup.workingset"], 40 + 30)

    # ---- all of a group ----

    def start_in(self, group, mib, seconds):
        process = self.spawn("sh", "-c", f"{self.enter(group)}{self.hold(mib, seconds)}")
        self.wait_until_it_holds(process.pid, mib)
        return process

    def test_all_of_a_group_until_it_is_empty(self):
        if lab.SANITIZED:
            self.skipTest("a sanitizer slows this down")
        group = self.group()
        below = group / "below"
        below.mkdir()
        self.addCleanup(self.remove, below)
        first = self.start_in(group, 60, 2.5)
        self.start_in(below, 30, 1.5)
        outside = self.spawn(lab.target("spend"), 90, 20)
        run = subprocess.Popen([lab.MPROF, "attach", "--cgroup", str(group), "-M", "-T", "0.05", "-o", "a.dat"], cwd=self.folder,
                               env=self.env, stderr=subprocess.PIPE, text=True)
        self.assertTrue(self.wait_for(lambda: "MEM " in self.text("a.dat")))
        newcomer = self.start_in(group, 20, 0.5)
        self.assertEqual((run.wait(20), run.stderr.read()), (0, ""))
        run.stderr.close()
        self.assertIsNotNone(first.poll())
        self.assertTrue(85 <= self.most() < 130, self.most())
        each = {int(line[1]): float(line[2]) for line in self.recording() if line[0] == "CHLD"}
        self.assertIn(newcomer.pid, each)
        self.assertNotIn(outside.pid, each)
        self.assertEqual(len([line for line in self.recording() if line[0] == "GONE"]), 3)
        self.assertEqual(self.recording()[0], ["CMDLINE", str(group)])
        self.assertEqual(self.settings()["cgroup"], str(group))
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "?"])
        for command in "peak", "plot":
            self.mprof(command, *(("-o", "a.png") if command == "plot" else ()), "a.dat", status=0)

    def text(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def bill_of(self, group, metric):
        """(MEM, {class: MiB}) where most was held."""
        self.mprof("attach", "--cgroup", group, "-b", f"{metric},bill", "-T", "0.05", "-t", "1", "-o", "a.dat", status=0)
        memory = {line[2]: float(line[1]) for line in self.recording() if line[0] == "MEM"}
        bills = {}
        for _, name, mib, us in (line for line in self.recording() if line[0] == "BILL"):
            bills.setdefault(us, {})[name] = float(mib)
        if not bills:
            self.skipTest("the maps of a program may not be read here")
        us = max(bills, key=lambda us: memory[us])
        return memory[us], bills[us]

    def test_what_all_of_a_group_consists_of(self):
        if lab.SANITIZED:
            self.skipTest("a sanitizer's memory is not the program's")
        group = self.group()
        cache = self.folder / "cache"
        for _ in range(2):
            self.start_in(group, 30, 20)
        self.spawn("sh", "-c", f"{self.enter(group)}dd if=/dev/zero of={cache} bs=1M count=16 2>/dev/null").wait()
        held, bill = self.bill_of(group, "rss")
        self.assertAlmostEqual(sum(bill.values()), held, delta=max(1, held / 100))
        self.assertGreater(bill.get("anonymous", 0) + bill.get("huge", 0) + bill.get("heap", 0), 59)
        held, bill = self.bill_of(group, "cgroup")
        self.assertGreater(bill["anonymous"], 55)
        off = bill.pop("off", 0)
        self.assertLessEqual(abs(sum(bill.values()) - held) - off, max(1, held / 100) + 0.001)
        self.assertTrue(bill.get("cache", 0) > 14 or held < 75, bill)  # a file system may have none

    def test_its_names(self):
        group = self.group()
        self.start_in(group, 4, 20)
        mount = "/sys/fs/cgroup/memory" if self.limit_file.endswith("bytes") else "/sys/fs/cgroup"
        for name in group, f"{group}/", str(group)[len(mount):], group.name:
            with self.subTest(name=name):
                self.mprof("attach", "--cgroup", name, "-t", "0.1", "-o", "a.dat", status=0)
                self.assertGreaterEqual(self.most(), 4)
        self.refuses("attach", "--cgroup", "no-such-group", status=1, says="no control group")
        self.refuses("attach", "--cgroup", "", status=1, says="no control group")
        self.refuses("attach", "--cgroup", "/etc", status=1, says="no control group")
        self.refuses("attach", "--cgroup", group, os.getpid(), status=2, says="in place of a process")
        self.refuses("attach", "--cgroup", group, "-X", status=2, says="--exact")
        self.refuses("attach", "--cgroup", group, "-b", "gpu", status=2, says="VRAM")

    def test_nobody_is_in_it(self):
        group = self.group()
        self.refuses("attach", "--cgroup", group, status=1, says="is empty")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_its_own_figures(self):
        group = self.group("300M")
        self.start_in(group, 60, 20)
        self.mprof("attach", "--cgroup", group, "-b", "cgroup", "-t", "0.3", "-T", "0.05", "-o", "a.dat", status=0)
        self.assertGreaterEqual(self.most(), 60)
        self.assertEqual(float(self.settings()["limit"]), 300)
        self.mprof("attach", "--cgroup", group, "-b", "rss,cgroup,cgroup.workingset,pss", "-t", "0.3", "-T", "0.05", "-o", "a.dat", status=0)
        last = {line[1]: float(line[2]) for line in self.recording() if line[0] == "VAL"}
        self.assertEqual(set(last), {"cgroup", "cgroup.workingset", "pss"})
        self.assertTrue(all(mib >= 60 for mib in last.values()), last)

    def test_who_leaves_it_is_not_recorded_further(self):
        group, other = self.group(), self.group()
        self.start_in(group, 4, 20)
        leaver = self.start_in(group, 40, 20)
        run = subprocess.Popen([lab.MPROF, "attach", "--cgroup", str(group), "-t", "1.5", "-T", "0.05", "-o", "a.dat"], cwd=self.folder, env=self.env)
        self.assertTrue(self.wait_for(lambda: "MEM " in self.text("a.dat")))
        (other / "cgroup.procs").write_text(str(leaver.pid))
        self.assertEqual(run.wait(20), 0)
        sums = [float(line[1]) for line in self.recording() if line[0] == "MEM"]
        self.assertGreaterEqual(max(sums), 40)
        self.assertLess(sums[-1], 20)

    def test_a_threshold_acts_on_the_group_and_not_on_us(self):
        group = self.group()
        holders = [self.start_in(group, 20, 20), self.start_in(group, 20, 20)]
        for metric in "rss", "cgroup":
            with self.subTest(metric=metric):
                self.mprof("attach", "--cgroup", group, "-b", metric, "-t", "0.3", "--at", "30M:stop", "-o", "a.dat", status=0)
                for holder in holders:
                    self.assertIn(") T ", Path(f"/proc/{holder.pid}/stat").read_text())
                    holder.send_signal(signal.SIGCONT)
        done = self.mprof("attach", "--cgroup", group, "--at", "30M:kill", "-o", "a.dat", status=0)
        self.assertEqual([holder.wait(5) for holder in holders], [-9, -9])


if __name__ == "__main__":
    lab.main()
