"""A page of many recordings: what they held in the column of time that is pointed at, and who of them the most."""
import math
import random
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import browser
import fleet_made
import lab
from npm import lacks, package
from test_page import EVIL
from test_page_script import Script

SIZE = r"([\d.]+ .iB)"
SAID = re.compile(rf"([\d.]+)–([\d.]+) s: median {SIZE} · 5–95 % {SIZE} to {SIZE} · highest {SIZE}, (.+) · (\d+) alive")


def mib(text):
    figure, unit = text.split()
    return float(figure) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]


class Many(Script):
    def many(self, ranks=24, *words, n=200, **how):
        """A page of so many ranks, shown; keeps their samples by their names, on the page's axis."""
        paths, found = fleet_made.write(self.folder / "job", ranks, n=n, **how), {}
        for path in paths:
            text = path.read_text()
            name = "rank {} on {}".format(*re.search(r"rank=(\d+) node=(\S+)", text).groups())
            found[name] = [(float(t), float(v)) for v, t in re.findall(r"^MEM (\S+) (\S+)", text, re.M)]
        zero = min(s[0][0] for s in found.values())
        self.held = {name: [(round(t - zero, 6), v) for t, v in s] for name, s in found.items()}
        self.mprof("plot", "-o", "a.html", *words, "job", status=0)
        self.show()
        self.shape = self.run_("JSON.parse(document.getElementById('data').textContent)")

    def point_at(self, seconds):
        first, last = self.shape["x"]
        x, y, w, h, _ = self.shape["box"]
        self.run_(f"""(() => {{
            const r = chart.getBoundingClientRect(), k = r.width / chart.viewBox.baseVal.width;
            chart.dispatchEvent(new PointerEvent('pointermove', {{ clientX: r.left + {x + (seconds - first) / (last - first) * w} * k,
                clientY: r.top + {y + h / 2} * k, bubbles: true }}));
        }})()""")

    def column(self, seconds):
        first, last, n = self.shape["bins"]
        return min(n - 1, math.floor((seconds - first) / (last - first) * n))

    def lived(self, column):
        """By name the highest that was seen of each in that column; where nobody looked, what was seen last is still held."""
        found = {}
        for name, samples in self.held.items():
            before = [v for t, v in samples if self.column(t) < column]
            there = [v for t, v in samples if self.column(t) == column and t < self.shape["bins"][1]]
            # At the axis' right end it is the last column's too, beside what was held in that.
            ends = [v for t, v in samples if self.column(t) == column and t == self.shape["bins"][1]]
            if there or ends or (before and self.column(samples[-1][0]) > column):
                found[name] = max((there or before[-1:]) + ends)
        return found

    def compare(self, column):
        said = SAID.fullmatch(self.told())
        self.assertTrue(said, self.told())
        lived = self.lived(column)
        held = sorted(lived.values())
        n = len(held)
        first, last, bins = self.shape["bins"]
        self.assertAlmostEqual(float(said[1]), first + column * (last - first) / bins, delta=0.006)
        self.assertAlmostEqual(float(said[2]), first + (column + 1) * (last - first) / bins, delta=0.006)
        wanted = ((held[(n - 1) // 2] + held[n // 2]) / 2, held[math.ceil(0.05 * (n - 1))], held[int(0.95 * (n - 1))], held[-1])
        for told, figure in zip(said.groups()[2:6], wanted):
            self.assertAlmostEqual(mib(told), figure, delta=0.052)
        self.assertAlmostEqual(lived[said[7]], held[-1], delta=0.001)
        self.assertEqual(int(said[8]), n)


class Told(Many):
    def test_what_is_told_is_what_was_recorded(self):
        self.many(24, leaking=17, early=5, limit=8192)
        for seconds in (random.Random(9).uniform(0, 99.5) for _ in range(20)):
            self.point_at(seconds)
            self.compare(self.column(seconds))
        self.quiet()

    def test_of_a_window_too(self):
        self.many(16, "-w", "30,60", n=200, leaking=3, early=8)
        self.assertEqual(self.shape["x"], [30, 60])
        for seconds in (random.Random(4).uniform(30, 60) for _ in range(20)):
            self.point_at(seconds)
            self.compare(self.column(seconds))

    def test_the_dots_lie_on_what_is_drawn(self):
        self.many(24, leaking=17)
        self.assertGreater(self.shape["y"][2], 0)  # with two scales
        for seconds in (20.2, 50.2, 90.2):
            self.point_at(seconds)
            distances = self.run_("""(() => {
                const seen = (e, x, y) => new DOMPoint(x, y).matrixTransform(e.getScreenCTM());
                const at = (p, i) => { const q = p.getPointAtLength(p.getTotalLength() * i / 4000); return seen(p, q.x, q.y); };
                const near = (p, c) => { let best = 1e9; for (let i = 0; i <= 4000; i++) { const s = at(p, i);
                    best = Math.min(best, Math.hypot(s.x - c.x, s.y - c.y)); } return best; };
                return [...chart.querySelectorAll('g[pointer-events] circle')].map(c => seen(c, c.cx.baseVal.value, c.cy.baseVal.value))
                    .map(c => Math.min(...[...chart.querySelectorAll('g.curve path')].map(p => near(p, c)))); })()""")
            self.assertEqual(len(distances), 2)
            self.assertLess(max(distances), 1.5)

    def test_keys_go_from_column_to_column(self):
        self.many(14, n=60)
        self.run_("chart.focus()")
        last = self.shape["bins"][2] - 1
        for key, column in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowLeft", 0), ("End", last), ("ArrowRight", last),
                            ("ArrowLeft", last - 1), ("Home", 0)):
            self.key(key)
            self.compare(column)
        self.key("ArrowRight", shiftKey="true")
        self.compare(20)
        self.assertTrue(self.wait_for(lambda: self.run_("document.querySelector('.spoken').textContent") == self.told()))
        self.key("Escape")
        self.assertEqual((self.told(), self.run_("chart.querySelectorAll('g[pointer-events] *').length")), ("", 0))
        self.key("ArrowLeft")
        self.compare(last)

    def test_when_none_lives_that_is_told(self):
        self.many(14, n=40, per_node=7, shifts={1: 60})
        self.point_at(40)
        self.assertRegex(self.told(), r"^[\d.]+–[\d.]+ s: no samples here$")
        self.assertEqual(self.run_("chart.querySelectorAll('g[pointer-events] circle').length"), 0)
        self.point_at(70)
        self.compare(self.column(70))

    def test_an_image_tells_the_same(self):
        self.many(20, "--heatmap", leaking=7, early=2)
        for seconds in (10.3, 70.3):
            self.point_at(seconds)
            self.compare(self.column(seconds))
        self.assertEqual(self.run_("[...chart.querySelectorAll('g[pointer-events] *')].map(e => e.tagName)"), ["path"])
        self.quiet()


class Around(Many):
    def sorted_by(self, heading):
        self.run_(f"[...document.querySelectorAll('th button')].find(b => b.textContent === '{heading}').click()")
        return self.run_("[...document.querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.textContent))")

    def test_the_table_is_sorted_by_its_headings(self):
        self.many(24, leaking=17, early=5)
        self.assertEqual([int(r[0]) for r in self.sorted_by("rank")], list(range(23, -1, -1)))
        peaks = [mib(r[2]) for r in self.sorted_by("peak")]
        self.assertEqual(peaks, sorted(peaks, reverse=True))
        self.assertGreater(peaks[0], 1024)  # which is written in GiB, unlike the others
        self.assertEqual(self.sorted_by("peak")[-1][0], "17")
        self.assertEqual(self.sorted_by("lasted")[-1][0], "5")
        self.assertEqual(self.sorted_by("ended")[-1][0], "5")
        self.quiet()

    def test_a_name_is_text(self):
        fleet_made.write(self.folder / "job", 14, n=20)
        for path in (self.folder / "job").iterdir():
            path.write_text(re.sub(r"META .*", f"META format=1 metric=rss host={EVIL.replace(' ', '')}", path.read_text()))
            path.rename(path.with_name(EVIL.replace("/", "") + path.name))
        self.mprof("plot", "-o", "a.html", "job", status=0)
        self.show()
        self.run_("chart.focus()")
        self.key("ArrowRight")
        self.assertIn("onerror", self.told())
        self.assertEqual(self.run_("[document.images.length, document.querySelectorAll('[onerror]').length]"), [0, 0])
        self.assertNotEqual(self.run_("document.title"), "taken")
        self.quiet()

    def test_without_scripts(self):
        self.many(14, n=20)
        self.browser.open(str(self.folder / "a.html"), scripts=False)
        self.assertTrue(self.wait_for(lambda: self.run_("document.querySelectorAll('tbody tr').length") == 14))
        self.assertGreater(self.run_("document.querySelectorAll('#chart g.curve path').length"), 2)
        self.assertEqual(self.run_("[told.textContent, document.querySelectorAll('button').length]"), ["", 0])

    def test_a_narrow_window_and_print(self):
        self.ask("Emulation.setDeviceMetricsOverride", width=400, height=740, deviceScaleFactor=1, mobile=False)
        self.many(14, n=40)
        self.assertLessEqual(self.run_("document.documentElement.scrollWidth"), 400)
        heights = self.run_("[...document.querySelectorAll('#chart text')].map(e => e.getBoundingClientRect().height)")
        self.assertGreaterEqual(min(heights), 9)
        for left in (0, 600):  # the picture keeps its size and goes along under the words
            self.run_(f"document.querySelector('figure').scrollLeft = {left}")
            self.point_at(12)
            self.compare(self.column(12))
            self.assertGreaterEqual(self.run_("told.getBoundingClientRect().left"), 0)
            self.assertLessEqual(self.run_("told.getBoundingClientRect().right"), 400)
        self.media("dark", kind="print")
        self.assertEqual(self.run_("getComputedStyle(told).display"), "none")
        self.assertEqual(self.run_("getComputedStyle(document.querySelector('#chart > rect')).fill"), "rgb(255, 255, 255)")

    def test_only_what_it_needs_and_the_same_again(self):
        self.many(14, n=40)
        page = (self.folder / "a.html").read_text()
        script = re.search(r"<script>\n(.*?)</script>", page, re.S)[1]
        self.assertLess(len(script), 6 << 10)
        self.assertEqual([s for s in ("  ", "/*", "#overview") if s in script], [])
        self.mprof("plot", "-o", "b.html", "job", status=0)
        self.assertEqual((self.folder / "b.html").read_text(), page)

    def test_it_holds_no_more_for_thousands(self):
        sizes = []
        for ranks in (64, 2048):
            fleet_made.write(self.folder / f"job{ranks}", ranks, n=30, leaking=9)
            self.mprof("plot", "-o", "a.html", f"job{ranks}", status=0)
            page = (self.folder / "a.html").read_text()
            self.assertLess(len(page), 1 << 20)
            sizes.append(len(re.search(r'id="data">(.*?)</script>', page, re.S)[1]))
        self.assertLess(max(sizes), 40 << 10)

    @unittest.skipUnless(package("axe-core"), lacks("axe-core"))
    def test_it_is_accessible(self):
        script = (package("axe-core") / "axe.min.js").read_text()
        for words in ((), ("--heatmap",)):
            for scheme in ("light", "dark"):
                self.media(scheme)
                self.many(16, *words, n=60, leaking=3, early=5)
                self.point_at(12)
                self.run_(script + ";0")
                found = self.run_("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html).slice(0, 3)]))")
                self.assertEqual([v for v in found if v[0] in ("serious", "critical")], [], scheme)


if __name__ == "__main__":
    lab.main()
