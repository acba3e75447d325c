"""A bill adds up to what the program holds, whatever kind of memory that is, and finds it of its kind."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

SIZE, NOT_HERE = 12, 77  # MiB, and the status that says so: tests/targets/maps.c
NAMELESS = ("anonymous", "huge")
KINDS = {  # the classes that it is of, and how much of it
    "anonymous": (NAMELESS, SIZE), "unwritten": (NAMELESS, SIZE), "reserved": (NAMELESS, SIZE),
    "huge": (NAMELESS, SIZE), "many": (NAMELESS, SIZE), "unneeded": (NAMELESS, SIZE / 4), "hugetlb": (("hugetlb",), SIZE),
    "bss": (("program",), SIZE), "blocks": (("heap",), SIZE), "arena": (("heap",), SIZE),
    "stacks": (("stack",), SIZE), "deep": (("stack",), 6),
    "memfd": (("shared",), SIZE), "shared": (("shared",), SIZE), "segment": (("shared",), SIZE), "volatile": (("shared",), SIZE),
    "file": (("file", "shared"), SIZE), "dirty": (("file", "shared"), SIZE), "copied": (NAMELESS, SIZE),
    "deleted": (("file", "shared"), SIZE), "array": (("array", "shared"), SIZE),
    "children": (NAMELESS, 3 * SIZE), "exec": (("heap",), SIZE),
}
BESIDE = ("hugetlb", "off")


@unittest.skipIf(lab.SANITIZED, "what the programs hold is the sanitizer's as well")
class Sums(lab.Lab):
    def start(self, kind, seconds):
        folder = self.folder / f"{kind}{seconds}"
        folder.mkdir()
        name = "held.npy" if kind == "array" else "held"
        with open(folder / name, "wb") as held:
            held.write(bytes(SIZE << 20))
        of_tree = ["-C"] if kind == "children" else []
        command = [lab.MPROF, "run", "-q", *of_tree, "-b", "rss,bill", "-T", "0.04", "-o", "a.dat",
                   lab.target("maps"), "file" if kind == "array" else kind, name, str(seconds)]
        return subprocess.Popen(command, cwd=folder, env=self.env, stdin=subprocess.DEVNULL), folder

    def bills(self, folder):
        """(MEM, {class: MiB}) of each moment that has both."""
        memory, bills = {}, {}
        for line in self.recording(folder / "a.dat"):
            if line[0] == "META" and "bill=refused" in line:
                self.skipTest("the maps of a program may not be read here")
            if line[0] == "MEM":
                memory[line[2]] = float(line[1])
            if line[0] == "BILL":
                bills.setdefault(line[3], {})[line[1]] = float(line[2])
        return [(memory[us], bill) for us, bill in bills.items() if us in memory]

    def adds_up(self, kind, mem, bill):
        total = sum(mib for name, mib in bill.items() if name not in BESIDE)
        off = abs(total - mem)
        if off > max(mem / 100, 1):
            self.assertAlmostEqual(off, bill["off"], places=3, msg=(kind, mem, bill))
        else:
            self.assertNotIn("off", bill, (kind, mem))
        return "off" not in bill

    def finds(self, kind, bills):
        classes, mib = KINDS[kind]
        found = [sum(bill.get(name, 0) for name in classes) for _, bill in bills]
        # What is let go with MADV_FREE is held until the kernel wants it, which it may never do.
        most = mib + (SIZE / 2 if kind == "unneeded" else 0)
        return any(mib - 0.6 <= f <= most + 1.5 for f in found)

    def holds(self, kinds, seconds):
        """The kinds that were not found in time, of all that are recorded at once."""
        started = {kind: self.start(kind, seconds) for kind in kinds}
        late = []
        for kind, (process, folder) in started.items():
            with self.subTest(kind=kind):
                status = process.wait(timeout=60)
                if status == NOT_HERE:
                    continue
                self.assertEqual(status, 0, kind)
                bills = [(mem, bill) for mem, bill in self.bills(folder) if self.adds_up(kind, mem, bill)]
                if not self.finds(kind, bills):
                    late.append(kind)
                    self.found = (kind, bills[-3:])
        return late

    def test_of_every_kind(self):
        kinds, seconds = list(KINDS), 0.5
        while kinds and seconds < 20:  # a busy machine
            kinds = self.holds(kinds, seconds)
            seconds *= 4
        self.assertEqual(kinds, [], getattr(self, "found", None))


if __name__ == "__main__":
    lab.main()
