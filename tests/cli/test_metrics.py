"""-b: several metrics at once; the control group's limit; a kill for memory."""
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

ALL = ["rss", "pss", "uss", "swap", "anon", "file", "shmem", "hugetlb", "vms", "cgroup", "cgroup.workingset",
       "cgroup.anon", "cgroup.file", "cgroup.shmem",
       "system"]
MIB = 1 << 20


class Recorded(lab.Lab):
    def values(self, name="a.dat"):
        """metric → its figures, the first metric's under MEM."""
        found = {}
        for line in self.recording(name):
            if line[0] == "VAL":
                found.setdefault(line[1], []).append(float(line[2]))
            elif line[0] == "MEM":
                found.setdefault("MEM", []).append(float(line[1]))
        return found

    def here(self):
        """The metrics of this machine, as a refusal lists them."""
        return re.search(r"there are (.*)\n", self.refuses("run", "-b", "nonsense", "true")).group(1).split(", ")

    def settings(self, name="a.dat"):
        return dict(word.split("=", 1) for line in self.recording(name) if line[0] == "META" for word in line[1:]
                    if "=" in word)


class Metrics(Recorded):
    def test_every_metric_agrees_with_proc(self):
        here = self.here()
        if set(ALL) - set(here):
            print("# not on this machine:", *sorted(set(ALL) - set(here)))
        script = ("import mmap,time;a=bytearray(50<<20);b=mmap.mmap(-1,20<<20);b.write(b'x'*(20<<20));"
                  "print(open('/proc/self/status').read(),flush=True);time.sleep(0.6)")
        done = self.mprof("run", "-T", "0.05", "-o", "a.dat", "-b", ",".join(here), "python3", "-c", script, status=0)
        told = {k: int(v) / 1024 for k, v in re.findall(r"(\w+):\s+(\d+) kB", done.stdout)}
        values = self.values()
        self.assertEqual(set(values), set(here) - {"rss"} | {"MEM"})
        pairs = {"MEM": "VmRSS", "swap": "VmSwap", "anon": "RssAnon", "file": "RssFile", "shmem": "RssShmem",
                 "hugetlb": "HugetlbPages", "vms": "VmSize"}
        for metric, key in pairs.items():
            if metric in values:
                nearest = min(values[metric], key=lambda v: abs(v - told[key]))
                self.assertAlmostEqual(nearest, told[key], delta=3, msg=metric)
        self.assertGreaterEqual(told["RssShmem"], 20)
        self.assertGreater(max(values["system"]), 50)
        for metric in ("pss", "uss"):  # at their own pace
            self.assertGreater(max(values[metric]), 50)
            self.assertLessEqual(max(values[metric]), max(values["MEM"]) + 1)
        if "cgroup" in values:
            self.assertGreater(max(values["cgroup"]), max(values["anon"]) - 1)
        self.assertEqual(self.settings()["metric"], "rss")
        self.assertEqual(self.settings()["metrics"], ",".join(here))

    def test_the_first_is_the_curve(self):
        self.mprof("run", "-T", "0.05", "-o", "a.dat", "-b", "vms,rss", "sleep", "0.3", status=0)
        values = self.values()
        self.assertGreater(min(values["MEM"][1:]), max(values["rss"]))

    def test_sums_over_a_tree(self):
        for seconds in (0.6, 3, 9):  # until both have grown before one of them is over
            words = ["sh", "-c", f"{lab.target('spend')} 40 {seconds} & {lab.target('spend')} 60 {seconds} & wait"]
            self.mprof("run", "-C", "-T", "0.05", "-o", "a.dat", "-b", "pss,anon", *words, status=0)
            if max(self.values()["anon"]) > 99:
                break
        self.assertGreater(max(self.values()["anon"]), 99)
        self.mprof("run", "-T", "0.05", "-o", "a.dat", "-b", "rss,anon", *words, status=0)
        self.assertLess(max(self.values()["anon"]), 40 + 100 * lab.SANITIZED)

    def test_what_is_costly_has_a_pace_of_its_own(self):
        """Beside a cheap first metric it is taken seldom, and the first is not held up."""
        self.mprof("run", "-T", "0.002", "-o", "a.dat", "-b", "rss,pss", lab.target("spend"), "400", "1.5", status=0)
        values = self.values()
        self.assertLess(len(values["pss"]), len(values["MEM"]) / 2)
        self.assertGreater(max(values["pss"]), 390)

    def test_common_metrics_are_counted_once(self):
        words = ["sh", "-c", "sleep 0.4 & sleep 0.4 & sleep 0.4 & wait"]
        self.mprof("run", "-C", "-T", "0.1", "-o", "a.dat", "-b", "system", *words, status=0)
        once = max(self.values()["MEM"])
        total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1024
        self.assertLess(once, total)
        self.refuses("run", "-M", "-b", "system", "true", status=2, says="rss,system")

    def test_a_common_metric_is_no_descendants(self):
        """Their own figures, and when they end, are told as ever."""
        words = ["sh", "-c", f"{lab.target('spend')} 20 0.3; sleep 0.3"]
        self.mprof("run", "-C", "-T", "0.05", "-o", "a.dat", "-b", "system,anon", *words, status=0)
        ends = [(float(line[2]), float(line[3])) for line in self.recording() if line[0] == "GONE"]
        self.assertGreaterEqual(len(ends), 3)
        self.assertLess(max(peak for moment, peak in ends), 40 + 200 * lab.SANITIZED)
        self.assertGreater(max(moment for moment, peak in ends) - min(moment for moment, peak in ends), 0.2)
        out = self.mprof("peak", "a.dat", status=0).stdout
        self.assertNotIn("whole tree  ", out)
        self.assertRegex(out, r"\n  anon +[0-9.]+ MiB +sampled: [^\n]*, of the whole tree")

    def test_no_figure_stands_for_another(self):
        """What ended before it was sampled is known by its largest resident set, which is no swap."""
        for _ in range(5):
            self.mprof("run", "-o", "a.dat", "-b", "swap", "true", status=0)
            swap = int(re.search(r"SwapTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1024
            self.assertLessEqual(max(self.values().get("MEM", [0])), swap)

    def test_figures_of_one_file_are_of_one_moment(self):
        self.mprof("run", "-T", "0.05", "-o", "a.dat", "-b", "rss,anon,file,shmem", "sleep", "0.3", status=0)
        moments = {}
        for line in self.recording():
            if line[0] == "VAL":
                moments.setdefault(line[1], []).append(line[3])
        self.assertGreater(len(moments["anon"]), 1)
        self.assertEqual(moments["anon"], moments["file"])
        self.assertEqual(moments["anon"], moments["shmem"])

    def test_refusals(self):
        for bad in ("", ",", "rss,", "rss,rss", "rss,psutil", "nonsense", "rss,nonsense"):
            self.refuses("run", "-b", bad, "true", status=2)
            self.refuses("attach", "-b", bad, str(os.getpid()), status=2)
        self.refuses("run", "-b", "tracemalloc", "true", status=2, says="tracemalloc")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_gpu_is_refused_where_there_is_none(self):
        if any(Path(p).exists() for p in ("/dev/nvidiactl", "/dev/dri", "/dev/dxg")):
            self.skipTest("there is a GPU here")
        self.refuses("run", "-b", "rss,gpu", "true", status=1, says="GPU")
        self.refuses("run", "-b", "gpu", "true", status=1, says="GPU")

    def test_attach(self):
        with subprocess.Popen([lab.target("spend"), "30", "60"]) as process:
            self.wait_until_it_holds(process.pid, 30)
            self.mprof("attach", "-t", "0.3", "-T", "0.05", "-o", "a.dat", "-b", "rss,anon,swap", process.pid, status=0)
            process.terminate()
        self.assertGreater(max(self.values()["anon"]), 29)
        self.assertEqual(set(self.values()), {"MEM", "anon", "swap"})

    def test_peak_tells_each(self):
        self.write("a.dat", "CMDLINE x\nMETA metric=rss limit=64.000000 limit_kind=cgroup\nMEM 10.0 1700000000.0\n"
                            "VAL swap 2.5 1700000000.0\nVAL swap 7.5 1700000001.0\nMETA killed=oom killed_pid=7\n")
        out = self.mprof("peak", "a.dat", status=0).stdout
        self.assertRegex(out, r"\n  swap +7\.500 MiB .*at least")
        self.assertRegex(out, r"\n  limit +64\.000 MiB ")
        self.assertIn("killed: out of memory", out)

    def test_peak_tells_whose_a_figure_is(self):
        self.write("a.dat", "CMDLINE x\nMETA metric=rss tree=1 limit=64 limit_kind=cgroup.high\nMEM 10.0 1700000000.0\n"
                            "VAL system 7.5 1700000000.0\nVAL cgroup.file 8.5 1700000000.0\nVAL pss 9.5 1700000000.0\n"
                            "META killed='oom?' killed_pid=7\n")
        out = self.mprof("peak", "a.dat", status=0).stdout
        self.assertRegex(out, r"\n  system +7\.500 MiB +at least: the highest sample, of the machine")
        self.assertRegex(out, r"\n  cgroup\.file +8\.500 MiB +at least: the highest sample, of the control group")
        self.assertRegex(out, r"\n  pss +9\.500 MiB +at least: [^\n]*, of the whole tree")
        self.assertRegex(out, r"\n  limit +64\.000 MiB .*slows")
        self.assertIn("killed: probably out of memory", out)

    def test_a_metric_of_a_newer_version_has_its_name(self):
        self.write("a.dat", "CMDLINE x\nMETA metric=future.first\nMEM 10.0 1700000000.0\nMEM 10.0 1700000001.0\n"
                            "VAL future.second 7.5 1700000000.0\n")
        out = self.mprof("peak", "a.dat", status=0).stdout
        self.assertRegex(out, r"sampled: future\.first sampled")
        self.assertRegex(out, r"\n  future\.second +7\.500 MiB +sampled: the highest sample")
        self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
        for name in ("future.first", "future.second"):
            self.assertIn(name, (self.folder / "a.svg").read_text())

    def test_list_tells_of_a_kill(self):
        self.write("mprofile_20260101000000.dat", "CMDLINE ./train.py\nMEM 10.0 1700000000.0\nMETA killed=oom\n")
        self.assertIn("killed: out of memory: ./train.py", self.mprof("list", status=0).stdout)

    def test_memory_profiler_reads_it(self):
        self.mprof("run", "-T", "0.05", "-o", "a.dat", "-b", "rss,swap,anon", "sleep", "0.2", status=0)
        code = ("import importlib.machinery, importlib.util, sys\n"
                "from memory_profiler import *\nimport mprof\nprint(len(mprof.read_mprofile_file('a.dat')['mem_usage']))")
        done = subprocess.run(["/usr/bin/python3", "-c", code], cwd=self.folder, capture_output=True, text=True)
        if "ModuleNotFoundError" in done.stderr:
            self.skipTest("memory_profiler is not installed")
        self.assertEqual(int(done.stdout), len(self.values()["MEM"]), done.stderr)


class OutOfMemory(Recorded):
    """In a control group of our own, where one can be made."""

    def setUp(self):
        super().setUp()
        if lab.SANITIZED:
            self.skipTest("a sanitizer's memory does not fit the group")
        self.group = self.make_group()
        self.addCleanup(lab.remove_group, self.group)

    def make_group(self):
        groups = Path("/proc/self/cgroup").read_text()
        mine = re.search(r"^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$", groups, re.M)
        unified = re.search(r"^0::(.*)$", groups, re.M)
        tries = [(f"/sys/fs/cgroup/memory{mine.group(1)}" if mine else None, "memory.limit_in_bytes"),
                 (f"/sys/fs/cgroup{unified.group(1)}" if unified else None, "memory.max")]
        for parent, limit in tries:
            if parent is None or not os.path.isdir(parent):
                continue
            group = Path(parent) / f"mprof-test-{os.getpid()}-{time.monotonic_ns()}"
            try:
                group.mkdir()
            except OSError:
                continue
            try:
                (group / limit).write_text("64M")
                return group
            except OSError:
                lab.remove_group(group)
        self.skipTest("no control group with a limit can be made here")

    def inside(self, *words, **kw):
        enter = f'echo $$ > {self.group}/cgroup.procs; exec "$@"'
        done = subprocess.run(["sh", "-c", enter, "sh", lab.MPROF, *words], cwd=self.folder, env=self.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
        return done

    HOG = "x=[bytearray(1<<20) for i in range(500)]"

    def test_the_program(self):
        done = self.inside("run", "-o", "a.dat", "-T", "0.01", "python3", "-c", self.HOG)
        self.assertEqual(done.returncode, -9, done.stderr)
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "-9"])
        settings = self.settings()
        self.assertEqual(settings["killed"], "oom")
        self.assertEqual(float(settings["limit"]), 64)
        self.assertEqual(settings["killed_pid"], settings["pid"])
        self.assertRegex(done.stderr, r"killed: out of memory \(its control group allows 64\.0 MiB\)")
        self.assertIn("killed: out of memory", self.mprof("peak", "a.dat", status=0).stdout)

    def test_quiet(self):
        done = self.inside("run", "-q", "-o", "a.dat", "-T", "0.01", "python3", "-c", self.HOG)
        self.assertEqual(done.stderr, "")

    def test_a_child_whose_shell_passes_it_on(self):
        done = self.inside("run", "-o", "a.dat", "-T", "0.01", "sh", "-c", f"python3 -c '{self.HOG}'; exit $?")
        self.assertEqual(done.returncode, 137)
        self.assertEqual(self.settings()["killed"], "oom")

    def test_a_child_that_only_the_log_knows(self):
        try:
            os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            self.skipTest("the kernel's log is not readable")
        done = self.inside("run", "-C", "-o", "a.dat", "-T", "0.01", "sh", "-c", f"python3 -c '{self.HOG}'; exit 3")
        if "killed" not in self.settings():
            self.skipTest("the log has other pids, as in a container")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, "process [0-9]+, which the program started, was killed")

    def test_another_sigkill_is_none(self):
        done = self.inside("run", "-o", "a.dat", "-T", "0.01", "sh", "-c", "sleep 0.1; kill -9 $$")
        self.assertEqual(done.returncode, -9)
        self.assertNotIn("killed", self.settings())
        self.assertNotIn("memory", done.stderr)


if __name__ == "__main__":
    lab.main()
