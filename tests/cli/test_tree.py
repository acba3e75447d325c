"""-C and -M: everybody who belongs to the program is counted, once."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Tree(lab.Lab):
    def record(self, *words, options=("-C", "-M"), **kw):
        self.mprof("run", "-o", "a.dat", "-T", "0.05", *options, *words, status=0, **kw)
        self.lines = self.recording()

    def of(self, kind):
        return [line for line in self.lines if line[0] == kind]

    def total(self):
        return max(float(line[1]) for line in self.of("MEM"))

    def largest_child(self):
        return max((float(line[2]) for line in self.of("CHLD")), default=0)

    def test_total_and_series(self):
        self.record("sh", "-c", f"{lab.target('spend')} 40 0.5 & {lab.target('spend')} 60 0.5 & wait")
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

    def test_orphans_stay(self):
        self.record(lab.target("daemon"), "50", "0.5")
        self.assertGreater(self.largest_child(), 50)
        gone = [line for line in self.of("GONE") if float(line[3]) > 50]
        self.assertEqual([line[4] for line in gone], ["0"])  # reaped by us: its status is known

    def test_a_dying_sibling_takes_nobody_along(self):
        steady = " ".join(f"{lab.target('spend')} 20 1.2 &" for _ in range(5))
        churn = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.01 & sleep 0.02; done"
        self.record("sh", "-c", f"{steady} sleep 0.4; {churn}; wait", options=("-C", "-M", "-T", "0.002"))
        start = float(self.of("MEM")[0][2])
        middle = [float(line[1]) for line in self.of("MEM") if 0.5 < float(line[2]) - start < 1.0]
        self.assertGreater(len(middle), 20)
        self.assertGreater(min(middle), 100)

    def test_pss_is_honest_about_shared_pages(self):
        words = (lab.target("share"), "40", "8", "2")  # a sweep takes some 4 ms, and rests for 0.4 s
        self.record(*words, options=("-C", "-M", "-b", "pss"))
        self.assertAlmostEqual(self.total(), 42, delta=8)
        self.assertLess(self.largest_child(), 25)
        self.record(*words)
        self.assertGreater(self.total(), 250)  # and RSS is not: each counts the shared pages

    def test_uss(self):
        self.record(lab.target("spend"), "50", "0.4", options=("-b", "uss"))
        self.assertAlmostEqual(self.total(), 51, delta=3 if not lab.SANITIZED else 40)

    def test_hundreds_of_children(self):
        n = 100 if lab.SANITIZED else 400
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
