"""Whether it goes on growing, of a sampled heap and of what is allowed: recordings made by hand."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

T = 1700000000
FRAMES = "PATH 1 /srv/app/cache.py\nPATH 2 /srv/app/load.py\nFRAME 1 0 1 88 put\nFRAME 2 0 2 9 read\n"


def curve(rss, *, heap=None, bill=None, meta="", seconds=600, mark=0, end=True, skip=lambda t: False):
    """Of functions of the time: MiB, MiB by frame 1 and 2, MiB by class."""
    lines, held = [], [0.0, 0.0]
    for t in range(seconds):
        if skip(t):
            continue
        lines.append(f"MEM {rss(t):.6f} {T + t}.000000")
        for frame, now in enumerate(heap(t) if heap else (), 1):
            if abs(change := now - held[frame - 1]) >= 0.25:
                lines.append(f"HEAP 77 {frame} {change:.6f} {max(-change, 0):.6f} {round(4 * change)} {change / 4:.6f} {T + t}.000000")
                held[frame - 1] = now
        if bill and t % 10 == 0:
            lines += [f"BILL {name} {mib:.6f} {T + t}.000000" for name, mib in bill(t).items()]
        if mark and t % mark == 0:
            lines.append(f"MARK {rss(t):.6f} {T + t}.000000 epoch {t // mark}")
    foot = f"EXIT 0 {T + seconds}.000000 900.0 {seconds} 0\n" if end else ""
    sampled = "heap=262144 " if heap else ""
    return f"CMDLINE a\nMETA format=1 metric=rss interval=1 tree=0 children=0 {sampled}{meta}\n{FRAMES}" + "\n".join(lines) + "\n" + foot


class Outlook(lab.Lab):
    def told(self, *words, **more):
        self.write("a.dat", curve(*words, **more))
        return json.loads(self.mprof("peak", "--json", "a.dat", status=0).stdout)[0]["growth"]

    def test_a_heap_tells_who_holds_what_grows(self):
        memory, heap = self.told(lambda t: 300 + t, heap=lambda t: (t, 20 + t % 7))
        self.assertEqual((memory["answer"], memory["place"]), ("grows", "cache.py:88 put"))
        self.assertRegex(memory["sentence"], r"^grows 3600 MiB/h \(95 %: .*\) after the first 150 s, steadily, mostly at cache\.py:88 put$")
        self.assertEqual((heap["kind"], heap["of"], heap["answer"], heap["place"]), ("heap", None, "grows", "cache.py:88 put"))
        said = self.mprof("peak", "a.dat").stdout.splitlines()
        self.assertEqual([line.split()[:4] for line in said[-2:]], [["growth", "grows", "3600", "MiB/h"], ["growth", "of", "live", "heap"]])

    def test_a_heap_that_stays_is_not_what_grows(self):
        memory, heap = self.told(lambda t: 300 + t, heap=lambda t: (100, 20 + t % 7))
        self.assertTrue(memory["sentence"].endswith("steadily; its live heap does not grow: run -b bill tells what does"), memory)
        self.assertEqual(heap["answer"], "flat")
        self.assertNotIn("place", heap)
        memory, heap = self.told(lambda t: 300 + t, heap=lambda t: (100, 20 + t % 7), bill=lambda t: {"used": 120, "kept": 180 + t})
        self.assertTrue(memory["sentence"].endswith('; its live heap does not grow, but "malloc, kept free" of its bill does'), memory)
        self.assertEqual(memory["bill"], "kept")
        memory, heap = self.told(lambda t: 300 + t, heap=lambda t: (100 + t / 10, 20 + t % 7))
        self.assertIn("; its live heap grows by only 359 of that: run -b bill", memory["sentence"].replace("360", "359"))

    def test_of_a_heap_that_was_not_seen_nothing_is_said(self):
        memory, heap = self.told(lambda t: 300 + t, heap=lambda t: (100, 20 + t % 7), meta="heap_lacks=python,allocator")
        self.assertTrue(memory["sentence"].endswith("steadily"), memory)

    def test_the_heaps_report_ends_with_it(self):
        self.write("a.dat", curve(lambda t: 300 + t, heap=lambda t: (100, 20 + t % 7)))
        said = self.mprof("report", "--heap", "a.dat", status=0).stdout.splitlines()
        self.assertTrue(any(line.startswith("Memory: grows 3600 MiB/h") for line in said), said)
        self.assertTrue(any(line.startswith("live heap: flat after the first 150 s") for line in said), said)
        told = json.loads(self.mprof("report", "--heap", "--json", "a.dat", status=0).stdout)
        self.assertEqual([one["kind"] for one in told["growth"]], ["memory", "heap"])

    def test_memory_that_stays_may_hide_a_heap_that_grows(self):
        memory, heap = self.told(lambda t: 900, heap=lambda t: (t, 20))
        self.assertEqual((memory["answer"], heap["answer"]), ("flat", "grows"))
        self.assertIn("growth of live heap", self.mprof("peak", "a.dat").stdout)

    def test_chance_in_a_sampled_heap_is_no_growth(self):
        _, heap = self.told(lambda t: 900, heap=lambda t: (400 + t // 50, 20 + 5 * (t % 40)), mark=40)
        self.assertEqual(heap["answer"], "flat")

    def test_a_heap_from_mark_to_mark(self):
        memory, heap = self.told(lambda t: 300 + t / 4, heap=lambda t: (t / 4, 5), seconds=58, mark=2)
        self.assertEqual(heap["rounds"]["of"], "epoch")
        self.assertRegex(heap["sentence"], r'^grows 0\.50 MiB per "epoch" .*, mostly at cache\.py:88 put$')

    def test_who_stands_still_has_not_settled(self):
        [memory] = self.told(lambda t: 300 + min(t, 400))
        self.assertEqual(memory["answer"], "stopped")
        self.assertRegex(memory["sentence"], r"^grew 3\d\d\d MiB/h \(95 %: .*\) until (39\d|40\d) s, and stands still since$")
        [memory] = self.told(lambda t: 300 + min(t, 400) + (t > 400) * t % 2)
        self.assertEqual(memory["answer"], "settles")

    def test_what_filled_up_early_is_not_flat(self):
        for full in (250, 300, 350):  # the longer it stands since, the less do most pairs of floors tell of it
            self.assertEqual(self.told(lambda t: 300 + min(t, full) + t * 7 % 5)[0]["answer"], "settles")
        self.assertEqual(self.told(lambda t: 300 + 2 * (t % 40) + t * 7 % 5)[0]["answer"], "flat")

    def test_few_samples_of_a_long_time(self):
        [memory] = self.told(lambda t: 300 + t / 4, seconds=1200, skip=lambda t: t % 60)
        self.assertEqual(memory["sentence"], "too short to tell; 31 min would do")
        [memory] = self.told(lambda t: 300 + t / 4, seconds=1900, skip=lambda t: t % 60)
        self.assertEqual(memory["answer"], "grows")

    def test_a_pause_is_no_time(self):
        [memory] = self.told(lambda t: 300 + (t if t < 100 else t - 1000) / 2, seconds=1200, skip=lambda t: 100 <= t < 1100)
        self.assertEqual((memory["answer"], "paused_s" in memory), ("grows", False))  # what came behind it is enough
        [memory] = self.told(lambda t: 300 + (t if t < 250 else t - 1400) / 2, seconds=1700, skip=lambda t: 250 <= t < 1650)
        self.assertEqual(memory["answer"], "grows")
        self.assertRegex(memory["sentence"], r"^grows 1[78]\d\d MiB/h .* steadily, but for 23 min in which it stood still$")
        [memory] = self.told(lambda t: 300 + t / 2, seconds=1600, skip=lambda t: 700 <= t < 900)
        self.assertNotIn("paused_s", memory)

    def test_what_is_allowed(self):
        for meta, limit, words in (("limit=1000 limit_kind=cgroup machine=4000", "cgroup", "the 1000.0 MiB allowed are"),
                                   ("limit=1000 limit_kind=cgroup.high", "cgroup.high", "the 1000.0 MiB above which it is slowed down are"),
                                   ("limit=0 limit_kind=none machine=4096", "machine", "the 4.00 GiB of the machine are"),
                                   ("machine=4096 rlimit_as=2048 vm_peak=1900", "addresses", "the 2.00 GiB of addresses allowed are"),
                                   ("machine=1024 rlimit_as=2048 vm_peak=400", "machine", "the 1024.0 MiB of the machine are")):
            with self.subTest(meta):
                [memory] = self.told(lambda t: 300 + t, meta=meta)
                self.assertEqual(memory["limit"], limit)
                self.assertIn(f"; at this rate {words} reached in ", memory["sentence"])
        self.assertNotIn("limit", self.told(lambda t: 300, meta="machine=4096")[0])


if __name__ == "__main__":
    lab.main()
