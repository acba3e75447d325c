"""-C and -M: everybody who belongs to the program is counted, once."""
import os
import statistics
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals


class Tree(lab.Lab):
    def record(self, *words, options=("-C", "-M"), **kw):
        self.mprof("run", "-o", "a.dat", "-T", "0.05", *options, *words, status=0, **kw)
        self.lines = self.recording()

    def of(self, kind):
        return [line for line in self.lines if line[0] == kind]

    def setting(self, key):
        """The value that META has for a key, or None."""
        words = [word for line in self.of("META") for word in line[1:]]
        return next((word.split("=", 1)[1] for word in words if word.startswith(key + "=")), None)

    def names(self):
        """The last name of each process."""
        return {line[1]: " ".join(line[4:]) for line in self.of("PROC")}

    def record_without(self, calls, *words, options=("-C", "-M")):
        """Where the kernel refuses these calls, as in a container; see tests/targets/without.c."""
        command = [lab.target("without"), calls, lab.MPROF, "run", "-o", "a.dat", "-T", "0.05", *options, *words]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        if done.returncode == 77:
            self.skipTest("no seccomp filter can be installed here")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.lines = self.recording()

    def total(self):
        return max(float(line[1]) for line in self.of("MEM"))

    def largest_child(self):
        return max((float(line[2]) for line in self.of("CHLD")), default=0)

    def test_total_and_series(self):
        for seconds in (0.5, 3, 9):  # until both have grown before one of them is over
            self.record("sh", "-c", f"{lab.target('spend')} 40 {seconds} & {lab.target('spend')} 60 {seconds} & wait")
            if self.total() > 100:
                break
        self.assertGreater(self.total(), 100)
        self.assertEqual(len({line[1] for line in self.of("CHLD")}), 2)
        # Between fork and exec each is still a shell: the last name that it was given counts.
        self.assertEqual(list({line[1]: line[4] for line in self.of("PROC")}.values()), ["spend", "spend"])
        self.assertEqual(sum(float(p) > 40 for p in (line[3] for line in self.of("GONE")[:-1])), 2)

    def test_total_alone_and_series_alone(self):
        words = ("sh", "-c", f"{lab.target('spend')} 60 0.4; true")
        self.record(*words, options=("-C",))
        self.assertGreater(self.total(), 60)
        self.assertEqual(self.of("CHLD"), [])
        self.record(*words, options=("-M",))
        self.assertLess(self.total(), 30 + 100 * lab.SANITIZED)
        self.assertGreater(self.largest_child(), 60)

    def test_children_of_other_threads(self):
        self.record(lab.target("threads"), "50", "0.5")
        self.assertGreater(self.largest_child(), 50)
        self.assertEqual(len(self.of("PROC")), 1)  # the thread is nobody

    def test_orphans_stay(self):
        self.record(lab.target("daemon"), "50", "0.5")
        self.assertGreater(self.largest_child(), 50)
        gone = [line for line in self.of("GONE") if float(line[3]) > 50]
        self.assertEqual([line[4] for line in gone], ["0"])  # reaped by us: its status is known

    def test_a_large_daemon(self):
        self.record(lab.target("daemon"), "300", "0.6")
        self.assertEqual(len(self.of("PROC")), 2)
        peaks = [float(line[3]) for line in self.of("GONE")]
        self.assertAlmostEqual(max(peaks), 301, delta=3)
        self.assertEqual(sum(peak > 100 for peak in peaks), 1)

    LOOP = "i=0; while [ $i -lt {} ]; do /bin/true; i=$((i + 1)); done"

    def test_short_lived_children(self):
        n = 200 if lab.SANITIZED else 1500
        self.record("sh", "-c", self.LOOP.format(n), options=("-M", "-T", "0.1"))
        seen, unseen = len(self.of("PROC")), int(self.setting("unseen"))
        if unseen:  # not told of each here: the bound is one
            self.assertGreaterEqual(seen + unseen, n)
            return
        self.assertEqual(len(self.names()), n)
        self.assertEqual(set(self.names().values()), {"true"})
        self.assertEqual(len(self.of("GONE")), n + 1)
        times = [float(line[3]) for line in self.of("PROC")]
        self.assertLess(max(times), float(self.of("EXIT")[0][2]))

    def test_nothing_is_told_after_the_timeout(self):
        self.record("sh", "-c", "sleep 1; i=0; while [ $i -lt 50 ]; do (true &); i=$((i + 1)); done; sleep 0.2",
                    options=("-C", "-M", "-t", "0.3", "-T", "0.05"))
        end = float(self.of("MEM")[0][2]) + 0.9
        self.assertEqual([line for line in self.of("PROC") if float(line[3]) > end], [])
        self.assertEqual(len([line for line in self.of("GONE") if float(line[2]) > end]), 1)  # the program itself

    def test_short_lived_children_at_long_intervals(self):
        self.record("sh", "-c", self.LOOP.format(100), options=("-M", "-T", "60"))
        self.assertGreaterEqual(len(self.names()) + int(self.setting("unseen")), 100)

    def test_without_events_the_missing_are_bounded(self):
        self.record_without("perf,netlink", "sh", "-c", self.LOOP.format(100))
        self.assertGreaterEqual(len(self.of("PROC")) + int(self.setting("unseen")), 100)
        self.record_without("perf,netlink", "sh", "-c", f"{lab.target('spend')} 40 0.4; true")
        self.assertEqual(list(self.names().values()), ["spend"])
        self.assertGreater(self.largest_child(), 40)

    @unittest.skipIf(os.geteuid() != 0, "accounts are told to root")
    def test_a_peak_between_two_samples_is_accounted(self):
        for calls in ("none", "perf"):
            self.record_without(calls, "sh", "-c", f"sleep 0.3; {lab.target('spend')} 60 0; sleep 0.3", options=("-M", "-T", "60"))
            peaks = {line[1]: float(line[3]) for line in self.of("GONE")}
            spend = [peaks[pid] for pid, name in self.names().items() if name == "spend"]
            if not spend or spend == [0]:
                self.skipTest("this kernel tells no accounts, or not in this namespace")
            self.assertAlmostEqual(spend[0], 61, delta=3)

    def test_shared_memory_is_counted_once(self):
        for how in ("vfork", "clone"):
            for calls in ("none", "perf,netlink"):
                self.record_without(calls, lab.target("borrow"), "100", "0.5", how)
                self.assertLess(self.total(), 110, (how, calls))
                self.assertLess(self.largest_child(), 10, (how, calls))
                self.assertEqual(list(self.names().values()), ["sleep" if how == "vfork" else "borrow"])

    def test_shared_memory_is_counted_once_where_the_kernel_does_not_tell(self):
        for refused in ("kcmp", "perf,netlink,kcmp"):
            self.record_without(refused, lab.target("borrow"), "100", "0.5", "clone")
            self.assertLess(self.total(), 110, refused)
            self.assertLess(self.largest_child(), 10, refused)

    def test_a_fork_is_not_taken_for_shared_memory(self):
        for refused in ("none", "kcmp", "perf,netlink,kcmp"):
            self.record_without(refused, lab.target("share"), "40", "3", "0.6")
            self.assertGreater(self.total(), 140, refused)

    def test_shared_memory_is_guessed_where_it_may_not_be_asked_for(self):
        self.record_without("perf,netlink,kcmp", lab.target("borrow"), "100", "0.5", "vfork")
        self.assertLess(self.total(), 110)
        self.assertEqual(list(self.names().values()), ["sleep"])

    def test_interpreters_are_named_with_their_scripts(self):
        self.write("worker.py", "import time; time.sleep(0.5)\n")
        self.record("sh", "-c", f"{sys.executable} worker.py & {sys.executable} -c 'import time; time.sleep(0.4)' & wait")
        self.assertEqual(len([name for name in self.names().values() if name.endswith(" worker.py")]), 1, self.names())
        self.assertFalse([name for name in self.names().values() if "import" in name])

    def test_the_sum_is_compared_with_pss(self):
        self.record(lab.target("share"), "40", "4", "0.8")
        rss, pss = float(self.setting("tree_rss")), float(self.setting("tree_pss"))
        self.assertGreater(rss, 70)  # of two processes at least
        self.assertAlmostEqual(pss, 42, delta=8)
        self.record("sleep", "0.2")  # alone, it shares with nobody
        self.assertIsNone(self.setting("tree_pss"))

    def test_what_is_said_of_shared_pages(self):
        for words, said in (((lab.target("share"), "40", "4", "0.6"), True), (("sh", "-c", "sleep 0.3; true"), False)):
            master, slave = terminals.open_pair()
            self.mprof("run", "-C", "-T", "0.05", "-o", "a.dat", *words, stderr=slave, status=0)
            os.close(slave)
            text = os.read(master, 65536).decode()
            os.close(master)
            self.assertEqual("-b pss" in text, said, text)

    @unittest.skipIf(os.geteuid() != 0, "setuid programs need root")
    def test_what_a_setuid_program_starts(self):
        # The events of its process end there, and those of its children never come.
        program = self.folder / "through"
        program.write_bytes(Path("/usr/bin/env").read_bytes())
        program.chmod(0o4755)
        self.folder.chmod(0o777)
        words = ["setpriv", "--reuid=65534", "--clear-groups", lab.MPROF, "run", "-M", "-T", "0.02", "-o", "a.dat", "sh", "-c",
                 "./through sh -c 'sleep 0.5; true'; sleep 0.1"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True)
        if done.returncode == 127:
            self.skipTest("the build folder is closed to other users")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.lines = self.recording()
        self.assertIn("sleep", self.names().values())
        first = [line for line in self.of("GONE")][0]
        self.assertGreater(float(first[2]) - float(self.of("MEM")[0][2]), 0.4)

    def test_a_dying_sibling_takes_nobody_along(self):
        for seconds in (1.2, 4, 12):  # on a busy machine it takes them a while to grow
            middle = self.beside_churn(seconds)
            if len(middle) > 20:
                break
        self.assertGreater(len(middle), 20)
        self.assertGreater(min(middle), 100)

    def beside_churn(self, seconds):
        """The totals while five live that hold 20 MiB each, and twenty others come and go."""
        steady = " ".join(f"{lab.target('spend')} 20 {seconds} &" for _ in range(5))
        churn = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.01 & sleep 0.02; done"
        self.record("sh", "-c", f"{steady} sleep 0.4; {churn}; wait", options=("-C", "-M", "-T", "0.002"))
        steady = {pid for pid, name in self.names().items() if name == "spend"}
        self.assertEqual(len(steady), 5)
        grown = {line[1]: float(line[3]) for line in reversed(self.of("CHLD")) if line[1] in steady and float(line[2]) >= 20}
        if len(grown) < 5:
            return []
        end = min(float(line[2]) for line in self.of("GONE") if line[1] in steady)
        last = max(float(line[3]) for line in self.of("CHLD") if line[1] in steady and float(line[3]) < end)
        return [float(line[1]) for line in self.of("MEM") if max(grown.values()) <= float(line[2]) < last]

    def test_pss_is_honest_about_shared_pages(self):
        words = (lab.target("share"), "40", "8", "2")  # a sweep takes some 4 ms, and rests for 0.4 s
        self.record(*words, options=("-C", "-M", "-b", "pss"))
        self.assertAlmostEqual(self.total(), 42, delta=16)  # where each has its own, it is 330
        self.assertLess(self.largest_child(), 25)
        for seconds in ("3", "9", "18"):  # one process is read after the other: while children come and go the sum is off
            self.record(lab.target("share"), "100", "8", seconds, options=("-C", "-b", "pss", "-T", "0.5"))
            middle = statistics.median(float(line[1]) for line in self.of("MEM"))
            if abs(middle - 102) <= 6:
                break
        self.assertAlmostEqual(middle, 102, delta=6)
        self.record(*words)
        self.assertGreater(self.total(), 250)  # and RSS is not: each counts the shared pages

    def test_uss(self):
        self.record(lab.target("spend"), "50", "0.4", options=("-b", "uss"))
        self.assertAlmostEqual(self.total(), 51, delta=3 if not lab.SANITIZED else 40)

    def test_a_thousand_children(self):
        n = 100 if lab.SANITIZED else 1000
        self.record("sh", "-c", f"i=0; while [ $i -lt {n} ]; do sleep 2 & i=$((i + 1)); done; wait", options=("-C", "-M", "-T", "0.1"))
        self.assertEqual(len({line[1] for line in self.of("CHLD")}), n)
        self.mprof("plot", "a.dat", "-o", "a.svg", status=0)

    def test_exec_chain(self):
        self.record("sh", "-c", f"(exec sh -c 'exec {lab.target('spend')} 30 0.4'); true")
        self.assertGreater(self.largest_child(), 30)
        self.assertEqual(len({line[1] for line in self.of("CHLD")}), 1)

    def test_a_program_that_execs_itself(self):
        self.record("sh", "-c", f"exec {lab.target('spend')} 30 0.4", options=("-b", "pss"))
        self.assertGreater(self.total(), 29)

    @unittest.skipIf(os.geteuid() != 0, "changing users needs root")
    def test_a_child_that_changes_its_user(self):
        self.record("setpriv", "--reuid=65534", "--clear-groups", "sleep", "0.4")
        self.assertGreater(len(self.of("MEM")), 5)

    @unittest.skipIf(os.geteuid() != 0, "setuid programs need root")
    def test_a_program_that_may_not_be_read(self):
        # An ordinary user records a setuid program: its page tables are closed, its resident set is not.
        program = self.folder / "sleeper"
        program.write_bytes(Path("/bin/sleep").read_bytes())
        program.chmod(0o4755)
        self.folder.chmod(0o777)
        words = ["setpriv", "--reuid=65534", "--clear-groups", lab.MPROF, "run", "-b", "pss", "-o", "a.dat", "./sleeper", "0.4"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True)
        if done.returncode == 127 or "mprof-c:" not in done.stderr:
            self.skipTest("the build folder is closed to other users, or setuid has no effect here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: [^\n]*pss[^\n]*rss\n\Z")
        self.assertIn("metric=rss", self.recording()[1])


if __name__ == "__main__":
    lab.main()
