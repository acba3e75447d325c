"""report --heap: who holds a sampled heap, of a recording made by hand."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made


class ReportHeap(lab.Lab):
    def setUp(self):
        super().setUp()
        self.write("a.dat", made.heap())

    def report(self, *words, status=0, file="a.dat"):
        return self.mprof("report", "--heap", *words, file, status=status)

    def test_what_is_held_comes_first(self):
        lines = self.report().stdout.splitlines()
        self.assertEqual(lines[0], "The heap, sampled every 256 KiB: 180.0 MiB (± 13.4 MiB) live at the end, 365.0 MiB (± 19.1 MiB) "
                                   "at its peak at 27.0 s; 588.0 MiB given back")
        self.assertRegex(lines[4], r"^ +118\.0 +10\.9 +108\.0 +10\.4 +0\.0  cache\.py:88 remember$")
        self.assertRegex(lines[7], r"^ +0\.0 +0\.0 +196\.0 +14\.0 +588\.0  export\.py:31 rows$")
        self.assertRegex(lines[8], r"^ +180\.0 +13\.4 +365\.0 +19\.1 +588\.0  in all$")

    def test_the_row_of_the_peak_is_always_shown(self):
        lines = self.report("--top", "2").stdout.splitlines()
        self.assertIn("cache.py:88", lines[4])
        self.assertIn("export.py:31", lines[5])
        self.assertRegex(lines[6], "… and 2 more")

    def test_from_mark_to_mark(self):
        text = self.report().stdout
        self.assertRegex(text, r"\n +0\.00 +10\.00 +\+102\.0 +102\.0  batch 0:  \+57\.0 index\.py:12 build, \+40\.0 cache\.py:88 remember\n")
        self.assertIn("Children held 20.0 MiB from their birth on, inherited", text)

    def test_what_is_lacking(self):
        self.write("b.dat", made.heap() + "META heap_seen=2 heap_lacks=room,allocator,later\n")
        text = self.report(file="b.dat").stdout
        self.assertIn("\nSome of it has no lines, since there was no room for more of them: a larger run --heap=BYTES needs less.\n", text)
        self.assertIn("\nA program had a malloc of its own, which cannot be seen", text)
        self.assertNotIn("LD_PRELOAD", text)
        self.assertEqual(json.loads(self.report("--json", file="b.dat").stdout)["heap_lacks"], ["room", "allocator", "later"])
        self.write("c.dat", "".join(line + "\n" for line in made.heap().splitlines() if not line.startswith("EXIT")))
        self.assertIn("The recording has no end", self.report(file="c.dat").stdout)
        self.assertIn(", when last written, ", self.report(file="c.dat").stdout)

    def test_a_program_that_confined_itself_before_anything_was_seen(self):
        bare = "".join(line + "\n" for line in made.heap().splitlines() if not line.startswith("HEAP"))
        self.write("b.dat", bare + "META heap_seen=1 heap_lacks=confined\n")
        self.assertIn("confined itself (seccomp)", self.report(file="b.dat", status=1).stderr)

    def test_what_is_noise_is_hidden_and_yet_counted(self):
        small = "PATH 6 /srv/app/small.py\nFRAME 6 0 6 1 tiny\nHEAP 100 6 0.250000 0.000000 1 0.062500 1700000020.000000\n"
        self.write("b.dat", made.heap().replace("EXIT", small + "EXIT"))
        self.assertNotIn("small.py", self.report(file="b.dat").stdout)
        self.assertRegex(self.report(file="b.dat").stdout, r"\n +… and 1 more\n +180\.2 ")
        self.assertIn("small.py", self.report("--top", "11", file="b.dat").stdout)

    def test_json(self):
        told = json.loads(self.report("--json").stdout)
        self.assertEqual(told["sampled_every_bytes"], 262144)
        self.assertEqual(told["heap"]["live_mib"], 180)
        self.assertEqual(told["yours"][0]["frame"], {"file": "/srv/app/cache.py", "line": 88, "function": "remember"})
        self.assertEqual(told["yours"][0]["inherited_mib"], 20)
        self.assertEqual([mark["mark"] for mark in told["marks"]], [None, "batch 0", "batch 1", "batch 2"])

    def test_folded_has_what_lives(self):
        self.assertEqual(self.report("--folded").stdout.splitlines(),
                         ["remember (cache.py:88) 120832", "build (index.py:12) 49152", "keep (log.py:7) 14336"])

    def test_by(self):
        self.assertIn("  cache.py\n", self.report("--by=file").stdout)
        self.assertIn("--heap cannot be by thread", self.report("--by=thread", status=2).stderr)

    def test_a_picture_tells_of_how_many_programs_it_is(self):
        for meta, words in (("", "by line"), ("META heap_seen=1", "by line"), ("META heap_seen=3", "by line, of 3 programs"),
                            ("META heap_seen=3 tree=1", "by line")):  # whose curve is of all of them
            self.write("a.dat", made.heap() + (meta + "\n" if meta else ""))
            self.mprof("plot", "--heap", "-o", "a.svg", "a.dat", status=0)
            self.assertIn(f"areas: sampled heap {words}<", (self.folder / "a.svg").read_text())

    def test_a_report_replaces_one(self):
        for words in (("--by=file",), (), ("--json",), ()):
            self.report("-o", "a.txt", *words)
        self.assertTrue((self.folder / "a.txt").read_text().startswith("The heap, sampled "))

    def test_own(self):
        self.assertRegex(self.report("--own", "*/json/*").stdout, r"28\.0 .* 84\.0  json/decoder\.py:353 raw_decode\n")

    def test_without_a_heap(self):
        self.write("b.dat", made.growth())
        self.assertEqual(self.report(file="b.dat", status=1).stderr,
                         "mprof-c: b.dat has no sampled heap: that is recorded with: mprof-c run --heap\n")
        self.write("c.dat", "CMDLINE a\nMETA format=1 heap=262144 heap_lacks=program\nMEM 1.0 100.0\n")
        self.assertIn("its program cannot be sampled, since it is linked statically", self.report(file="c.dat", status=1).stderr)
        self.write("c.dat", "CMDLINE a\nMETA format=1 heap=262144\nMEM 1.0 100.0\n")
        self.assertIn("nothing was seen of it", self.report(file="c.dat", status=1).stderr)

    def test_what_kept_a_heap_from_being_seen(self):
        for told, words in (("heap=262144 heap_seen=1 heap_lacks=room,allocator", "a malloc of its own"),
                            ("heap=1099511627776 heap_seen=1", "one sample for every 1.00 TiB allocated was too coarse")):
            self.write("c.dat", f"CMDLINE a\nMETA format=1 {told}\nMEM 1.0 100.0\n")
            for command in (("report",), ("plot", "-o", "c.svg")):
                self.assertIn(words, self.mprof(*command, "--heap", "c.dat", status=1).stderr)

    def test_a_rate_of_bytes(self):
        self.write("b.dat", made.heap().replace("heap=262144", "heap=1"))
        self.assertIn("sampled every 1 B: ", self.report(file="b.dat").stdout)

    def test_inherited_is_a_row_of_nothing_else(self):
        text = made.heap().replace("EXIT", "HEAP 200 4 400.0 0 1600 100.0 1700000030.0 inherited\nEXIT")
        self.write("b.dat", text)
        self.assertNotIn("(inherited) export.py", self.report(file="b.dat").stdout)

    def test_what_was_lost(self):
        self.write("b.dat", made.heap() + "META dropped=9 unwritten=full\n")
        self.assertRegex(self.report(file="b.dat").stdout.splitlines()[0], r" live at [0-9.]+ s, when last written, ")

    def test_a_picture_needs_one_heap(self):
        self.write("b.dat", made.growth())
        self.assertEqual(self.mprof("plot", "--heap", "-o", "b.svg", "b.dat", status=1).stderr,
                         "mprof-c: b.dat has no sampled heap: that is recorded with: mprof-c run --heap\n")
        self.assertIn("one recording", self.mprof("plot", "--heap", "-o", "b.svg", "a.dat", "b.dat", status=2).stderr)
        self.mprof("plot", "--heap", "-o", "a.svg", "a.dat", status=0)
        self.assertIn("cache.py:88 remember", (self.folder / "a.svg").read_text())

    def test_the_plain_report_warns_of_churn(self):
        self.write("b.dat", made.growth())
        text = self.mprof("report", "b.dat").stdout.splitlines()
        self.assertEqual(text[1], "Most of what grew was given back: of 672.0 MiB, 222.0 MiB was held when last seen. "
                                  "Who holds that is recorded with: mprof-c run --heap")
        self.write("c.dat", made.growth() + "HEAP 100 5 20.0 500.0 80 5.0 1700000005.0\n")
        text = self.mprof("report", "c.dat").stdout.splitlines()
        self.assertEqual(text[1], "Most of what was allocated was given back: of 520.0 MiB, 20.0 MiB live at the end; "
                                  "who holds that: mprof-c report --heap")
        self.assertIn("mprof-c report --heap", self.mprof("report", "a.dat", status=1).stderr)


if __name__ == "__main__":
    lab.main()
