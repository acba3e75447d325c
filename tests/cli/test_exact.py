"""--exact, and the exact peak without it: no spike escapes, each figure is true, and the file says when it was."""
import os
import re
import statistics
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

NEAR = 1.0  # MiB; on a quiet machine it is a quarter of this


def can_reset():
    """Does the kernel have /proc/PID/clear_refs, and may we write it?"""
    with subprocess.Popen(["sleep", "20"]) as sleeper:
        try:
            Path(f"/proc/{sleeper.pid}/clear_refs").write_text("5")
            return True
        except OSError:
            return False
        finally:
            sleeper.kill()


needs_reset = unittest.skipUnless(can_reset(), "this kernel has no clear_refs, or it may not be written")


class Exact(lab.Lab):
    def record(self, *words, options=("-X",), status=0, **kw):
        """Returns the spikes that the program told of: MiB, and the moments between which each was held."""
        done = self.mprof("run", "-o", "a.dat", *options, *words, status=status, **kw)
        self.lines, self.said = self.recording(), done.stderr
        return [tuple(map(float, row.split())) for row in done.stdout.splitlines() if re.match(r"\d+ \d+\.\d+ \d+", row)]

    def of(self, kind):
        return [line for line in self.lines if line[0] == kind]

    def peaks(self):
        """Each PEAK, as MiB, beginning and end of its interval."""
        return [(float(line[1]), float(line[3]), float(line[2])) for line in self.of("PEAK")]

    def samples(self):
        return [(float(line[1]), float(line[2])) for line in self.of("MEM")]

    def base(self):
        """What is held between the spikes: where most samples are; the first may fall where it is still being touched."""
        return statistics.mode(mib for mib, _ in self.samples() if mib > 20)

    def most_between(self, begin, end):
        """What the recording tells was held at most, in intervals that touch these moments."""
        held = [mib for mib, from_, to in self.peaks() if from_ <= end and to >= begin]
        return max(held + [mib for mib, at in self.samples() if begin <= at <= end], default=0)

    def peak(self):
        return self.mprof("peak", "a.dat", status=0).stdout


@needs_reset
class EachInterval(Exact):
    def test_no_spike_escapes(self):
        spikes = self.record(lab.target("spikes"), "8", "40", "0.3")
        self.assertEqual(len(spikes), 8)
        self.assertIn("exact=1", sum(self.of("META"), []))
        for mib, begin, end in spikes:
            touched = [other for other, from_, to in spikes if from_ <= end + 0.3 and to >= begin - 0.3]
            found = self.most_between(begin, end) - self.base()
            self.assertGreater(found, mib - NEAR)
            self.assertLess(found, max(touched) + NEAR)

    def test_intervals_lie_between_samples(self):
        self.record(lab.target("spikes"), "5", "40", "0.2")
        moments = {at for _, at in self.samples()}
        for mib, begin, end in self.peaks():
            self.assertLess(begin, end)
            self.assertIn(begin, moments)
            self.assertIn(end, moments)
            self.assertGreater(mib, max(held for held, at in self.samples() if at in (begin, end)))

    def test_a_spike_in_the_last_interval(self):
        spikes = self.record(lab.target("spikes"), "1", "60", "0.1", "end", options=("-X", "-T", "2"))
        self.assertAlmostEqual(self.peaks()[-1][0], spikes[-1][0] + 21.5, delta=3)
        self.assertEqual(self.peaks()[-1][2], float(self.of("EXIT")[0][2]))

    def test_the_marks_at_the_end_are_those_of_the_whole_life(self):
        spikes = self.record(lab.target("spikes"), "1", "60", "0.1")
        for figure in (self.of("GONE")[-1][3], self.of("EXIT")[0][3]):
            self.assertAlmostEqual(float(figure), spikes[0][0] + self.base(), delta=NEAR)
        # a sample may have fallen on the spike itself
        self.assertRegex(self.peak(), r"exact high-water mark +\d+\.\d+ MiB  [^\n]*(between \d+\.\d+ and|sampled at) \d+\.\d+ s\n")

    def test_the_program_executes_another(self):
        """What was held is read at a tick before the exec, which a busy machine may let come too late."""
        for _ in range(6):
            spikes = self.record(lab.target("spikes"), "3", "40", "0.3", "exec")
            self.assertEqual(len(spikes), 3)
            missed = [mib for mib, begin, end in spikes if self.most_between(begin, end) - self.base() <= mib - NEAR]
            if not missed:
                break
        self.assertEqual(missed, [])

    def test_an_idle_program_has_no_peaks(self):
        self.record("sleep", "0.5", options=("-X", "-T", "0.01"))
        self.assertLess(len(self.peaks()), 3)

    def test_a_tree_has_a_bracket(self):
        spikes = lab.target("spikes")
        pairs = self.record("sh", "-c", f"{spikes} 3 40 0.2 & {spikes} 3 40 0.3 & wait", options=("-X", "-C"))
        self.assertIn("peak_bound=upper", sum(self.of("META"), []))
        least, most = map(float, re.search(r"whole tree +([\d.]+) … ([\d.]+) MiB  .*sum of interval marks", self.peak()).groups())
        self.assertEqual(least, round(max(mib for mib, _ in self.samples()), 3))
        self.assertGreater(most, max(mib for mib, _, _ in pairs) + 40)
        self.assertLess(most, 2 * (80 + 25) + 10)
        # Each is exact by itself, whoever is its parent.
        for line in self.of("GONE")[:-1]:
            self.assertAlmostEqual(float(line[3]), max(mib for mib, _, _ in pairs) + 21.5, delta=3)
        self.assertGreater(float(self.of("EXIT")[0][3]), max(mib for mib, _, _ in pairs) + 20)

    def test_few_descriptors(self):
        script = f"ulimit -n 12; exec {lab.MPROF} run -X -C -M -o a.dat sh -c '{lab.target('spikes')} 2 40 0.1 & sleep 0.3 & wait'"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.lines = self.recording()
        self.assertGreater(max(float(line[3]) for line in self.of("GONE")), 60)

    def test_attached(self):
        process = subprocess.Popen([lab.target("spikes"), "4", "40", "0.4"], stdout=subprocess.PIPE, text=True)
        self.mprof("attach", "-X", "-o", "a.dat", process.pid, status=0)
        spikes = [tuple(map(float, row.split())) for row in process.communicate()[0].splitlines()]
        self.lines = self.recording()
        for mib, begin, end in spikes:
            if begin > self.samples()[0][1]:
                self.assertGreater(self.most_between(begin, end) - self.base(), mib - NEAR)

    def test_the_past_of_an_attached_process_is_not_in_the_curve(self):
        process = subprocess.Popen([lab.target("spikes"), "1", "60", "0.01"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        process.stdout.readline()  # the spike is over, and 0.3 s are left
        for options in ((), ("-X",)):
            self.mprof("attach", *options, "-t", "0.1", "-T", "0.02", "-o", "a.dat", process.pid)
            self.lines = self.recording()
            self.assertEqual(self.peaks(), [])

    def test_only_with_rss(self):
        self.refuses("run", "-X", "-b", "pss", "true", says="rss")
        self.assertEqual(list(self.folder.iterdir()), [])


class Fallback(Exact):
    @unittest.skipIf(os.geteuid() != 0, "setuid programs need root")
    def test_a_setuid_program(self):
        program = self.folder / "hidden"
        program.write_bytes(Path(lab.target("spikes")).read_bytes())
        program.chmod(0o4755)
        self.folder.chmod(0o777)
        words = ["setpriv", "--reuid=65534", "--clear-groups", lab.MPROF, "run", "-X", "-o", "a.dat", "./hidden", "2", "40", "0.2"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True)
        if done.returncode == 127 or "mprof-c:" not in done.stderr:
            self.skipTest("the build folder is closed to other users, or setuid has no effect here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: [^\n]*may not be reset[^\n]*\n\Z")
        self.lines = self.recording()
        self.assertEqual([line for line in self.of("META") if "exact=1" in line], [])
        spikes = [tuple(map(float, row.split())) for row in done.stdout.splitlines()]
        self.assertAlmostEqual(float(self.of("GONE")[0][3]), max(mib for mib, _, _ in spikes) + self.base(), delta=NEAR)


class Default(Exact):
    def test_the_peak_and_its_interval_are_known(self):
        spikes = self.record(lab.target("spikes"), "4", "40", "0.2", options=())
        mib, begin, end = max(spikes)
        exact = float(self.of("GONE")[0][3])
        self.assertAlmostEqual(exact, mib + self.base(), delta=NEAR)
        text = self.peak()
        self.assertRegex(text, rf"exact high-water mark +{exact:.3f} MiB  ")
        self.assertNotIn("when last read", text)
        if max(float(line[1]) for line in self.of("MEM")) < exact - NEAR:  # no sample fell on the spike itself
            most, from_, to = max(self.peaks())
            self.assertLess(from_, end)
            self.assertGreater(to, begin)
            self.assertEqual(most, exact)

    def test_the_interval_is_a_share_of_the_time_that_passed(self):
        self.record(lab.target("spikes"), "4", "40", "0.3", options=())
        start = self.samples()[0][1]
        for _, begin, end in self.peaks():
            self.assertLess(end - begin, max(0.2, 0.5 * (end - start)))

    def test_a_spike_after_the_last_reading(self):
        spikes = self.record(lab.target("spikes"), "1", "60", "0.1", "end", options=("-T", "5"))
        self.assertAlmostEqual(float(self.of("GONE")[0][3]), spikes[0][0] + 21.5, delta=3)
        self.assertAlmostEqual(self.peaks()[0][0], spikes[0][0] + 21.5, delta=3)
        self.assertRegex(self.peak(), r"between 0\.00 and \d+\.\d+ s\n")

    def test_what_a_child_held_is_not_the_programs(self):
        self.record("sh", "-c", f"{lab.target('spend')} 60 0.1; true", options=())
        self.assertLess(float(self.of("GONE")[0][3]), 30)
        self.assertEqual(self.peaks(), [])
        self.assertGreater(float(self.of("EXIT")[0][3]), 60)
        self.assertIn("when last read", self.peak())

    def test_another_metric_has_no_peaks(self):
        self.record(lab.target("spikes"), "2", "40", "0.1", options=("-b", "uss"))
        self.assertEqual(self.peaks(), [])


class MaxPeak(Exact):
    def test_statuses(self):
        spend = [lab.target("spend"), "60", "0.2"]
        self.record(*spend, options=("--max-peak", "500M"))
        self.assertEqual(self.said, "")
        self.record(*spend, options=("--max-peak", "40M"), status=3)
        self.assertRegex(self.said, r"\Amprof-c: the peak of 6\d\.\d MiB was above the 40\.0 MiB of --max-peak\n\Z")
        # A program that failed by itself keeps its status.
        self.record("sh", "-c", f"{' '.join(spend)}; exit 7", options=("--max-peak", "40M"), status=7)
        self.assertIn("--max-peak", self.said)
        self.record("sh", "-c", "exit 7", options=("--max-peak", "500M"), status=7)
        self.assertEqual(self.said, "")

    def test_a_spike_between_samples(self):
        self.record(lab.target("spikes"), "1", "60", "0.1", "end", options=("-T", "5", "--max-peak", "60M"), status=3)

    def test_a_child(self):
        self.record("sh", "-c", f"{lab.target('spend')} 60 0; true", options=("-T", "5", "--max-peak", "40M"), status=3)

    def test_a_tree(self):
        spend = lab.target("spend")
        words = ("sh", "-c", f"{spend} 60 0.4 & {spend} 60 0.4 & wait")
        self.record(*words, options=("--max-peak", "100M", "-T", "0.05"))
        self.record(*words, options=("-C", "--max-peak", "100M", "-T", "0.05"), status=3)

    def test_attached(self):
        process = subprocess.Popen([lab.target("spend"), "60", "1"])
        self.addCleanup(process.wait)
        self.mprof("attach", "-o", "a.dat", "--max-peak", "40M", process.pid, status=3)

    def test_nonsense(self):
        for text in ("", "0", "x", "-1", "90%"):
            self.refuses("run", "--max-peak", text, "true", says="--max-peak takes a size")

    def test_a_size_without_a_unit(self):
        for words, says in ((("run", "--max-peak", "200"), "200 what? --max-peak 200M is MiB"),
                            (("run", "--max-peak=1.5"), "1.5 what? --max-peak 1.5M is MiB"),
                            (("run", "--max-peak", "209715200"), "209715200 what? --max-peak 209715200B is bytes"),
                            (("run", "--at", "200:kill"), "200 what? --at 200M:kill is MiB"),
                            (("run", "--at", "gpu:40:run=echo 7"), "40 what? --at gpu:40M:run=echo 7 is MiB"),
                            (("line", "--break-at", "80"), "80 what? --break-at 80M is MiB")):
            self.refuses(*words, "true", says=says)


class Ends(lab.Lab):
    def test_a_child_that_ends_while_it_is_opened_hides_nothing(self):
        loop = "i=0; while [ $i -lt 40 ]; do /bin/true; i=$((i + 1)); done"
        for _ in range(8):
            done = self.mprof("run", "-X", "-C", "-T", "0.005", "-o", "a.dat", "sh", "-c", loop, status=0)
            self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    lab.main()
