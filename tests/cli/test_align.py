"""plot --align: several recordings over each other by their start, by the clock, or at a mark."""
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made
from test_page import decode


class Align(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["TZ"] = "UTC"
        self.held = {}
        for name, start, n, mark in (("a", 0, 100, 20), ("b", 30, 120, 55), ("c", 4, 60, 10)):
            self.record(name, start, n, mark)

    def record(self, name, start, n, mark, label="epoch 1"):
        held = self.held[name] = [20 + i * 2 + ord(name) for i in range(n)]
        lines = [f"MEM {v:.6f} {made.moment(start + i * 0.1)}" for i, v in enumerate(held)]
        marks = [f"MARK {held[k]:.6f} {made.moment(start + k * 0.1)} {label}" for k in (mark, mark + 5)]
        self.write(f"{name}.dat", made.text(made.head(f"./train.py {name}"), lines, marks,
                                            [f"EXIT 0 {made.moment(start + n * 0.1)} 900.0 {n} 0"]))

    def page(self, *words, names="abc"):
        self.mprof("plot", "-o", "all.html", *words, *(f"{n}.dat" for n in names), status=0)
        self.text = (self.folder / "all.html").read_text()
        data = decode(self.text)
        return {c["name"][0]: c["points"] for c in data["curves"]}, data

    def starts(self, *words):
        return {name: points[0][0] for name, points in self.page(*words)[0].items()}

    def test_by_start(self):
        self.assertEqual(self.starts(), {"a": 0, "b": 0, "c": 0})
        self.assertIn("each from its own start", self.text)
        plain = self.text
        self.assertEqual(self.starts("--align", "start"), {"a": 0, "b": 0, "c": 0})
        self.assertEqual(self.text, plain)

    def test_by_the_clock(self):
        self.assertEqual(self.starts("--align", "clock"), {"a": 0, "b": 30, "c": 4})
        self.assertIn("as it was, by the clock, from 2023-11-14 22:13:20 on", self.text)
        for name, length in (("a", "10.0 s"), ("b", "12.0 s"), ("c", "6.00 s")):
            self.assertRegex(self.text, rf"{name}\.dat[^<]*</text>\s*<text[^>]*>peak [\d.]+ MiB · {length}<")

    def test_at_the_first_mark_of_a_name(self):
        for how in ("mark:epoch 1", "mark epoch 1"):
            curves, data = self.page("--align", how)
            self.assertEqual({n: round(p[0][0], 3) for n, p in curves.items()}, {"a": 3.5, "b": 0, "c": 4.5})
            self.assertEqual([mark[:2] for mark in data["marks"]], [[5.5, "epoch 1"]])
            for name, mark in (("a", 20), ("b", 55), ("c", 10)):
                self.assertEqual(dict(curves[name])[5.5], self.held[name][mark])

    def test_one_without_the_mark_is_left_out(self):
        self.record("d", 0, 20, 5, label="other")
        done = self.mprof("plot", "--align=mark:epoch 1", "-o", "x.svg", "a.dat", "d.dat", "b.dat", status=1)
        self.assertIn("d.dat has no mark 'epoch 1' to be aligned at", done.stderr)
        self.assertIn("a.dat", (self.folder / "x.svg").read_text())
        self.refuses("plot", "--align=mark:nothing", "-o", "y.svg", "a.dat", says="no mark 'nothing'", status=1)
        self.assertFalse((self.folder / "y.svg").exists())

    def test_a_window_is_of_the_common_axis(self):
        curves, data = self.page("--align", "clock", "-w", "31,33")
        self.assertEqual([name for name, points in curves.items() if points], ["b"])
        inside = [v for t, v in curves["b"] if 31 <= t <= 33]
        self.assertEqual(inside, self.held["b"][10:31])
        self.assertIn(f"{max(inside):.1f} MiB", self.text)
        self.assertIn("b.dat", re.sub(r"<main>.*", "", self.text, flags=re.S))
        self.refuses("plot", "--align=clock", "-w", "131,133", "-o", "y.svg", "a.dat", "b.dat", says="no recording has samples between 131 and 133 s", status=1)

    def test_years_apart(self):
        self.record("y", 10 * 365 * 86400, 20, 5)
        self.assertEqual(self.page("--align", "clock", names="ay")[0]["y"][0][0], 10 * 365 * 86400)

    def test_what_is_drawn_is_the_same_in_all_backends(self):
        for name in ("x.png", "x.svg", "x.txt"):
            self.mprof("plot", "--align=mark:epoch 1", "-o", name, "a.dat", "b.dat", "c.dat", status=0)
            self.assertGreater((self.folder / name).stat().st_size, 100)
        self.assertIn("epoch 1", (self.folder / "x.svg").read_text())

    def test_what_cannot_be(self):
        self.refuses("plot", "--align=end", "a.dat", says="--align takes start, clock or mark:NAME")
        self.refuses("plot", "--align=mark:", "a.dat", says="--align takes start, clock or mark:NAME")
        self.refuses("plot", "--align=clock", "-b", "csv", "-o", "-", "a.dat", "b.dat", says="--align is for pictures")

    def test_a_single_one_lies_as_ever(self):
        one = self.page(names="a")[0]
        self.assertEqual(self.page("--align", "mark:epoch 1", names="a")[0], one)


if __name__ == "__main__":
    lab.main()
