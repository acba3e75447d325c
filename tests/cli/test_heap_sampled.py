"""run --heap, the library's side: what lives is told by where it was asked for, within the error that is told with it."""
import glob
import math
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

MIB = 1 << 20


@unittest.skipIf(lab.SANITIZED, "a sanitizer's malloc stands where the library would")
class Sampled(lab.Lab):
    def record(self, *words, options=("--heap",)):
        done = subprocess.run([lab.BUILD / "mprof-c", "run", "-q", "-o", "a.dat", *options, *words], cwd=self.folder, timeout=60,
                              env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def live(self):
        """{function innermost of the program's own: (MiB, blocks, standard error)} at the end."""
        paths, frames, sums = {}, {}, {}
        for line in self.recording():
            if line[0] == "PATH":
                paths[line[1]] = line[2]
            elif line[0] == "FRAME":
                frames[line[1]] = line[5] if len(line) > 5 else ""
            elif line[0] == "HEAP":
                one = sums.setdefault(frames.get(line[2], ""), [0.0, 0, 0.0])
                one[0] += float(line[3])
                one[1] += int(line[5])
                one[2] += float(line[6])
        return {name: (mib, blocks, math.sqrt(max(spread, 0))) for name, (mib, blocks, spread) in sums.items()}

    def test_what_lives_is_told_within_its_error(self):
        words = self.record(lab.BUILD / "tests" / "blocks").split()
        truth = (int(words[1]) + int(words[3]) + int(words[5])) / MIB
        live = self.live()
        told, error = sum(one[0] for one in live.values()), math.sqrt(sum(one[2] ** 2 for one in live.values()))
        self.assertLess(abs(told - truth), 4 * error + 1, live)

    def test_each_is_told_where_it_was_asked_for(self):
        words = self.record(lab.BUILD / "tests" / "blocks").split()
        live = self.live()
        if "keep_small" not in live:
            self.skipTest("no names of native frames here")
        mib, blocks, error = live["keep_small"]
        self.assertLess(abs(mib - int(words[1]) / MIB), 4 * error)
        self.assertAlmostEqual(live["pass_on"][0], 0, delta=1)
        self.assertAlmostEqual(live["map_some"][0], 7, delta=1)

    def test_a_sample_of_each_byte_is_exact(self):
        words = self.record(lab.BUILD / "tests" / "blocks", options=("--heap=1",)).split()
        truth = (int(words[1]) + int(words[3]) + int(words[5])) / MIB
        self.assertAlmostEqual(sum(one[0] for one in self.live().values()), truth, delta=1)

    def test_without_the_recorder_it_does_nothing(self):
        for setting in ({}, {"MPROF_HEAP": "nonsense"}, {"MPROF_HEAP": "/dev/zero,1"}, {"MPROF_HEAP": "/proc/1/fd/0,12"}):
            done = subprocess.run([lab.BUILD / "tests" / "blocks"], env={**self.env, **setting, "LD_PRELOAD": str(lab.BUILD / "libmprof-heap.so")},
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith("blocks "))

    def kept(self, *words):
        """MiB that malloc keeps free, as the last bill of a program that rests has it; and what it then gives back."""
        said = self.record(lab.BUILD / "tests" / "kept", *words, options=("--heap", "-b", "rss,bill")).split()
        bills = {}
        for line in self.recording():
            if line[0] == "BILL" and float(line[3]) <= int(said[0]):
                bills.setdefault(float(line[3]), {})[line[1]] = float(line[2])
        return bills[max(bills)].get("kept", 0) if bills else -1, int(said[1]) / 1024

    def test_what_malloc_keeps_free(self):
        for words in (("150", "100", "0"), ("150", "4000", "200"), ("100", "50", "3"), ("150", "50000", "2")):
            with self.subTest(words):
                for _ in range(3):  # a loaded machine may look too seldom
                    told, truth = self.kept(*words)
                    if abs(told - truth) < 0.1 * truth + 2:
                        break
                self.assertLess(abs(told - truth), 0.1 * truth + 2, (told, truth))


@unittest.skipIf(lab.SANITIZED, "a sanitizer's malloc stands where the library would")
class Others(lab.Lab):
    """What cannot be sampled is said, and the program runs on."""

    def record(self, *words, options=("--heap",), env=None, status=0):
        done = subprocess.run([lab.BUILD / "mprof-c", "run", "-q", "-o", "a.dat", *options, *words], cwd=self.folder, timeout=120,
                              env={**self.env, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode == 77:
            self.skipTest("it cannot be arranged here")
        self.assertEqual(done.returncode, status, done.stderr)
        self.said = done.stderr
        return done.stdout

    def lacks(self):
        meta = dict(word.split("=", 1) for line in self.recording() if line[0] == "META" for word in line[1:] if "=" in word)
        self.assertGreater(int(meta["heap_seen"]), 0)
        return meta.get("heap_lacks", "")

    def live(self):
        return sum(float(line[3]) for line in self.recording() if line[0] == "HEAP")

    def test_a_program_that_confines_itself(self):
        self.assertEqual(self.record(lab.BUILD / "tests" / "confine", options=("--heap=4K",)), "done\n")
        self.assertEqual(self.lacks(), "confined")
        self.assertIn("confined itself", self.said)
        self.assertEqual(self.record(lab.BUILD / "tests" / "confine", "in vain", options=("--heap=4K",)), "done\n")
        self.assertEqual(self.lacks(), "")

    def test_a_program_with_a_malloc_of_its_own(self):
        self.record(lab.BUILD / "tests" / "bump")
        self.assertEqual(self.lacks(), "allocator")
        self.assertIn("malloc of its own", self.said)

    def test_a_library_that_stands_before_it(self):
        for name, lacks in (("mock-malloc", "displaced"), ("mock-passing", "")):
            with self.subTest(name):
                library = lab.BUILD / "tests" / f"lib{name}.so"
                self.record("sh", "-c", f"LD_PRELOAD={library}:$LD_PRELOAD exec {lab.BUILD}/tests/blocks")
                self.assertEqual(self.lacks(), lacks)
                self.assertEqual("stood before" in self.said, bool(lacks))

    def test_an_allocator_that_is_brought(self):
        names = ("jemalloc.so.2", "tcmalloc_minimal.so.4", "mimalloc.so.2")
        found = [place for name in names for place in glob.glob(f"/usr/lib/*-linux-gnu/lib{name}") + glob.glob(f"{os.environ.get('MPROF_MALLOCS', '/none')}/lib{name}")]
        if not found:
            self.skipTest("no other malloc is installed here")
        for place in found:
            with self.subTest(place):
                words = self.record(lab.BUILD / "tests" / "blocks", env={"LD_PRELOAD": place}).split()
                self.assertIn(self.lacks(), ("", "new"))
                self.assertAlmostEqual(self.live(), (int(words[1]) + int(words[3]) + int(words[5])) / MIB, delta=8)

    def test_any_rate(self):
        for rate in ("1", "1T"):
            with self.subTest(rate):
                self.assertTrue(self.record(lab.BUILD / "tests" / "blocks", options=(f"--heap={rate}",)).startswith("blocks "))
                self.lacks()

    def test_a_namespace_of_its_own(self):
        unshare = ["unshare", "-Urpf"] if os.geteuid() else ["unshare", "-pf"]
        if not shutil.which("unshare") or subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no namespace can be made here")
        words = self.record(*unshare, lab.BUILD / "tests" / "blocks", options=("--heap", "-C")).split()
        self.assertEqual(self.lacks(), "")
        self.assertAlmostEqual(self.live(), (int(words[1]) + int(words[3]) + int(words[5])) / MIB, delta=8)


if __name__ == "__main__":
    lab.main()
