"""peak: mprof's lines first, then what is exact, what is a bound and what is an estimate."""
import gzip
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

T = 1700000000
META = "META format=1 tool=mprof-c/1 metric={} interval={} pid=77 host=h start=1700000000.0 clock=monotonic tree={} children={}\n"


def mem(*values):
    return "".join(f"MEM {v:.6f} {T + i}.000000\n" for i, v in enumerate(values))


def recording(*values, metric="rss", interval="0.1", tree=0, children=0, between="", foot="GONE 77 1700000009.0 {} 0\nEXIT 0 1700000009.0 {} 3 0\n",
              marks=(123.5, 130.25)):
    return ("CMDLINE train.py\n" + META.format(metric, interval, tree, children) + between + mem(*values) + foot.format(*marks))


class Peaked(lab.Lab):
    def peak(self, content=None, *words, status=0, file="a.dat"):
        if content is not None:
            self.write(file, content)
        return self.mprof("peak", *(words or (file,)), status=status)

    def lines(self, content):
        done = self.peak(content)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()


class Peak(Peaked):
    def test_the_line_of_mprof_comes_first(self):
        self.assertEqual(self.lines(recording(1, 120.1234567, 3))[0], "a.dat\t120.123 MiB")

    def test_exact_figures_are_labelled(self):
        text = "\n".join(self.lines(recording(1, 120, 3, marks=(130.25, 130.25))))
        self.assertRegex(text, r"\n  exact high-water mark +130\.250 MiB  .*VmHWM.*program itself")
        self.assertRegex(text, r"\n  exact ru_maxrss +130\.250 MiB  .*largest single process.*waited for")
        self.assertRegex(text, r"\n  the first figure +at least: rss sampled every 0\.1 s")

    def test_without_an_end_there_is_nothing_exact(self):
        text = "\n".join(self.lines(recording(1, 120, 3, foot="")))
        self.assertIn("no exact figure in this file", text)
        self.assertIn("at least: rss sampled every 0.1 s", text)
        self.assertNotIn("VmHWM", text)

    def test_exact_figures_of_another_metric_are_named_as_rss(self):
        text = "\n".join(self.lines(recording(1, 12, 3, metric="pss", marks=(130.25, 130.25))))
        self.assertRegex(text, r"exact high-water mark of RSS +130\.250 MiB")
        self.assertRegex(text, r"exact ru_maxrss, of RSS +130\.250 MiB")
        self.assertIn("pss sampled at most every 0.1 s", text)

    def test_children_as_mprof_prints_them_and_their_total(self):
        lines = self.lines("CMDLINE a\nMEM 10.0 1.0\nCHLD 5 20.0 1.0\nCHLD 6 5.5 1.0\nMEM 12.0 2.0\nCHLD 6 30.0 2.0\n")
        self.assertEqual(lines[:3], ["a.dat\t12.000 MiB", "  Child 5\t\t\t20.000 MiB", "  Child 6\t\t\t30.000 MiB"])
        self.assertRegex(lines[3], r"\A  program and children +42\.000 MiB  .*shared pages counted in each process")

    def test_samples_of_children_without_the_programs_are_rounds_of_their_own(self):
        rounds = "CMDLINE a\nMEM 10 1.0\n" + "".join(f"CHLD 5 20 {at}.0\nCHLD 6 30 {at}.0\n" for at in (1, 2, 3))
        gone = "GONE 5 3.0 20 0\nGONE 6 3.0 30 0\nCHLD 7 55 4.0\nCHLD 8 6 4.0\n"
        for hole, most in (("", 60), ("CHLD 5 80 4.0\nCHLD 6 5 4.0\n", 85), (gone, 61)):
            self.assertIn(f"program and children          {most}.000 MiB", "\n".join(self.lines(rounds + hole)), hole)

    def test_figures_stand_below_each_other(self):
        lines = self.lines(recording(10, 12, children=1, between="").replace("MEM 12", "CHLD 5 20.0 1700000000.5\nMEM 12"))
        columns = {re.search(r"\d+\.\d{3} MiB", line.expandtabs()).start() for line in lines[1:] if " MiB" in line}
        self.assertEqual(len(columns), 1, lines)

    def test_a_tree_is_called_one(self):
        text = "\n".join(self.lines(recording(10, 1200, tree=1)))
        self.assertRegex(text, r"whole tree +1200\.000 MiB  .*shared pages counted in each process")
        text = "\n".join(self.lines(recording(10, 1200, tree=1, metric="pss")))
        self.assertRegex(text, r"whole tree +1200\.000 MiB  at least: the highest sum of samples")

    def test_a_tree_with_its_children_is_not_counted_twice(self):
        text = "\n".join(self.lines(recording(10, 1200, tree=1, children=1).replace("GONE", "CHLD 5 700.0 1700000001.0\nGONE", 1)))
        self.assertIn("  Child 5\t\t\t700.000 MiB", text)
        self.assertNotIn("1900", text)

    def test_real_recordings_of_mprof(self):
        for path in sorted(lab.COMPAT.glob("*.dat")):
            highest = max(float(line.split()[1]) for line in path.read_text().splitlines() if line.startswith("MEM "))
            done = self.mprof("peak", path, status=0)
            self.assertEqual(done.stdout.splitlines()[0], f"{path}\t{highest:.3f} MiB")

    def test_a_real_recording(self):
        self.mprof("run", "-q", "-o", "a.dat", "sleep", "0.3", status=0)
        text = self.peak().stdout
        sampled = float(text.split("\t")[1].split()[0])
        exact = float(re.search(r"high-water mark +([\d.]+) MiB", text)[1])
        self.assertGreater(sampled, 0.1)
        self.assertGreaterEqual(exact + 0.001, sampled)


class Known(Peaked):
    def test_what_could_not_be_written_is_told(self):
        done = self.peak(recording(1, 2, between="META dropped=3\nMEM 1.0 1700000000.5\nMETA dropped=7\n"))
        self.assertIn("a.dat has gaps: 7 records could not be written", done.stderr)
        self.assertIn("has gaps", self.mprof("report", "a.dat", status=None).stderr)
        self.assertEqual(self.peak(recording(1, 2)).stderr, "")

    """The recorder's own verdict, in its words."""

    def note(self, what, content):
        return re.search(rf"\n  {what} +(?:[\d.]+ MiB  )?([^\n]*)", self.peak(content).stdout)[1]

    def test_a_sum_is_no_bound_when_pages_are_shared(self):
        for metric in ("rss", "shmem", "anon", "file", "vms", "swap", "hugetlb"):
            text = self.peak(recording(10, 1200, tree=1, metric=metric)).stdout
            self.assertRegex(text, r"whole tree +1200\.000 MiB  sampled: .*shared pages counted in each process")
        for metric in ("pss", "uss"):
            self.assertRegex(self.peak(recording(10, 1200, tree=1, metric=metric)).stdout, r"whole tree +1200\.000 MiB  at least: ")

    def test_second_metrics_of_a_tree(self):
        between = f"VAL shmem 150.0 {T}.5\nVAL pss 50.0 {T}.5\nVAL cgroup 60.0 {T}.5\n"
        text = self.peak(recording(10, 12, tree=1, between=between)).stdout
        self.assertRegex(text, r"\n  shmem +150\.000 MiB  sampled: the highest sum of samples, shared pages counted in each process, of the whole tree\n")
        self.assertRegex(text, r"\n  pss +50\.000 MiB  at least: the highest sum of samples, of the whole tree\n")
        self.assertRegex(text, r"\n  cgroup +60\.000 MiB  at least: the highest sample, of the control group\n")

    def test_what_a_tree_lacks_is_said(self):
        for pair, says in (("unseen=7", "short-lived ones may have been missed"), ("unseen=unknown", "short-lived ones may"),
                           ("hidden=2", "some processes could not be read"), ("peak_lacks=living", "descendants outlived")):
            self.assertIn(says, self.note("whole tree", recording(10, 12, tree=1, between=f"META {pair}\n")))
        self.assertNotIn(";", self.note("whole tree", recording(10, 12, tree=1, between="META unseen=0\n")))
        self.assertRegex(self.note("whole tree", recording(10, 12, tree=1, metric="pss", between="META fallback=rss\n")), "sampled: .*rss of some")

    def test_a_mark_that_was_read_before_the_end_is_not_exact(self):
        text = self.peak(recording(10, 20, marks=(21, 300), between="META peak=21.0 peak_known=at-least peak_by=mark peak_lacks=early\n")).stdout
        self.assertRegex(text, r"\n  high-water mark +21\.000 MiB  at least: VmHWM[^\n]*when last read\n")
        self.assertRegex(text, r"\n  exact ru_maxrss +300\.000 MiB")
        text = self.peak(recording(10, 20, marks=(21, 300))).stdout  # an older recorder's
        self.assertRegex(text, r"\n  high-water mark +21\.000 MiB  at least: VmHWM[^\n]*when last read\n")

    def test_what_is_the_recorders_own_is_not_exact(self):
        text = self.peak(recording(0.3, 0.4, marks=(0.5, 0), between="META floor=1.9 peak=0.5 peak_known=at-least peak_by=mark peak_lacks=early\n")).stdout
        self.assertRegex(text, r"\n  ru_maxrss +1\.900 MiB  at most: it is the recorder's own")
        self.assertNotIn("exact", text)
        text = self.peak(recording(1.9, marks=(0, 0), between="META floor=1.9 peak=1.9 peak_known=at-most peak_by=mark peak_lacks=unsampled,floor\n")).stdout
        self.assertRegex(text, r"\n  the first figure +at most: .*nothing could be read while it ran")
        self.assertNotIn("exact", text)

    def test_one_process_held_more_than_all_at_any_sample(self):
        text = self.peak(recording(10, 20, tree=1, marks=(9, 61), between="META peak=61.0 peak_known=at-least peak_by=mark peak_lacks=early\n")).stdout
        self.assertRegex(text, r"\n  one process of it +61\.000 MiB  at least: the kernel's own mark")

    def test_names_stand_beside_pids(self):
        text = self.peak(recording(10, 12, children=1, between=f"PROC 5 77 {T}.1 make\nCHLD 5 20.0 {T}.2\n")).stdout
        self.assertIn("\n  Child 5\t\t\t20.000 MiB  make\n", text)

    def test_json(self):
        self.write("a.dat", recording(0.3, 0.4, children=1, marks=(0.5, 0),
                                      between=f"META floor=1.9 peak=0.5 peak_known=at-least peak_by=mark peak_lacks=early\nPROC 5 77 {T}.1 a\"b\nCHLD 5 20.0 {T}.2\n"
                                              f"VAL swap 7.5 {T}.3\nGPU 0 3.5 {T}.4 tree\n"))
        self.write("old.dat", "CMDLINE a\nMEM 10.0 1.0\n")
        first, old = json.loads(self.mprof("peak", "--json", "a.dat", "old.dat", status=0).stdout)
        self.assertEqual(first["peak"], {"mib": 0.5, "known": "at-least", "lacks": "early"})
        self.assertEqual(first["high_water"]["known"], "at-least")
        self.assertIsNone(first["ru_maxrss"])
        self.assertEqual(first["floor_mib"], 1.9)
        self.assertEqual(first["children"], [{"pid": 5, "name": "a\"b", "sampled_mib": 20.0, "high_water_mib": None}])
        self.assertEqual(first["metrics"], {"swap": {"peak": 7.5, "known": "at-least"}})
        self.assertEqual(first["gpus"], [{"device": "0", "tree_mib": 3.5, "device_mib": None}])
        self.assertEqual((old["peak"]["mib"], old["peak"]["known"], old["metric"]), (10.0, "at-least", None))
        self.write("empty.dat", "CMDLINE a\n")
        done = self.mprof("peak", "--json", "empty.dat", "old.dat", status=1)
        self.assertEqual(len(json.loads(done.stdout)), 1)
        self.assertEqual(json.loads(self.mprof("peak", "--json", "empty.dat", status=1).stdout), [])
        self.refuses("peak", "--json", "--func", "f", "a.dat", says="exclude each other")


class Gpu(lab.Lab):
    HEAD = META.format("rss", "0.05", 0, 0) + "META gpu0='NVIDIA H100' gpu0_total=81559.0\n"

    def lines(self, *records, head=HEAD):
        self.write("a.dat", "CMDLINE a\n" + head + mem(1, 2) + "".join(record + "\n" for record in records))
        done = self.mprof("peak", "a.dat", status=0)
        self.assertEqual(done.stderr, "")
        return [line for line in done.stdout.splitlines() if "GPU" in line]

    def test_each_device_and_scope_has_its_line(self):
        lines = self.lines(f"GPU 0 0.0 {T}.0 tree", f"GPU 0 3000.5 {T}.1 tree", f"GPU 0 200.0 {T}.2 tree",
                           f"GPU 1 9.0 {T}.1 device", f"GPU 1 7.0 {T}.2 tree")
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], r"\A  GPU 0: program and children +3000\.500 MiB  of 81559 MiB on NVIDIA H100, at least: sampled at most every 0\.1 s\Z")
        self.assertRegex(lines[1], r"\A  GPU 1: program and children +7\.000 MiB  at least: ")
        self.assertRegex(lines[2], r"\A  GPU 1: whole device +9\.000 MiB  whoever held it, at least: ")

    def test_the_drivers_marks_are_exact(self):
        lines = self.lines(f"GPU 0 3.0 {T}.1 tree", "META gpu0_peak=3111.0",
                           "META gpu5_peak=8.0 gpu5_peak_sum=12.5 gpu5_peak_processes=2")
        self.assertRegex(lines[1], r"\A  GPU 0: exact peak +3111\.000 MiB  the driver's own mark of the process\Z")
        self.assertRegex(lines[2], r"\A  GPU 5: exact peak +8\.000 MiB  .*largest of 2 processes; all together at most 12\.500 MiB\Z")

    def test_a_long_interval_is_said(self):
        self.assertIn("at most every 5 s", self.lines(f"GPU 0 3.0 {T}.1 tree", head=META.format("rss", "5", 0, 0))[0])

    def test_hostile_names(self):
        lines = self.lines(f"GPU \x1b[31m 3.0 {T}.1 tree", f"GPU {'x' * 300} 3.0 {T}.1 tree", f"GPU 0 1.0 {T}.1 tree",
                           head="META gpu0=$'a\\nb\\x1b[2J' gpu0_total=nan\n")
        self.assertEqual(len(lines), 3)
        self.assertNotIn("\x1b", "".join(lines))
        self.assertIn("on a\\nb", lines[2])


class Which(lab.Lab):
    def setUp(self):
        super().setUp()
        for i in (1, 2, 3):
            self.write(f"mprofile_2024010100000{i}.dat", recording(i * 10))

    def names(self, *words, status=0):
        out = self.mprof("peak", *words, status=status).stdout
        return [int(name) for name in re.findall(r"^mprofile_2024010100000(\d)\.dat\t", out, re.M)]

    def test_the_newest_without_words(self):
        self.assertEqual(self.names(), [3])

    def test_indices_anywhere(self):
        self.assertEqual(self.names("-1"), [3])
        self.assertEqual(self.names("-1", "0"), [3, 1])
        self.assertEqual(self.names("0", "mprofile_20240101000002.dat", "-3"), [1, 2, 1])
        self.assertEqual(self.names("--", "-1"), [3])

    def test_an_index_before_an_option(self):
        self.write("a.dat", "CMDLINE a\nFUNC f 1.0 1.0 2.0 3.0 0\nMEM 10.0 2.0\nMEM 30.0 9.0\n")
        (self.folder / "a.dat").rename(self.folder / "mprofile_20240101000009.dat")
        self.assertIn("\t10.000 MiB\n", self.mprof("peak", "-1", "--func", "f", status=0).stdout)

    def test_out_of_range_says_what_there_is(self):
        self.mprof("peak", "2", status=0)
        self.refuses("peak", "3", status=1, says="there is no recording 3: there are 3 recordings here, 0 to 2")
        self.refuses("peak", "-4", status=1, says="there are 3 recordings here, 0 to 2")
        self.refuses("peak", "x.dat", status=1, says="cannot find x.dat")

    def test_no_recording_here(self):
        (self.folder / "empty").mkdir()
        done = self.mprof("peak", cwd=self.folder / "empty")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: no recordings in this folder; make one with: mprof-c run [^\n]+\n\Z")

    def test_goes_on_after_a_bad_one(self):
        self.write("empty.dat", "CMDLINE a\n")
        (self.folder / "folder.dat").mkdir()
        done = self.mprof("peak", "0", "empty.dat", "folder.dat", "1", status=1)
        self.assertEqual(re.findall(r"^mprofile_2024010100000(\d)\.dat\t", done.stdout, re.M), ["1", "2"])
        self.assertEqual(done.stderr.count("\n"), 2)
        self.assertIn("there is no recording in folder.dat", done.stderr)

    def test_thousands_of_names(self):
        out = self.mprof("peak", *["-1"] * 6000, status=0).stdout
        self.assertEqual(out.count("exact ru_maxrss"), 6000)


class Faults(lab.Lab):
    def test_no_samples_says_how_to_remove_it(self):
        self.write("a b.dat", "CMDLINE true\n")
        self.write("-x.dat", "CMDLINE true\n")
        self.write("0.dat", "")
        self.refuses("peak", "a b.dat", status=1, says="holds no samples: nothing was recorded; remove it with: mprof-c rm 'a b.dat'")
        self.refuses("peak", "0.dat", status=1, says="remove it with: mprof-c rm 0.dat")
        said = self.refuses("peak", "--", "-x.dat", status=1, says="mprof-c rm ./-x.dat")
        for advice in (said.rsplit("mprof-c rm ", 1)[1].strip(), "'a b.dat'", "0.dat"):
            subprocess.run(f"{lab.MPROF} rm {advice}", shell=True, check=True, cwd=self.folder, env=self.env)
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_is_no_recording_is_not_to_be_removed(self):
        self.write("letter.txt", "Dear reader,\nthis is none.\n")
        done = self.mprof("peak", "letter.txt", status=1)
        self.assertIn("letter.txt is no recording", done.stderr)
        self.assertNotIn("mprof-c rm", done.stderr)

    def test_malformed_lines_are_counted(self):
        self.write("a.dat", "CMDLINE a\nMEM 1.0 1.0\nMEM nan 2.0\nMEM 3.0\n\nMEM inf 3.0\nMEM 2.0 4.0\n")
        done = self.mprof("peak", "a.dat", status=0)
        self.assertTrue(done.stdout.startswith("a.dat\t2.000 MiB\n"), done.stdout)
        self.assertEqual(done.stderr, "mprof-c: warning: a.dat: 4 malformed lines skipped, the first is line 3\n")

    def test_a_truncated_line_is_neither_misread_nor_fatal(self):
        for tail in ("MEM", "MEM ", "MEM 3.0", "MEM 3.0 100", "MEM 99999.9 1700000005"):
            self.write("a.dat", recording(1, 2, foot="") + tail)
            self.assertTrue(self.mprof("peak", "a.dat", status=0).stdout.startswith("a.dat\t2.000 MiB\n"), tail)

    def test_the_newer_of_two_runs_in_one_file(self):
        self.write("a.dat", recording(1, 1546) + recording(1, 808))
        done = self.mprof("peak", "a.dat", status=0)
        self.assertTrue(done.stdout.startswith("a.dat\t808.000 MiB\n"), done.stdout)
        self.assertIn("the last of 2 runs is shown", done.stderr)

    def test_a_forged_sample_in_a_command_line(self):
        self.mprof("run", "-q", "-o", "a.dat", "sh", "-c", "sleep 0.2", "x\nMEM 99999 1\n", status=0)
        self.assertLess(float(self.mprof("peak", "a.dat", status=0).stdout.split("\t")[1].split()[0]), 1000)

    def test_unknown_records_are_left_alone(self):
        self.write("a.dat", "CMDLINE a\nMEM 1.0 1.0\nPEAK 900.0 1.5\nNEWER thing\nMEM 2.0 2.0\n")
        done = self.mprof("peak", "a.dat", status=0)
        self.assertTrue(done.stdout.startswith("a.dat\t2.000 MiB\n"))
        self.assertEqual(done.stderr, "")

    def test_hostile_names(self):
        names = ["a\nb.dat\t9999.000 MiB", "\x1b[31mred.dat", "x" * 255, "$(id)", "%s%n", "한국어.dat"]
        for name in names:
            self.write(name, recording(5))
        done = self.mprof("peak", *names, status=0)
        self.assertEqual(len(re.findall(r"^\S.*\t5\.000 MiB$", done.stdout, re.M)), len(names))
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("a\\nb.dat\\t9999.000 MiB\t5.000 MiB\n", done.stdout)

    @unittest.skipIf(os.geteuid() == 0, "root may read every file")
    def test_a_file_that_may_not_be_read(self):
        self.write("a.dat", recording(5), 0)
        self.refuses("peak", "a.dat", status=1, says="cannot read a.dat: Permission denied")

    def test_standard_output_that_is_full(self):
        self.write("a.dat", recording(5))
        with open("/dev/full", "w") as full:
            done = self.mprof("peak", "a.dat", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: cannot write to standard output: [^\n]+\n\Z")


class Input(lab.Lab):
    def test_standard_input(self):
        done = self.mprof("peak", "-", input=recording(5, 7), status=0)
        self.assertTrue(done.stdout.startswith("-\t7.000 MiB\n"), done.stdout)
        self.assertEqual(self.mprof("peak", "-", input="", status=1).stderr, "mprof-c: standard input holds no samples\n")

    def test_a_pipe_loses_nothing(self):
        os.mkfifo(self.folder / "pipe")
        writer = subprocess.Popen(["sh", "-c", "cat > pipe"], cwd=self.folder, stdin=subprocess.PIPE)
        writer.stdin.write(recording(5, 7).encode())
        writer.stdin.close()
        self.assertTrue(self.mprof("peak", "pipe", status=0).stdout.startswith("pipe\t7.000 MiB\n"))
        self.assertEqual(writer.wait(60), 0)

    def test_compressed_recordings(self):
        packed = gzip.compress(recording(5, 7).encode())
        self.write("mprofile_20240101000001.dat.gz", packed)
        self.write("a.dat", recording(5, 9))
        done = self.mprof("peak", "a.dat", "-1", status=0)
        self.assertEqual(re.findall(r"^(\S+)\t(\S+) MiB$", done.stdout, re.M),
                         [("a.dat", "9.000"), ("mprofile_20240101000001.dat.gz", "7.000")])
        self.write("short.dat.gz", packed[:20])
        self.refuses("peak", "short.dat.gz", status=1, says="short.dat.gz is damaged: it is compressed, and ends before its first sample")
        self.write("damaged.dat.gz", packed[:20] + b"x" * 2000)
        for words in (("peak",), ("report",), ("plot", "-o", "a.png"), ("plot", "-b", "json")):
            self.refuses(*words, "damaged.dat.gz", status=1, says="cannot read damaged.dat.gz: damaged: what is compressed")

    def test_a_compressed_recording_named_like_an_option(self):
        self.write("--func", gzip.compress(recording(5, 7).encode()))
        self.assertTrue(self.mprof("peak", "--", "--func", status=0).stdout.startswith("--func\t7.000 MiB\n"))


class Function(lab.Lab):
    def test_a_name_of_no_letters(self):
        self.refuses("peak", "--func", "", "a.dat", says="--func takes a function's name")

    CALLS = "CMDLINE a\n" + mem(10, 20, 90, 40, 50) + f"FUNC m.f 10.0 {T}.5 20.0 {T + 1}.5 0\nFUNC m.g 40.0 {T + 2}.5 50.0 {T + 4}.0 0\n"

    def test_the_peak_while_a_function_ran(self):
        self.write("a.dat", self.CALLS)
        self.assertEqual(self.mprof("peak", "--func", "m.f", "a.dat", status=0).stdout, "a.dat\t20.000 MiB\n")
        self.assertEqual(self.mprof("peak", "a.dat", "--func=m.g", status=0).stdout, "a.dat\t50.000 MiB\n")

    def test_the_programs_own_functions_need_no_module(self):
        self.write("a.dat", self.CALLS.replace("m.f", "__main__.work"))
        for name in ("__main__.work", "work", "w*", "*.work"):
            self.assertEqual(self.mprof("peak", "--func", name, "a.dat", status=0).stdout, "a.dat\t20.000 MiB\n")
        self.refuses("peak", "--func", "g", "a.dat", status=1, says="no sample while a function g ran")

    def test_a_function_that_never_ran(self):
        self.write("a.dat", self.CALLS)
        self.refuses("peak", "--func", "m.h", "a.dat", status=1, says="no sample while a function m.h ran")

    def test_several_calls_and_calls_within_calls(self):
        calls = [(0.5, 1.5), (1.0, 1.2), (3.5, 3.6), (3.5, 4.0)]
        self.write("a.dat", "CMDLINE a\n" + mem(10, 20, 90, 40, 50, 99) +
                   "".join(f"FUNC m.f 1.0 {T + a} 1.0 {T + b} 0\n" for a, b in calls))
        self.assertEqual(self.mprof("peak", "--func", "m.f", "a.dat", status=0).stdout, "a.dat\t50.000 MiB\n")

    def test_the_last_run_counts(self):
        self.write("a.dat", "CMDLINE a\n" + mem(10, 90) + self.CALLS)
        self.assertEqual(self.mprof("peak", "--func", "m.f", "a.dat", status=0).stdout, "a.dat\t20.000 MiB\n")

    @unittest.skipIf(lab.SANITIZED, "timings mean nothing here")
    def test_many_calls_take_no_longer_than_reading_them(self):
        """Every sample stands above all before it, and none but the last in a call of the function."""
        self.write("a.dat", "CMDLINE a\n" + "".join(f"MEM {i / 100:.6f} {T + i / 1000:.6f}\n" for i in range(100000)) +
                   "".join(f"FUNC m.g 1.0 {T + i / 200:.6f} 1.0 {T + i / 200 + 0.001:.6f} 1\n" for i in range(20000)) +
                   f"FUNC m.f 1.0 {T + 99.999:.6f} 1.0 {T + 101:.6f} 1\n")

        def cpu(*words):
            before = os.times()
            self.mprof("peak", *words, "a.dat", status=0)
            after = os.times()
            return after.children_user + after.children_system - before.children_user - before.children_system
        tries = [(cpu("--func", "m.f"), cpu()) for _ in range(5)]  # the clock ticks in 10 ms
        self.assertLess(min(a for a, _ in tries), 5 * max(min(b for _, b in tries), 0.02))

    def test_a_pipe_cannot_be_read_twice(self):
        done = self.mprof("peak", "--func", "m.f", "-", input=self.CALLS, status=1)
        self.assertRegex(done.stderr, r"\Amprof-c: --func reads a recording twice[^\n]+\n\Z")

    def test_compressed(self):
        self.write("a.dat.gz", gzip.compress(self.CALLS.encode()))
        self.assertEqual(self.mprof("peak", "--func", "m.f", "a.dat.gz", status=0).stdout, "a.dat.gz\t20.000 MiB\n")


class Growth(Peaked):
    """Whether it keeps growing, of curves of ten minutes."""

    def curve(self, mib, seconds=600, between="", more=lambda t: ""):
        lines = "".join(f"MEM {mib(t):.6f} {T + t}.000000\n{more(t)}" for t in range(seconds))
        return "CMDLINE train.py\n" + META.format("rss", "1", 0, 1) + between + lines

    def growth(self, *curve, **more):
        lines = self.lines(self.curve(*curve, **more))
        return [re.sub(" +", " ", line.strip()) for line in lines if line.strip().startswith("growth")]

    def test_what_grows_is_told_with_its_rate(self):
        said = self.growth(lambda t: 300 + t / 6 + t % 20)[0]
        found = re.fullmatch(r"growth grows (\d+) MiB/h \(95 %: (\d+)–(\d+)\) after the first 150 s, steadily", said)
        rate, low, high = map(int, found.groups())
        self.assertTrue(570 <= rate <= 630 and low <= 600 <= high, said)

    def test_what_is_allowed_is_reached_one_day(self):
        said = self.growth(lambda t: 300 + t / 6, between="META limit=1600 limit_kind=cgroup\n")[0]
        self.assertRegex(said, r"; at this rate the 1\.56 GiB allowed are reached in (2\.0 h \(2\.0–2\.0\)|1(19|20) min \(1..–1..\))$")

    def test_what_does_not_grow(self):
        self.assertEqual(self.growth(lambda t: 300 + t % 7), ["growth flat after the first 150 s"])
        self.assertEqual(self.growth(lambda t: 300 + t % 7 + 90 * (t > 400)), ["growth one step at 401 s"])
        self.assertEqual(self.growth(lambda t: 100 + 0.5 * min(t, 350) + 0.1 * (t % 2)), ["growth settles"])
        self.assertEqual(self.growth(lambda t: 300 + t, seconds=30), ["growth too short to tell; 2 min would do"])

    def test_rounds_tell_where_time_does_not(self):
        said = self.growth(lambda t: 100 + 7 * (t // 3) + 40 * (t % 3 == 1), seconds=60,
                           more=lambda t: "" if t % 3 else f"MARK {100:.6f} {T + t}.000000 epoch {t // 3}\n")
        self.assertEqual(said, ['growth grows 7.0 MiB per "epoch" (95 %: 6.9–7.1)'])

    def test_children_of_one_name_are_one(self):
        content = self.curve(lambda t: 50, between=f"PROC 81 77 {T}.0 worker\nPROC 82 77 {T}.0 worker\n",
                             more=lambda t: f"CHLD {81 + t // 300} {100 + t / 2:.6f} {T + t}.000000\n")
        said = [re.sub(" +", " ", line.strip()) for line in self.lines(content)]
        self.assertTrue(any(line.startswith("growth of worker grows 1799 MiB/h") for line in said), said)
        self.write("a.dat", content)
        told = json.loads(self.mprof("peak", "--json", "a.dat").stdout)[0]["growth"]
        self.assertEqual([(one["kind"], one["of"], one["answer"]) for one in told],
                         [("memory", "rss", "flat"), ("children", "worker", "grows")])


if __name__ == "__main__":
    lab.main()
