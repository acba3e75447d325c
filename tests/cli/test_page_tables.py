"""What stands around a page's picture: figures, tables, source; read as a browser without scripts reads it."""
import json
import os
import re
import sys
import unittest
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made


class Reader(HTMLParser):
    """Tables by their captions, each row a list of texts; the items of lists; what is folded away, by its summary."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.items, self.folded, self.text = {}, [], [], ""
        self.rows, self.open, self.inside = None, None, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside.append(tag) if tag in ("script", "style") else None
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("caption", "td", "th", "li", "summary"):
            self.open = ""

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.inside.pop()
        elif tag == "table":
            self.tables[self.caption] = self.rows
            self.rows = None
        elif tag == "caption":
            self.caption = self.open
        elif tag in ("td", "th"):
            self.rows[-1].append(self.open.rstrip())
        elif tag == "li":
            self.items.append(self.open)
        elif tag == "summary":
            self.folded.append(self.open)

    def handle_data(self, data):
        if self.inside:
            return
        self.text += data
        if self.open is not None:
            self.open += data

    def table(self, words):
        found = [rows for caption, rows in self.tables.items() if words in caption]
        assert len(found) == 1, (words, list(self.tables))
        return found[0]


class Pages(lab.Lab):
    def read(self, text, *words):
        self.write("a.dat", text)
        self.mprof("plot", "a.dat", "-o", "a.html", *words, status=0)
        return Reader((self.folder / "a.html").read_text())


class Tables(Pages):
    def test_it_begins_with_figures_and_how_they_are_known(self):
        items = self.read(made.killed()).items
        self.assertLessEqual(len(items), 6)
        self.assertIn("511.0 MiB peak RSS exact", items)
        self.assertIn("512.0 MiB allowed; the peak is 100 % of it as it was set", items)
        self.assertIn("505.0 MiB in the last sample sampled", items)
        items = self.read(made.card()).items
        self.assertIn("59.08 GiB peak VRAM, GPU 0 sampled", items)
        self.assertIn("1.86 GiB peak RSS at least", items)
        items = self.read(made.families()).items
        self.assertIn("925.0 MiB peak RSS, with children sampled", items)
        self.assertIn("30.0 MiB in the last sample, without children sampled", items)
        items = self.read(made.heap()).items
        self.assertTrue(any("live in the heap at the end an estimate" in i for i in items), items)

    def test_a_child_that_was_never_sampled_has_no_figure(self):
        self.assertEqual(self.read(made.heap()).table("Children")[1][0], "not sampled")

    def test_a_recording_that_was_cut_is_at_least_as_long(self):
        items = self.read(made.killed().split("META killed")[0]).items
        self.assertIn("3.90 s recorded; its end is not at least", items)

    def test_the_command_stands_there_under_another_title(self):
        page = self.read(made.killed(), "-t", "last night")
        self.assertIn("last night", page.text)
        self.assertIn("./train.py --batch 4096", page.text)

    def test_the_bill_of_a_card_adds_up(self):
        rows = self.read(made.card()).table("GPU 0 had no memory left at 60.0 s: process 42 wanted 30.00 GiB")
        self.assertEqual(rows[0], ["MiB", "of the card", "what", "that is", "how it is known"])
        self.assertEqual([r[2] for r in rows[1:]],
                         ["weights", "gradients", "optimizer's state", "buffers", "activations, batches", "reserved, not in use", "context, libraries",
                          "other processes", "not told", "free", "all of the card", "wanted beside that"])
        self.assertEqual(sum(float(r[0]) for r in rows[1:] if r[1]), 81559.0)
        by = {r[2]: r for r in rows[1:]}
        self.assertEqual((by["all of the card"][0], by["wanted beside that"][0]), ("81559.0", "30720.0"))
        self.assertEqual(by["weights"][4], "exact: object by object")
        self.assertEqual(by["other processes"][3], "77 python3: 2.34 GiB")

    def test_the_bill_of_a_card_is_the_reports(self):
        rows = self.read(made.card()).table("GPU 0 had no memory left")[1:]
        bill = json.loads(self.mprof("report", "--json", "a.dat", status=0).stdout)["cards"][0]["bill"]
        text = self.mprof("report", "a.dat", status=0).stdout
        shown = [(r[2], r[0]) for r in rows if r[1]]
        self.assertEqual([float(mib) for _, mib in shown], [mib for mib in bill["rows"].values() if mib])
        for name, mib in shown:
            self.assertRegex(text, rf"(?m)^ *{re.escape(name)} +{re.escape(mib)}$")

    def test_a_failure_between_two_samples_tells_a_higher_peak(self):
        quick = made.card().replace("GPU 0 60500", "GPU 0 54000")
        self.assertIn("59.08 GiB peak VRAM, GPU 0 told as it failed", self.read(quick).items)
        self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
        self.assertIn("peak 59.08 GiB of 79.65 GiB, as it failed", Path(self.folder, "a.svg").read_text())
        self.assertRegex(self.mprof("peak", "a.dat", status=0).stdout, r"(?m)^  GPU 0: as it failed +60500\.000 MiB  of one process, at least: ")
        for text in (made.card(), quick.replace("OWED 42 0 total 81559", "OWED 42 0 total 20000"), quick.replace("outside 500.000000", "outside ?")):
            self.write("a.dat", text)
            self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
            self.assertNotIn("as it failed", Path(self.folder, "a.svg").read_text() + self.mprof("peak", "a.dat", status=0).stdout)

    def test_what_of_a_bill_is_not_known_is_said(self):
        text = made.card().replace("weights 10000.000000 -", "weights 10000.000000 at least").replace(
            "outside 500.000000 -", "outside ? -").replace("OWED 42 0 rest", "OWED 42 0 neighbour ? 78 java\nOWED 42 0 rest")
        rows = self.read(text).table("GPU 0 had no memory left")
        by = {r[2]: r for r in rows}
        self.assertEqual((by["weights"][4], by["activations, batches"][4]), ("at least", "at most"))
        self.assertEqual((by["context, libraries"][0], by["context, libraries"][4]), ("not told", "unknown"))
        self.assertEqual((by["other processes"][3], by["other processes"][4]), ("77 python3: 2.34 GiB, 78 java: not told", "at least"))
        self.assertEqual(sum(float(r[0]) for r in rows[1:] if r[1]), 81559.0)
        self.assertEqual(by["not told"][0], "600.0")

    def test_what_a_card_allows_and_that_nobody_looked_is_said(self):
        text = "".join(line + "\n" for line in made.card().replace("OWED 42 0 free", "OWED 42 0 allowed 60000.000000 -\nOWED 42 0 free").splitlines()
                       if not re.match("OWED 42 0 (weights|gradients|optimizer|buffers|activations|unused|outside|rest) ", line))
        rows = self.read(text).table("GPU 0 had no memory left")
        self.assertEqual([r[:1] + r[2:3] for r in rows[1:]],
                         [["59000.0", "in use, undivided"], ["1000.0", "reserved, not in use"], ["2400.0", "other processes"], ["600.0", "not told"],
                          ["18559.0", "free"], ["81559.0", "all of the card"], ["60000.0", "allowed of it"], ["30720.0", "wanted beside that"]])

    def test_calls(self):
        rows = self.read(made.killed()).table("Calls")
        self.assertEqual(rows[1], ["1", "0.800", "30.0", "load"])
        self.assertIn(["0", "", "", "train and 1 never seen to end"], rows)

    def test_the_picture_is_told_in_figures(self):
        page = self.read(made.families())
        self.assertIn("The picture in figures", page.folded)
        rows = self.read(made.killed()).table("Of each interval")
        self.assertEqual(rows[0], ["from s", "to s", "RSS, lowest MiB", "RSS, highest MiB"])
        self.assertEqual(len(rows), 25)
        held = [min(30 + i * i // 3, 505) for i in range(40)]
        for first, last, low, high in rows[1:]:
            inside = [v for i, v in enumerate(held) if float(first) - 0.005 <= i * 0.1 <= float(last) + 0.005]
            if low:
                self.assertIn(float(low), inside)
                self.assertIn(float(high), inside)
        self.assertEqual(max(float(r[3]) for r in rows[1:] if r[3]), 505.0)

    def test_rows_that_are_left_out_are_counted_where_no_sorting_moves_them(self):
        lines = [f"CHLD {200 + k} {k + 1}.000000 {made.moment(0.1)}" for k in range(130)]
        text = made.text(made.head("./many", children=1), made.memory([5] * 3, 0.1), lines)
        self.read(text)
        page = (self.folder / "a.html").read_text()
        self.assertRegex(page, r"<tfoot><tr><td colspan=\"5\">… and 30 more</td></tr></tfoot>")


class Beside(Pages):
    def test_several_recordings_stand_beside_each_other(self):
        self.write("a.dat", made.killed())
        self.write("b.dat", made.card())
        self.mprof("plot", "a.dat", "b.dat", "-o", "ab.html", status=0)
        page = Reader((self.folder / "ab.html").read_text())
        rows = page.table("Beside each other")
        self.assertEqual([r[0] for r in rows], ["recording", "a.dat", "b.dat"])
        self.assertEqual(rows[1][1:4], ["511.0", "exact", "4.00"])
        self.assertIn("killed: out of memory", rows[1][5])
        self.assertEqual(rows[2][1:4], ["1900.0", "at least", "60.40"])
        self.assertEqual(len(page.table("Calls")), 4)


class Source(Pages):
    """Lines of a file that is as old as it must be, with what grew at some of them."""

    def setUp(self):
        super().setUp()
        self.lines = [f"line_{i} = {i}" for i in range(1, 101)]

    def source(self, age=1600000000):
        path = self.write("own.py", "\n".join(self.lines) + "\n")
        os.utime(path, (age, age))

    def recording(self, grown, held=(), how=""):
        path = self.folder / "own.py"
        frames = [f"PATH 1 {path}"] + [f"FRAME {i} 0 1 {line} work" for i, line in enumerate([*grown, *held], 1)]
        steps = [f"GROW {mib}.000000 {made.moment(0.1)} {mib}.000000 100 100 {i}{how}" for i, mib in enumerate(dict(grown).values(), 1)]
        heap = [f"HEAP 100 {i} {mib}.000000 0.000000 4 4.000000 {made.moment(0.1)}" for i, mib in enumerate(dict(held).values(), 1 + len(grown))]
        return made.text(made.head("python own.py", heap=262144), frames, made.memory([5] * 3, 0.1), steps, heap,
                         [f"EXIT 0 {made.moment(1)} 900.000000 3 0"])

    def rows(self):
        return self.page.table(str(self.folder / "own.py"))

    def test_the_lines_that_grew_stand_among_those_around_them(self):
        self.lines[9] = "\tleft <b>&amp; \x07 ☃"
        self.source()
        self.page = self.read(self.recording({10: 8, 12: 4, 60: 2}, how=" fault"))
        rows = self.rows()
        self.assertEqual(rows[0], ["line", "grew MiB", "source"])
        self.assertEqual([int(r[0]) for r in rows[1:]], [*range(7, 16), *range(57, 64)])
        by = {r[0]: r[1:] for r in rows[1:]}
        self.assertEqual(by["10"], ["8.0", "        left <b>&amp; \ufffd ☃"])
        self.assertEqual(by["11"], ["", "line_11 = 11"])
        self.assertEqual(by["60"], ["2.0", "line_60 = 60"])
        self.assertIn("own.py: grew 14.0 MiB, 3 lines, not changed since the recording began", self.page.folded)
        page = (self.folder / "a.html").read_text()
        self.assertEqual(page.count('<tr class="heat4">'), 1)
        self.assertEqual(page.count('<tr class="heat0 gap">'), 1)

    def test_who_holds_it_stands_beside_it_with_its_error(self):
        self.source()
        self.page = self.read(self.recording({10: 8}, {10: 3, 11: 6}))
        rows = self.rows()
        self.assertEqual(rows[0], ["line", "grew MiB", "held at the end, MiB", "source"])
        by = {r[0]: r[1:] for r in rows[1:]}
        self.assertEqual(by["10"][:2], ["8.0 ~", "3.0 ± 4.0"])
        self.assertEqual(by["11"][:2], ["", "6.0 ± 4.0"])

    def test_what_has_changed_or_gone_is_not_shown(self):
        self.source(age=1900000000)
        self.page = self.read(self.recording({10: 8, 60: 2}))
        self.assertEqual([r[:2] for r in self.rows()[1:]], [["10", "8.0 ~"], ["60", "2.0 ~"]])
        self.assertNotIn("line_10", self.page.text)
        self.assertIn("changed since the recording began", self.page.folded[-1])
        (self.folder / "own.py").unlink()
        self.page = self.read(self.recording({10: 8}))
        self.assertIn("not there any more, or not here", self.page.folded[-1])
        self.assertEqual(len(self.rows()), 2)

    def test_what_others_may_not_read_is_not_shown(self):
        self.source()
        (self.folder / "own.py").chmod(0o600)
        text = self.recording({10: 8}).replace("META ", "META uid=65534 ", 1)
        self.page = self.read(text)
        self.assertNotIn("line_10", self.page.text)
        self.assertIn("not to be shown", self.page.folded[-1])

    def test_a_long_file_is_bounded(self):
        self.lines = ["x" * 5000 for _ in range(20000)]
        self.source()
        self.page = self.read(self.recording({i * 100: i for i in range(1, 100)}))
        rows = self.rows()
        self.assertEqual(len([r for r in rows[1:-1] if r[1]]), 40)
        self.assertEqual(rows[-1], ["… and 59 more"])
        self.assertLess((self.folder / "a.html").stat().st_size, 400000)

    def test_a_line_behind_the_end_is_a_figure_alone(self):
        self.source()
        self.page = self.read(self.recording({99: 1, 4000: 8}))
        self.assertEqual(self.rows()[-1], ["4000", "8.0 ~", ""])


if __name__ == "__main__":
    lab.main()
