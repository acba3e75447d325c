"""What the memory of a program consisted of: BILL records, and what peak and plot make of them."""
import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

HOLDS = """
import mmap, sys, threading, time
def touch(m):
    return sum(m[i] for i in range(0, len(m), 4096))
kept = []
for name in sys.argv[2:]:
    f = open(name, "rb")
    m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    touch(m)
    kept.append(m)
shared = mmap.mmap(-1, 16 << 20)
shared[:] = bytes(16 << 20)
own = mmap.mmap(-1, 24 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
own[:] = bytes(24 << 20)
time.sleep(float(sys.argv[1]))
"""
PYTHON = "/usr/bin/python3"


class Bill(lab.Lab):
    def bills(self):
        """[{class: MiB}] and the moments; skips where there may be none."""
        found = {}
        for line in self.recording():
            if line[0] == "META" and "bill=refused" in line:
                self.skipTest("the maps of a program may not be read here")
            if line[0] == "BILL":
                found.setdefault(line[3], {})[line[1]] = float(line[2])
        return found

    def hold(self, *options, seconds="0.8"):
        (self.folder / "a.npy").write_bytes(bytes(12 << 20))
        (self.folder / "b.bin").write_bytes(bytes(8 << 20))
        (self.folder / "holds.py").write_text(HOLDS)
        self.mprof("run", "-q", "-o", "a.dat", *options, PYTHON, "holds.py", seconds, "a.npy", "b.bin", status=0)

    def highest(self):
        """Of those that are of one moment."""
        return max((bill for bill in self.bills().values() if "off" not in bill), key=lambda bill: sum(bill.values()))

    @unittest.skipIf(lab.SANITIZED, "a sanitizer has maps of its own")
    def test_each_map_is_of_its_class(self):
        self.hold("-b", "bill", "-T", "0.05")
        bill = self.highest()
        self.assertAlmostEqual(bill["shared"] + bill.get("untold", 0), 16, delta=0.5)
        self.assertGreater(bill["anonymous"] + bill.get("huge", 0), 23.9)
        volatile = os.stat(self.folder).st_dev == os.stat("/dev/shm").st_dev or bill.get("file", 0) < 7
        if not volatile:
            self.assertAlmostEqual(bill["array"], 12, delta=0.1)
            self.assertAlmostEqual(bill["file"], 8, delta=1)
        self.assertGreater(bill["program"], 1)
        self.assertGreater(bill["stack"], 0)
        self.assertLess(bill.get("heap", 0), 20)

    def test_a_bill_adds_up_to_the_rss_of_its_moment(self):
        self.hold("-b", "bill")
        memory = {line[2]: float(line[1]) for line in self.recording() if line[0] == "MEM"}
        told = [(memory[us], bill) for us, bill in self.bills().items() if us in memory]
        self.assertGreater(len(told), 2)
        for held, bill in told:  # while it grows, the moments differ, and that is told
            self.assertLessEqual(abs(sum(bill.values()) - bill.get("off", 0) - held), max(0.01 * held, 1) + bill.get("off", 0) + 0.001)
        self.assertGreater(sum("off" not in bill for _, bill in told), len(told) / 3)

    def test_a_tree_is_summed(self):
        self.mprof("run", "-q", "-C", "-b", "bill", "-T", "0.05", "-o", "a.dat", "sh", "-c",
                   f"{PYTHON} -c 'import time; x = bytearray(30 << 20); time.sleep(.6)' & {PYTHON} -c 'import time; x = bytearray(30 << 20); time.sleep(.6)'; wait", status=0)
        bill = self.highest()
        self.assertGreater(bill.get("anonymous", 0) + bill.get("huge", 0), 58)

    def test_unasked_there_is_one_of_the_peak(self):
        self.hold(seconds="0.5")
        bills = self.bills()
        self.assertTrue(bills)
        peak = max(float(line[1]) for line in self.recording() if line[0] == "MEM")
        self.assertGreater(sum(self.highest().values()), 0.85 * peak)

    def test_a_short_program_costs_nothing(self):
        self.mprof("run", "-q", "-o", "a.dat", "true", status=0)
        self.assertEqual(self.bills(), {})

    def test_peak_and_plot_show_it(self):
        self.hold("-b", "rss,bill")
        if not self.bills():
            self.skipTest("the maps of a program may not be read here")
        said = self.mprof("peak", "a.dat", status=0).stdout
        self.assertIn("what it consisted of", said)
        self.assertIn("anonymous maps", said)
        told = json.loads(self.mprof("peak", "--json", "a.dat", status=0).stdout)[0]["bill"]
        self.assertAlmostEqual(sum(told["peak"]["classes"].values()), told["peak"]["mib"], places=3)
        shown = self.mprof("plot", "--bill", "-b", "term", "--size", "100x40", "a.dat", status=0).stdout
        self.assertIn("anonymous maps", shown)
        self.mprof("plot", "--bill", "-o", "a.svg", "a.dat", status=0)

    def test_what_there_can_be_none_of(self):
        said = self.mprof("run", "-b", "vms,bill", "true", status=2).stderr
        self.assertIn("a bill is of the rss, the pss or the cgroup", said)
        (self.folder / "old.dat").write_text("CMDLINE x\nMEM 1.000000 1700000000.0000\n")
        said = self.mprof("plot", "--bill", "-b", "term", "old.dat", status=0).stderr
        self.assertIn("run -b bill records it", said)


if __name__ == "__main__":
    lab.main()
