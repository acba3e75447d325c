"""report: where memory grew, of recordings made by hand."""
import gzip
import json
import os
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

NUMPY = "/usr/lib/python3/dist-packages/numpy/core/_methods.py"
SOURCE = "import numpy\n\n\ndef work(n):\n    rows = [bytes(n)]  # rows\n\treturn numpy.sum(rows)\n"


class Report(lab.Lab):
    def setUp(self):
        super().setUp()
        self.script = self.folder / "train.py"
        self.script.write_text(SOURCE)
        os.utime(self.script, (time.time() - 100, time.time() - 100))
        self.start = int(time.time())

    def at(self, seconds):
        return f"{self.start + seconds:.6f}"

    def grow(self, mib, seconds, held, frame, pid=5, thread=None, how="fault"):
        return f"GROW {mib:.6f} {self.at(seconds)} {held:.6f} {pid} {thread or pid} {frame} {how}\n"

    def head(self, meta="python=3.11 where=stacks"):
        metric = "" if "metric=" in meta else "metric=rss "
        return (f"CMDLINE train.py\nMETA format=1 {metric}pid=5 tree=0 {meta}\nMEM 8.0 {self.at(0)}\n"
                f"PATH 1 {self.script}\nPATH 2 {NUMPY}\nFRAME 1 0 1 9 <module>\nFRAME 2 1 1 5 work\nFRAME 3 1 1 6 work\n"
                "FRAME 4 3 2 49 _sum\n")

    def body(self):
        return (self.grow(8, 0.1, 8, 0) + self.grow(100, 1, 108, 2) + self.grow(60, 2.41, 168, 4) + self.grow(-60, 2.5, 108, 3))

    def report(self, *words, content=None, status=0, file="a.dat"):
        self.write(file, content if content is not None else self.head() + self.body())
        return self.mprof("report", *words, file, status=status)

    def loaded(self, *words, **kw):
        return json.loads(self.report("--json", *words, **kw).stdout)

    def section(self, text, title):
        """The rows under a title, up to the next empty line."""
        return next(part for part in text.split("\n\n") if part.startswith(title)).splitlines()[1:]

    def test_the_sentence_comes_first(self):
        done = self.report()
        self.assertEqual(done.stdout.splitlines()[0], "peak 168.0 MiB at 2.41 s in work, train.py:6, inside numpy _sum")
        self.assertEqual(done.stderr, "")

    def test_growth_is_charged_twice(self):
        text = self.report().stdout
        yours = self.section(text, "Growth by your own code")
        self.assertRegex(yours[1], r"^ +\+100\.0 +100\.0 +60% +1  train\.py:5 work +\| rows = \[bytes\(n\)\]  # rows$")
        self.assertRegex(yours[2], r"^ +\+0\.0 +60\.0 +36% +2  train\.py:6 work +\| return numpy\.sum\(rows\)$")
        self.assertRegex(yours[3], r"^ +\+8\.0 +8\.0 +5% +1  \(no known line\)$")
        inner = self.section(text, "Growth by the innermost code")
        self.assertRegex(inner[2], r"^ +\+60\.0 +60\.0 +36% +1  numpy/core/_methods\.py:49 _sum( +\| .*)?$")

    def test_alive_at_the_peak(self):
        alive = self.section(self.report().stdout, "Alive at the peak")
        self.assertRegex(alive[1], r"^ +100\.0 +60%  train\.py:5 work ")
        self.assertRegex(alive[2], r"^ +60\.0 +36%  train\.py:6 work ")
        self.assertRegex(alive[3], r"^ +8\.0 +5%  \(no known line\)$")

    def test_what_was_released_elsewhere_is_named(self):
        content = self.head() + self.grow(100, 1, 100, 2) + self.grow(-50, 2, 50, 3) + self.grow(90, 3, 140, 2)
        alive = self.section(self.report(content=content).stdout, "Alive at the peak")
        self.assertRegex(alive[-1], r"^ +-50\.0 +released where something else had grown$")

    def test_who_held_it_is_not_told_where_most_was_released_elsewhere(self):
        content = self.head() + "".join(self.grow(100, i, 100, 2) + self.grow(-100, i + 0.5, 0, 3) for i in range(1, 5)) + self.grow(110, 6, 110, 2)
        done = self.report(content=content)
        self.assertNotIn("Alive at the peak", done.stdout)
        self.assertIn("Who held it at the peak is not to be told by growth: 400.0 MiB were released", done.stdout)
        self.assertIn("mprof-c run --heap", done.stdout)
        told = self.loaded(content=content)
        self.assertEqual(told["yours_astray_mib"], 400)

    def test_phases(self):
        rows = self.section(self.report().stdout, "Phases")
        self.assertEqual([" ".join(row.split()) for row in rows[1:]], [
            "0.10 1.00 +108.0 108.0 108.0 +100.0 train.py:5 work",  # 8 MiB are too small to stand alone
            "1.00 2.41 +0.0 108.0 108.0 nothing moved",
            "2.41 2.41 +60.0 168.0 168.0 +60.0 train.py:6 work",
            "2.41 2.50 -60.0 108.0 108.0 -60.0 train.py:6 work"])

    def test_rows_beyond_the_top_are_counted(self):
        text = self.report("--top", "1").stdout
        yours = self.section(text, "Growth by your own code")
        self.assertEqual(len(yours), 3)
        self.assertEqual(yours[2].strip(), "… and 2 more")
        self.assertRegex(self.section(text, "Alive at the peak")[2], r"^ +68\.0 +40%  all others$")

    def test_what_released_most_is_shown_wherever_it_stands(self):
        frames = "".join(f"FRAME {5 + i} 1 1 {20 + i} f{i}\n" for i in range(14))
        body = "".join(self.grow(50 - i, 1 + i / 10, 100 + i, 5 + i) for i in range(11))
        body += self.grow(-300, 3, 50, 16) + self.grow(-20, 3.1, 30, 17) + self.grow(5, 3.2, 35, 18)
        for words, shown, hidden in ((("--top", "1"), 2, 12), (("--top", "3"), 3, 11), ((), 10, 4),
                                     (("--top", "13"), 13, 1), (("--top", "14"), 14, 0)):
            rows = self.section(self.report(*words, content=self.head() + frames + body).stdout, "Growth by your own code")[1:]
            names = [row.split()[4] for row in rows if "more" not in row]
            self.assertEqual((names[0], "train.py:31" in names[-2:]), ("train.py:20", True))
            self.assertEqual(len(names), shown)
            self.assertEqual(rows[-1].strip() == f"… and {hidden} more", hidden > 0, rows)
            yours = self.loaded(*words, content=self.head() + frames + body)["yours"]
            self.assertEqual([row["name"].split()[0] for row in yours], names)

    def test_where_nothing_was_released_nothing_is_added(self):
        rows = self.section(self.report("--top", "1", content=self.head() + self.grow(9, 1, 9, 2) + self.grow(8, 2, 17, 3)).stdout,
                            "Growth by your own code")
        self.assertEqual([len(rows), rows[2].strip()], [3, "… and 1 more"])

    def test_what_a_package_made_by_exec_is_charged_to_its_caller(self):
        made = "PATH 3 <string>\nFRAME 5 3 3 2 __init__\nFRAME 6 4 3 1 <module>\n"
        text = self.report(content=self.head() + made + self.grow(30, 1, 30, 5) + self.grow(20, 2, 50, 6)).stdout
        yours = self.section(text, "Growth by your own code")
        self.assertEqual(len(yours), 2)
        self.assertIn(" 50.0  100%      2  train.py:6 work", yours[1])
        self.assertIn("<string>:2 __init__", self.section(text, "Growth by the innermost code")[1])

    def test_what_was_polled_is_marked(self):
        body = self.grow(80, 1, 80, 2) + self.grow(20, 1.1, 100, 3, how="polled") + self.grow(2, 1.2, 102, 3) + self.grow(8, 1.3, 110, 4, how="late")
        text = self.report(content=self.head() + body + self.grow(5, 1.4, 115, 0, how="")).stdout
        yours = self.section(text, "Growth by your own code")
        self.assertRegex(yours[1], r" train\.py:5 work +\| ")
        self.assertRegex(yours[2], r" \+30\.0 +30\.0 +26% +3  train\.py:6 work ~  \| ")
        self.assertRegex(yours[3], r" \(no known line\)$")
        known = text.split("\n\n")[-1]
        self.assertRegex(known, r"(?m)^  71%  by the very page faults$")
        self.assertRegex(known, r"(?m)^   7%  by the thread of a page fault")
        self.assertRegex(known, r"(?m)^  17%  by polling, an estimate \(~\)")
        rows = self.loaded(content=self.head() + body)
        self.assertEqual([row["how"] for row in rows["yours"]], ["fault", "polled"])
        self.assertEqual([row["how"] for row in rows["innermost"]], ["fault", "polled", "late"])
        self.assertNotIn("~", self.report(content=self.head() + self.body()).stdout)

    def test_a_thread_without_python_has_a_row_of_its_own(self):
        native = "PATH 3 /opt/app/libnat.so\nPATH 4 /usr/lib/x86_64-linux-gnu/libc.so.6\nFRAME 5 0 3 0 grow\nFRAME 6 5 4 0 malloc\n"
        body = self.grow(10, 1, 10, 2) + self.grow(100, 2, 110, 0, thread=77) + self.grow(30, 2.1, 140, 6, thread=78) + self.grow(3, 2.2, 143, 0)
        text = self.report(content=self.head() + native + body).stdout
        yours = self.section(text, "Growth by your own code")
        self.assertRegex(yours[1], r" \+100\.0 .*  thread 77, no Python$")
        self.assertRegex(yours[2], r" \+30\.0 .*  thread 78, no Python: inside libnat\.so grow$")
        self.assertRegex(yours[4], r" \+3\.0 .*  \(no known line\)$")
        self.assertIn("  inside libc.so.6 malloc\n", text.split("Growth by the innermost")[1])
        self.assertTrue(text.startswith("peak 143.0 MiB at 2.20 s in thread 77, no Python\n"), text)
        row = self.loaded(content=self.head() + native + body)["yours"][1]
        self.assertEqual((row["thread"], row["frame"]["file"], row["frame"]["function"]), (78, "/opt/app/libnat.so", "grow"))
        self.assertIn("inside libnat.so grow;inside libc.so.6 malloc 30720", self.report("--folded", "--by", "line", content=self.head() + native + body).stdout)

    def test_of_a_python_thread_only_the_line_is_not_known(self):
        body = self.grow(10, 1, 10, 2) + self.grow(9, 2, 19, 0, thread=77) + self.grow(30, 2.1, 49, 3, thread=77)
        rows = self.loaded(content=self.head() + body)
        self.assertEqual([row["name"] for row in rows["yours"]], ["train.py:6 work", "train.py:5 work", "(no known line)"])
        self.assertNotIn("77", str([row["name"] for row in rows["innermost"]]))

    def test_native_code_is_charged_as_python_is(self):
        paths = ["/home/me/foo.cc", "/usr/include/c++/12/bits/stl_map.h", "/usr/lib/x86_64-linux-gnu/libc.so.6"]
        head = f"CMDLINE ./foo\nMEM 8.0 {self.at(0)}\n" + "".join(f"PATH {n} {path}\n" for n, path in enumerate(paths, 1))
        head += "FRAME 1 0 1 30 main\nFRAME 2 1 1 12 Cache::fill(int)\nFRAME 3 2 2 501 std::map::insert\nFRAME 4 3 3 0 malloc\n"
        text = self.report(content=head + self.grow(64, 1, 64, 4, thread=9) + self.grow(8, 2, 72, 1)).stdout
        self.assertRegex(self.section(text, "Growth by your own code")[1], r" 64\.0 .*  foo\.cc:12 Cache::fill\(int\)$")
        self.assertRegex(self.section(text, "Growth by the innermost code")[1], r"  inside libc\.so\.6 malloc$")

    def test_a_line_that_waits_for_others_is_marked(self):
        pool = "PATH 3 <thread>\nPATH 4 /usr/lib/python3.11/threading.py\nFRAME 5 3 3 0 waits\nFRAME 6 5 4 1000 Thread._bootstrap\nFRAME 7 6 2 9 ones\n"
        body = self.grow(2, 1, 2, 3) + self.grow(90, 2, 92, 7, thread=77)
        text = self.report(content=self.head() + pool + body).stdout
        self.assertRegex(self.section(text, "Growth by your own code")[1], r" 92\.0 .*  train\.py:6 work, waits for it  \| ")
        self.assertTrue(text.startswith("peak 92.0 MiB at 2.00 s in work, train.py:6, which waits for numpy ones\n"), text)
        self.assertTrue(self.loaded(content=self.head() + pool + body)["yours"][0]["waits"])

    def test_what_children_inherited_and_copied_is_no_growth(self):
        body = self.grow(100, 1, 100, 2) + self.grow(90, 2, 90, 0, pid=6, thread=None, how="inherited")
        body += self.grow(40, 2.5, 90, 3, pid=6, how="copied") + self.grow(4, 3, 94, 3, pid=6)
        text = self.report(content=self.head() + body).stdout
        yours = self.section(text, "Growth by your own code, with what it called: 104.0 MiB in all")
        self.assertEqual(len(yours), 3)
        self.assertIn("Children held 90.0 MiB from their birth on, inherited: that is no growth.", text)
        self.assertRegex(self.section(text, "Copied after a fork, by writing to what was shared: 40.0 MiB")[1], r"^ +40\.0  train\.py:6 work  \| ")
        self.assertRegex(self.section(text, "Alive at the peak")[2], r"^ +90\.0 +46%  inherited by children at their birth$|train")
        report = self.loaded(content=self.head() + body)
        self.assertEqual((report["inherited_mib"], report["copied_mib"], report["copied"][0]["copied_mib"]), (90, 40, 40))
        self.assertEqual(report["peak"]["mib"], 194)

    def test_copies_at_a_loop_s_head_name_its_body(self):
        heads = ("for x in rows:  # looks", "async for x in rows:", "for x in rows: pass", "if rows:", "fore = rows[0:", "for x in '#':")
        for head, named in zip(heads, (True, True, False, False, False, False)):
            self.script.write_text(SOURCE.replace("rows = [bytes(n)]  # rows\n", head + "\n\n    # of all\n\t    use(x)\n"))
            os.utime(self.script, (time.time() - 100, time.time() - 100))
            body = self.grow(90, 2, 90, 3) + self.grow(40, 2.5, 90, 2, pid=6, how="copied")
            text = self.report(content=self.head() + body).stdout
            self.assertEqual("for the loop's body: train.py:8  | use(x)\n" in text, named, head + text)
            self.assertEqual("loop's body" in text, named, head)

    def test_what_is_ones_own_can_be_said(self):
        deep = "PATH 3 /usr/lib/python3/dist-packages/myapp/core.py\nFRAME 5 2 3 7 step\nFRAME 6 5 2 49 _sum\n"
        content = self.head() + deep + self.grow(60, 1, 60, 6)
        for words, place in (((), "train.py:5 work"), (("--own", "myapp"), "myapp/core.py:7 step"), (("--own", "*/myapp/core.py"), "myapp/core.py:7 step"),
                             (("--own", "/usr/lib/python3/dist-packages/my*"), "myapp/core.py:7 step"), (("--own=numpy", "--own=myapp"), "numpy/core/_methods.py:49 _sum"),
                             (("--own", "yap"), "train.py:5 work")):
            yours = self.section(self.report(*words, content=content).stdout, "Growth by your own code")
            self.assertIn("  " + place, yours[1], words)
        self.refuses("report", "--own", "", "a.dat", status=2, says="--own takes")

    def test_a_trifle_at_the_end_does_not_name_the_peak(self):
        rise = "".join(self.grow(4, 1 + i / 100, 4 + 4 * i, 2) for i in range(40))
        for last in (self.grow(0.5, 2, 160.5, 0), self.grow(0.5, 2, 160.5, 3), self.grow(0.5, 2, 160.5, 0, thread=9)):
            first = self.report(content=self.head() + rise + last).stdout.splitlines()[0]
            self.assertEqual(first, "peak 160.5 MiB at 2.00 s in work, train.py:5")
        dropped = rise + self.grow(-120, 2, 40, 2) + self.grow(130, 3, 170, 3) + self.grow(0.5, 3.5, 170.5, 0)
        self.assertEqual(self.report(content=self.head() + dropped).stdout.splitlines()[0], "peak 170.5 MiB at 3.50 s in work, train.py:6")
        forked = self.grow(100, 1, 100, 2) + "".join(self.grow(100, 2, 100, 0, pid=pid, how="inherited") + self.grow(1, 2.1, 101, 0, pid=pid) for pid in (6, 7, 8))
        self.assertIn("in work, train.py:5", self.report(content=self.head() + forked).stdout.splitlines()[0])
        self.assertIn("at no known line", self.report(content=self.head() + self.grow(2, 1, 2, 2) + self.grow(99, 2, 101, 0)).stdout.splitlines()[0])

    def test_a_larger_process_that_was_not_recorded_is_told_of(self):
        said = "A process that it waited for held 900.0 MiB: that is looked into with: mprof-c run -C"
        end = f"EXIT 0 {self.at(2.6)} 900.0 1 0\n"
        self.assertEqual(self.known(rest=end), [said])
        self.assertEqual(self.known(rest=end.replace("900.0", "170.0")), [])

    def test_where_no_python_was_seen_the_way_to_others_is_told(self):
        self.write("sh.dat", f"CMDLINE sh -c x\nMETA format=1 tool=mprof-c/1 metric=rss tree=0\nMEM 1.0 {self.at(0)}\n")
        self.refuses("report", "sh.dat", status=1, says="mprof-c run -C")
        self.write("sh.dat", f"CMDLINE sh -c x\nMETA format=1 tool=mprof-c/1 metric=rss tree=1\nMEM 1.0 {self.at(0)}\n")
        self.assertNotIn("-C", self.mprof("report", "sh.dat", status=1).stderr)

    def test_what_is_no_recording_is_said_to_be_none(self):
        for file, content, says in (("a.txt", "", "is no recording"), ("a.dat", "", "remove it with: mprof-c rm a.dat"),
                                    ("b.dat", b"\x00\xff" * 99, "is no recording"), ("c.dat", "one line", "is no recording"),
                                    ("d.dat", "CMDLINE x\n", "remove it with: mprof-c rm d.dat")):
            self.write(file, content)
            for command in ("report", "peak"):
                self.refuses(command, file, status=1, says=says)
        self.refuses("report", "/dev/null", status=1, says="/dev/null is no recording")
        self.refuses("peak", "", status=1, says="cannot find ''")

    def known(self, meta="", rest="", head=None):
        """The sentences under the text."""
        head = head or self.head("tool=mprof-c/1 interval=0.1 " + meta)
        rows = self.report(content=head + self.body() + rest).stdout.split("\n\n")[-1].splitlines()[1:]
        return [row for row in rows if not re.match(r" +\d+%  ", row)]

    def end(self, seconds=2.6, missed=0):
        return f"EXIT 0 {self.at(seconds)} 168.0 1 {missed}\n"

    def test_a_recording_that_says_all_has_nothing_to_add(self):
        self.assertEqual(self.known("unseen=0 hidden=0", self.end()), [])
        self.assertEqual(self.known(head=self.head()), [])  # another recorder's, which has never an end

    def test_a_recording_without_an_end_says_so(self):
        samples = "".join(f"MEM 20.0 {self.at(i / 10)}\n" for i in range(1, 31))
        self.assertEqual(self.known(rest=samples), [
            "The recording has no end: it still goes on, or the recorder was ended first; what came after 3.00 s is not known."])
        self.assertIs(self.loaded(content=self.head() + self.body())["ended"], False)

    def test_what_may_have_been_missed_is_said(self):
        self.assertEqual(self.known("unseen=unknown", self.end()), ["How many descendants came and went unseen is not known."])
        self.assertEqual(self.known("unseen=1", self.end()), ["At most 1 descendant came and went unseen."])
        self.assertEqual(self.known("unseen=12 hidden=2", self.end()), [
            "At most 12 descendants came and went unseen.",
            "2 processes might not be looked at: what they held is in no figure."])
        self.assertEqual(self.known("refused=3.16", self.end()), [
            "Python 3.16 cannot be looked into, so its lines are missing; the versions that can are 3.9 to 3.15."])
        self.assertIn("Python 3.8 cannot be looked into", self.known("python=3.8 where=unsupported", self.end())[0])
        for why, words in (("unknown", "does not tell its version"), ("permission", "could not be read from outside")):
            self.assertIn(words, self.known(f"refused={why}", self.end())[0])

    def test_a_gap_between_samples_is_said(self):
        def samples(*moments):
            return "".join(f"MEM 20.0 {self.at(i / 10)}\n" for i in moments)
        self.assertEqual(self.known(rest=samples(*range(1, 100)) + self.end(10)), [])
        self.assertEqual(self.known(rest=samples(*range(1, 95), 99) + self.end(10)), [])  # late, as happens
        self.assertEqual(self.known(rest=samples(*range(1, 20), *range(80, 100)) + self.end(10)), [
            "There are gaps: of the 100 samples that the interval asks for there are 40; what happened meanwhile is not in "
            "the curve."])
        self.assertEqual(self.known("metric=pss", samples(50, 99) + self.end(10)), [])  # at a pace of its own

    def test_json_tells_what_is_not_known(self):
        loaded = self.loaded(content=self.head("unseen=unknown hidden=3") + self.body() + self.end(missed=4))
        self.assertEqual([loaded[k] for k in ("ended", "missed_ticks", "unseen", "hidden")], [True, 4, None, 3])
        self.assertNotIn("unseen", self.loaded())

    def test_a_source_that_has_changed_is_not_shown(self):
        os.utime(self.script, (self.start + 10, self.start + 10))
        text = self.report().stdout
        self.assertIn("train.py:5 work\n", text)
        self.assertNotIn("| rows", text)

    def test_a_source_that_is_gone_or_no_file_is_not_shown(self):
        self.script.unlink()
        self.assertIn("train.py:5 work\n", self.report().stdout)
        os.mkfifo(self.script)  # to be opened, but not waited for
        self.assertIn("train.py:5 work\n", self.report().stdout)

    def test_a_source_cannot_move_the_cursor(self):
        self.script.write_text("\n" * 4 + "x = '\x1b[2J'\n")
        os.utime(self.script, (self.start - 100, self.start - 100))
        text = self.report().stdout
        self.assertIn(r"| x = '\x1b[2J'", text)
        self.assertNotIn("\x1b", text)

    def test_json_holds_what_the_text_does(self):
        report = self.loaded()
        self.assertEqual(report["command"], "train.py")
        self.assertEqual(report["peak"]["mib"], 168)
        self.assertAlmostEqual(report["peak"]["at_s"], 2.41)
        self.assertEqual(report["peak"]["yours"], {"file": str(self.script), "line": 6, "function": "work"})
        self.assertEqual([place["line"] for place in report["peak"]["stack"]], [49, 6, 9])
        row = report["yours"][0]
        self.assertEqual((row["net_mib"], row["grew_mib"], row["at_peak_mib"], row["steps"]), (100, 100, 100, 1))
        self.assertEqual(row["source"], "rows = [bytes(n)]  # rows")
        self.assertIsNone(report["yours"][2]["frame"])
        self.assertEqual(report["phases"][-1]["net_mib"], -60)
        self.assertEqual(report["phases"][-1]["lines"][0]["at"]["line"], 6)

    def test_json_of_threads(self):
        rows = self.loaded("--by", "thread", content=self.head() + self.grow(5, 1, 5, 2) + self.grow(7, 2, 12, 2, thread=9))["innermost"]
        self.assertEqual([(row["pid"], row["thread"], row["grew_mib"]) for row in rows], [(5, 9, 7), (5, 5, 5)])

    def test_json_of_names_that_are_none(self):
        content = (self.head().encode() + b'PATH 3 /x/\xff"\\\x01.py\nFRAME 5 0 3 1 f"\xe9\n' +
                   self.grow(50, 1, 50, 5).encode())
        row = self.loaded(content=content)["yours"][0]
        self.assertEqual(row["frame"]["file"], "/x/\ufffd\"\\\x01.py")
        self.assertEqual(row["frame"]["function"], "f\"\ufffd")

    def test_folded_stacks(self):
        lines = self.report("--folded").stdout.splitlines()
        self.assertIn("<module> (train.py:9);work (train.py:6);_sum (numpy/core/_methods.py:49) 61440", lines)
        self.assertIn("(no known line) 8192", lines)
        lines = self.report("--folded", "--by", "function").stdout.splitlines()
        self.assertIn("train.py <module>;train.py work;numpy/core/_methods.py _sum 61440", lines)

    def test_a_semicolon_in_a_name_parts_nothing(self):
        content = self.head() + "FRAME 5 0 1 1 a;b\n" + self.grow(1, 1, 1, 5)
        self.assertEqual(self.report("--folded", content=content).stdout, "a:b (train.py:1) 1024\n")

    def test_the_exact_report_of_lines_follows(self):
        line = f"LINE {self.script}:5 work 10.0 2.0 12.0 3 5\n"
        text = self.report(content=self.head() + self.body() + line).stdout
        self.assertIn("Filename: ", text)
        self.assertLess(text.index("Phases"), text.index("Filename: "))
        report = self.loaded(content=self.head() + self.body() + line)
        self.assertEqual(report["exact_lines"][0]["lines"][0]["occurrences"], 3)

    def test_the_exact_report_of_lines_stands_alone(self):
        line = f"LINE {self.script}:5 work 10.0 2.0 12.0 3 5\n"
        self.assertRegex(self.report(content=self.head("") + line).stdout, r"\AFilename: ")
        report = self.loaded(content=self.head("") + line)
        self.assertNotIn("peak", report)
        self.assertEqual(report["exact_lines"][0]["function"], "work")
        done = self.report("--folded", content=self.head("") + line, status=1)
        self.assertIn("no growth of Python lines", done.stderr)

    def test_where_there_is_none_it_is_told_why(self):
        for meta, words in (("", "no Python was recorded"), ("python=3.8 where=unsupported", "Python 3.8 cannot be looked into"),
                            ("where=permission", "could not be read"), ("where=unsupported", "does not tell its version"),
                            ("python=3.14 where=free-threaded", "Python 3.14 without a global lock"),
                            ("python=3.12 where=stacks", "no change was seen")):
            done = self.report(content=self.head(meta), status=1)
            self.assertEqual(done.stdout, "")
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_recording_of_memory_profiler_has_none(self):
        self.assertIn("no growth", self.mprof("report", lab.COMPAT / "func.dat", status=1).stderr)

    def test_a_cut_recording_is_reported_up_to_there(self):
        whole = self.head() + self.body()
        text = self.report(content=whole[:-20]).stdout
        self.assertEqual(text.splitlines()[0], "peak 168.0 MiB at 2.41 s in work, train.py:6, inside numpy _sum")

    def test_the_last_run_is_the_one_reported(self):
        done = self.report(content=self.head() + self.body() + self.head() + self.grow(30, 5, 30, 2))
        self.assertTrue(done.stdout.startswith("peak 30.0 MiB"))
        self.assertIn("several runs", done.stderr)

    def test_the_newest_an_index_and_standard_input(self):
        text = self.report(file="mprofile_20260101000000.dat").stdout
        self.assertEqual(self.mprof("report", status=0).stdout, text)
        self.assertEqual(self.mprof("report", "--top", "10", "0", status=0).stdout, text)
        self.assertEqual(self.mprof("report", "-", input=self.head() + self.body(), status=0).stdout, text)

    def test_a_compressed_one(self):
        text = self.report("--by", "function", "--top", "2").stdout
        (self.folder / "b.dat.gz").write_bytes(gzip.compress((self.head() + self.body()).encode()))
        self.assertEqual(self.mprof("report", "--by", "function", "--top", "2", "b.dat.gz", status=0).stdout, text)

    def test_into_a_file(self):
        for options in ([], ["--json"], ["--by", "thread"]):
            with self.subTest(options):
                printed = self.report(*options).stdout
                for _ in range(2):  # its own may be replaced
                    done = self.mprof("report", "a.dat", *options, "-o", "out", status=0)
                    self.assertEqual((done.stdout, done.stderr), ("", ""))
                    self.assertEqual((self.folder / "out").read_text(), printed)
        self.assertEqual(self.mprof("report", "a.dat", "-o", "-", status=0).stdout, self.report().stdout)

    def test_a_file_of_the_users_stays(self):
        self.report()
        kept = {"notes.txt": "peak season\n", "b.json": "{}\n", "b.dat": self.head(), "a.dat.gz": gzip.compress(self.body().encode())}
        for name, content in kept.items():
            path = self.write(name, content)
            before = path.read_bytes()
            self.refuses("report", "a.dat", "-o", name, status=1, says="stays as it is")
            self.assertEqual(path.read_bytes(), before)
        self.refuses("report", "a.dat", "-o", "a.dat", says="itself to be read")
        self.refuses("report", "a.dat", "--folded", "-o", "out", says="standard output")
        self.refuses("report", "a.dat", "-o", "nowhere/out", status=1, says="cannot write nowhere/out")

    def test_what_comes_to_nothing_leaves_the_file(self):
        self.report()
        self.mprof("report", "a.dat", "-o", "out", status=0)
        before = (self.folder / "out").read_bytes()
        self.write("none.dat", "CMDLINE a\nMEM 1.0 1700000000.0\n")
        self.refuses("report", "none.dat", "-o", "out", status=1, says="no growth of Python lines")
        self.refuses("report", "none.dat", "-o", "new", status=1, says="no growth of Python lines")
        self.assertEqual((self.folder / "out").read_bytes(), before)
        self.assertFalse((self.folder / "new").exists())
        done = self.mprof("report", "a.dat", "-o", "/dev/full")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write /dev/full: No space left", done.stderr)

    def test_a_full_disk_is_a_fault(self):
        self.report()
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        with open("/dev/full", "w") as full:
            self.assertIn("No space left", self.mprof("report", "a.dat", stdout=full, status=1).stderr)

    def test_words_that_make_no_sense(self):
        self.report()
        self.refuses("report", "--by", "colour", "a.dat", says="--by takes line, function")
        self.refuses("report", "--top", "0", "a.dat", says="--top takes")
        self.refuses("report", "--json", "--folded", "a.dat", says="exclude each other")
        self.refuses("report", "--folded", "--by", "thread", "a.dat", says="cannot be by thread")
        self.refuses("report", "a.dat", "a.dat", says="one recording")
        self.refuses("report", "b.dat", status=1, says="b.dat")


if __name__ == "__main__":
    lab.main()
