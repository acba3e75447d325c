"""--wait: a program is recorded until the last of its descendants has ended."""
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Wait(lab.Lab):
    def record(self, *words, options=(), status=0):
        begin = time.monotonic()
        done = self.mprof("run", "-q", "-T", "0.02", "-o", "a.dat", "--wait", *options, *words, status=status)
        self.seconds = time.monotonic() - begin
        self.lines = self.recording()
        return done

    def of(self, kind):
        return [line for line in self.lines if line[0] == kind]

    def test_what_the_program_leaves_behind(self):
        spend = f"{lab.target('spend')} 60 0.6"
        self.record("sh", "-c", f"({spend} >/dev/null 2>&1 &); exit 5", status=5)
        self.assertGreater(self.seconds, 0.5)
        self.assertGreater(max(float(line[1]) for line in self.of("MEM")), 55)
        self.assertEqual(self.of("EXIT")[0][1], "5")
        # Its own end is when it was, not when the recording ended.
        pid = next(word[4:] for line in self.of("META") for word in line if word.startswith("pid="))
        ends = {line[1]: float(line[2]) for line in self.of("GONE")}
        self.assertGreater(float(self.of("EXIT")[0][2]) - ends[pid], 0.4)

    def test_a_session_of_its_own(self):
        self.record("sh", "-c", "setsid sh -c 'sleep 0.3; (sleep 0.5 &)' >/dev/null 2>&1 & exit 0")
        self.assertGreater(self.seconds, 0.75)

    def test_it_ends_with_the_last(self):
        self.record("sh", "-c", "(sleep 0.3 &)", options=("-T", "5"))
        self.assertLess(self.seconds, 3)
        self.record("true")

    def test_each_by_itself(self):
        self.record("sh", "-c", f"({lab.target('spend')} 40 0.4 >/dev/null 2>&1 &); exit 0", options=("-M",))
        self.assertGreater(max(float(line[2]) for line in self.of("CHLD")), 35)

    def test_the_figure_of_all(self):
        self.record("sh", "-c", "(sleep 0.4 &)", options=("-b", "system"))
        times = [float(line[2]) for line in self.of("MEM")]
        self.assertGreater(times[-1] - times[0], 0.3)

    def test_not_longer_than_the_timeout(self):
        self.record("sh", "-c", "(sleep 3 >/dev/null 2>&1 &)", options=("-t", "0.3"))
        self.assertLess(self.seconds, 2.5)

    def test_a_signal_goes_to_those_that_are_left(self):
        run = subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.02", "-o", "a.dat", "--wait", "sh", "-c", "setsid sleep 30 & exit 4"],
                               cwd=self.folder, env=self.env)
        self.addCleanup(run.kill)
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        names = lambda: [Path(f"/proc/{pid}/comm").read_text().strip() for pid in children.read_text().split()]
        self.assertTrue(self.wait_for(lambda: sorted(names()) == ["sleep", "witness"]))
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(10), 4)
        self.lines = self.recording()
        self.assertIn(["-15"], [line[4:] for line in self.of("GONE")])

    def test_an_attached_one(self):
        process = subprocess.Popen(["sh", "-c", "sleep 0.9 & sleep 0.4"])
        begin = time.monotonic()
        run = subprocess.Popen([lab.MPROF, "attach", "-q", "-T", "0.02", "-o", "a.dat", "--wait", str(process.pid)], cwd=self.folder, env=self.env)
        self.addCleanup(run.kill)
        process.wait()
        self.assertEqual(run.wait(10), 0)
        self.assertGreater(time.monotonic() - begin, 0.7)


if __name__ == "__main__":
    lab.main()
