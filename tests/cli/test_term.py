"""The picture in characters, against tests/golden/term-*.txt.

Renew the goldens after an intended change, look at them, and commit them:
    MPROF_RENEW=1 MPROF_BUILD=build python3 tests/cli/test_term.py
"""
import os
import re
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import fleet_made
import made

GOLDEN = lab.ROOT / "tests" / "golden"
START = 1700000000


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def saw(n, period, low, high):
    """A sawtooth in whole steps, so that every machine computes the same."""
    return [low + (high - low) * (i % period) // (period - 1) for i in range(n)]


def recording(samples, step_ms, command, extra=()):
    lines = [f"CMDLINE {command}"]
    for i, mib in enumerate(samples):
        ms = i * step_ms
        lines.append(f"MEM {mib:.6f} {START + ms // 1000}.{ms % 1000:03d}0")
    return "\n".join([*lines, *extra, ""])


class Term(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["TZ"] = "UTC"

    def drawn(self, *args, size="80x24", env=None):
        text = self.mprof("plot", "-b", "term", "--size", size, *args, status=0, env=env).stdout
        columns, rows = map(int, size.split("x"))
        lines = text.split("\n")
        self.assertEqual(lines.pop(), "")
        self.assertLessEqual(len(lines), rows)
        for line in lines:
            self.assertLessEqual(width(line), columns, line)
            self.assertEqual(line, line.rstrip())
        return text

    def golden(self, name, *args, **kw):
        text, path = self.drawn(*args, **kw), GOLDEN / f"term-{name}.txt"
        if os.environ.get("MPROF_RENEW"):
            path.write_text(text)
        self.assertEqual(text, path.read_text())


class Golden(Term):
    def test_functions(self):
        self.golden("functions", lab.COMPAT / "func.dat")

    def test_ascii(self):
        self.golden("ascii", "--ascii", lab.COMPAT / "func.dat")

    def test_flame(self):
        self.golden("flame", "--flame", lab.COMPAT / "nested.dat")

    def test_children(self):
        self.golden("children", lab.COMPAT / "multiprocess.dat")

    def test_children_ascii(self):
        self.golden("children-ascii", "--ascii", lab.COMPAT / "multiprocess.dat")

    def test_several(self):
        for n in range(3):
            self.write(f"{n}.dat", recording(saw(100 + 20 * n, 30 + n, 20 + 50 * n, 100 + 60 * n), 1000, "./train.py"))
        self.golden("several", "0.dat", "1.dat", "2.dat")

    def test_many(self):
        fleet_made.write(self.folder / "many", 24, n=60, leaking=17, early=5, limit=8192)
        self.golden("many", "many", size="90x28")
        self.golden("many-small", "many", size="50x14")
        self.golden("heatmap", "--heatmap", "many", size="90x28")
        self.golden("heatmap-ascii", "--heatmap", "--ascii", "--sort", "peak", "many")

    def test_dense(self):
        samples = [2000 + 20 * a + b + (900 if i == 70000 else 0)
                   for i, (a, b) in enumerate(zip(saw(100000, 20000, 0, 80), saw(100000, 97, 0, 300)))]
        self.write("a.dat", recording(samples, 200, "./serve --port 8080 --model '한국어 모델' --data /home/user/"
                                      "images/of/cats --seed 12345"))
        self.golden("dense", "a.dat")
        self.golden("dense-slope-ascii", "--slope", "--ascii", "a.dat")

    def test_window(self):
        self.write("a.dat", recording(saw(100, 40, 20, 400), 1000, "./train.py"))
        self.golden("window", "-w", "30.5,50", "a.dat")

    def test_small(self):
        self.golden("small", lab.COMPAT / "func.dat", size="30x10")
        self.golden("smallest", lab.COMPAT / "func.dat", size="16x4")

    def test_rows_of_the_legend_that_find_no_room_are_counted(self):
        self.write("a.dat", made.card())
        self.assertRegex(self.drawn("a.dat"), r"others +4\.00 GiB\n   4 more\n$")

    def test_wide(self):
        self.golden("wide", lab.COMPAT / "nested.dat", size="140x30")

    def made(self, name, *args, **kw):
        self.write("a.dat", made.ALL[name]())
        self.golden(name, "a.dat", *args, **kw)

    def test_exact(self):
        self.made("exact")

    def test_heap(self):
        self.made("heap", "--heap")
        self.golden("heap-ascii", "a.dat", "--heap", "--ascii")

    def test_beyond(self):
        self.made("beyond", "--ascii")

    def test_killed(self):
        self.made("killed")

    def test_gpu(self):
        self.made("gpu")
        self.made("gpu-alike", "--ascii")

    def test_metrics(self):
        self.made("metrics")

    def test_families(self):
        self.made("families")

    def test_gaps(self):
        self.made("gaps")

    def test_growth(self):
        self.made("growth")
        self.golden("growth-flame", "a.dat", "--flame", size="100x30")

    def test_one_sample(self):
        self.write("a.dat", recording([42], 100, "true"))
        self.golden("one", "a.dat", size="40x10")


class Surroundings(Term):
    def test_locale_without_unicode_is_ascii(self):
        text = self.drawn(lab.COMPAT / "func.dat", env={"LC_ALL": "C"})
        self.assertTrue(text.isascii())
        self.assertEqual(text, self.drawn("--ascii", lab.COMPAT / "func.dat"))

    def test_a_terminal_is_filled_in_colour(self):
        text = self.in_terminal("plot", lab.COMPAT / "func.dat", columns=61, rows=20)
        self.assertIn("\x1b[", text)
        lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
        self.assertEqual(len(lines), 19)  # the prompt needs one
        self.assertLessEqual(max(map(width, lines)), 61)
        self.assertGreaterEqual(max(map(width, lines)), 60)

    def test_columns_wins_over_the_terminal(self):
        text = self.in_terminal("plot", lab.COMPAT / "func.dat", columns=100, rows=30, env={"COLUMNS": "50"})
        self.assertLessEqual(max(map(width, re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())), 50)

    def test_true_colour_where_the_terminal_says_so(self):
        plain = self.in_terminal("plot", lab.COMPAT / "func.dat")
        true = self.in_terminal("plot", lab.COMPAT / "func.dat", env={"COLORTERM": "truecolor"})
        self.assertTrue("38;5;" in plain and "38;2;" not in plain)
        self.assertTrue("38;2;" in true and "38;5;" not in true)

    def test_no_colour_when_not_wanted(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\x1b", self.in_terminal("plot", lab.COMPAT / "func.dat", env=env))

    def test_a_pipe_gets_no_colour(self):
        self.assertNotIn("\x1b", self.drawn(lab.COMPAT / "func.dat"))


class Hostile(Term):
    def test_names_cannot_steer_the_terminal(self):
        steer = "\x1b]0;mine\x07\x1b[2J\x9b31m\u202e"
        extra = [f"FUNC {steer} 10.0 {START}.1 20.0 {START}.9 0", f"PROC 7 1 {START}.1 {steer}",
                 f"CHLD 7 12.0 {START}.2", f"CHLD 7 12.0 {START}.4"]
        self.write("a.dat", recording([10, 20, 30, 20], 300, steer, extra))
        for options in ((), ("--ascii",), ("--flame",), ("-t", steer)):
            text = self.drawn("a.dat", *options)
            self.assertFalse([c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"], repr(text))

    def test_every_size(self):
        many = [f"CHLD {100 + c} {c + 1}.5 {START + i}.1" for i in range(5) for c in range(30)]
        calls = [f"FUNC f{i % 9} 1.0 {START + i / 10:.2f} 2.0 {START + i / 10 + 0.3:.2f} {i % 5}" for i in range(40)]
        self.write("a.dat", recording([10, 400, 30, 20, 10], 1000, "가" * 300, many + calls))
        for columns in (16, 17, 23, 40, 99):
            for rows in (4, 5, 6, 8, 11, 40):
                self.drawn("a.dat", "--flame", size=f"{columns}x{rows}")
                self.drawn("a.dat", "--ascii", "--slope", size=f"{columns}x{rows}")


if __name__ == "__main__":
    lab.main()
