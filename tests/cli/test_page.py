"""plot -o run.html: one file, that shows its picture with scripts off, asks for nothing, and has every sample in it."""
import base64
import gzip
import json
import random
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import browser
import lab
import made

EVIL = "</script><img src=x onerror=document.title='taken'>"


def decode(page):
    """The page's data, each curve with its points as (seconds, MiB)."""
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1]
    data = json.loads(text)
    packed = gzip.decompress(base64.b64decode(data["points"])) if data["points"] else b""
    at = 0

    def number():
        nonlocal at
        n = shift = 0
        while True:
            byte = packed[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return -(n + 1) // 2 if n & 1 else n // 2

    def column(n, unit):
        total, values = 0, []
        for _ in range(n):
            total += number()
            values.append(total / unit)
        return values

    for thing in data["curves"] + data["bands"]:
        times = column(thing["n"], data["unit"])
        thing["points"] = list(zip(times, column(thing["n"], 1024)))
    assert at == len(packed)
    return data


class Pages(lab.Lab):
    def made(self, n=500, label="epoch", command="python3 serve.py", children=0):
        """A recording of a random walk; keeps its samples."""
        dice, held = random.Random(7), 100.0
        lines = [f"CMDLINE {command}", "META format=1 metric=rss pid=5 tree=0 interval=0.1"]
        self.samples = []
        for i in range(n):
            held = max(10.0, held + dice.choice((-4, -1, 0, 1, 3)) * dice.random())
            kib = round(held * 1024)
            self.samples.append((round(i * 0.1, 3), kib / 1024))
            lines.append(f"MEM {kib / 1024:.6f} {1700000000 + i * 0.1:.6f}")
            lines += [f"CHLD {9 + k} {10.0 + k:.6f} {1700000000 + i * 0.1:.6f}" for k in range(children)]
            if i == n // 2:
                lines.append(f"MARK {kib / 1024:.6f} {1700000000 + i * 0.1:.6f} {label}")
        lines.append(f"EXIT 0 {1700000000 + n * 0.1:.6f} 900.0 {n} 0")
        self.write("a.dat", "\n".join(lines) + "\n")

    def page(self, *words):
        self.mprof("plot", "a.dat", "-o", "a.html", *words, status=0)
        return (self.folder / "a.html").read_text()


class Written(Pages):
    def test_it_holds_every_sample(self):
        self.made(3000)
        data = decode(self.page())
        self.assertEqual([c["name"] for c in data["curves"]], ["RSS"])
        points = data["curves"][0]["points"]
        self.assertEqual(len(points), 3000)
        for (t, v), (at, mib) in zip(points, self.samples):
            self.assertAlmostEqual(t, at, delta=0.0011)
            self.assertAlmostEqual(v, mib, delta=0.001)

    def test_the_same_recording_makes_the_same_page(self):
        self.made()
        self.assertEqual(self.page(), self.page())

    def test_its_script_has_the_parts_that_it_needs(self):
        def script():
            return re.search(r"<script>\n(.*?)</script>", self.page(), re.S)[1]

        self.made()
        plain = script()
        self.assertLess(len(plain), 20 << 10)
        parts = {"g.span": made.killed, "in the legend": made.metrics, "grew by": made.growth}
        for part, make in parts.items():
            self.write("a.dat", make())
            self.assertEqual([part in plain, part in script()], [False, True], part)
        self.assertEqual([s for s in ("  ", "/*") if s in plain], [])

    def test_the_picture_and_what_it_comes_to_stand_there_without_a_script(self):
        self.made(children=2)
        page = re.sub(r"<script.*?</script>|<style.*?</style>", "", self.page(), flags=re.S)
        self.assertIn('<g class="curve" data-index="0">', page)
        self.assertIn("exited with 0", page)
        self.assertRegex(page, r"<caption>Children</caption>")
        self.assertRegex(page, r"<caption>Marks</caption>")
        self.assertNotIn("<button", page)  # there only for those who can press it
        self.assertNotIn(" style=", page)

    def test_what_comes_from_the_recording_is_text(self):
        self.made(label=EVIL, command=f"python3 {EVIL}")
        page = self.page("-t", EVIL)
        self.assertNotIn("<img", page)
        self.assertEqual(page.count("<script"), 2)
        self.assertIn("default-src 'none'", page)
        self.assertNotRegex(re.sub(r'xmlns="[^"]*"', "", page), r'(?:src|href)="(?!#)')

    def test_several_recordings(self):
        self.made()
        self.write("b.dat", (self.folder / "a.dat").read_text().replace("serve.py", "other.py"))
        self.mprof("plot", "a.dat", "b.dat", "-o", "ab.html", status=0)
        data = decode((self.folder / "ab.html").read_text())
        self.assertEqual(len(data["curves"]), 2)

    def test_it_is_a_file(self):
        self.made()
        self.refuses("plot", "a.dat", "-b", "html", says="needs a file")
        self.assertTrue(self.mprof("plot", "a.dat", "-b", "html", "-o", "-", status=0).stdout.startswith("<!DOCTYPE html>"))


@unittest.skipUnless(browser.PROGRAM, "no Chromium here")
@unittest.skipIf(lab.SANITIZED, "the browser is not ours to check")
class Browsed(Pages):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def show(self, hash=""):
        self.browser.open(str(self.folder / "a.html") + hash)
        self.assertTrue(self.wait_for(lambda: self.browser.run("document.body && document.body.dataset.ready")))

    def open(self, *words, hash=""):
        self.page(*words)
        self.show(hash)


class Seen(Browsed):
    def point(self, kind, seconds):
        """The pointer at a moment, as a picture that shows [from, to] has it."""
        self.browser.run(f"""(() => {{
            const r = chart.getBoundingClientRect(), k = r.width / chart.viewBox.baseVal.width;
            const D = JSON.parse(document.getElementById('data').textContent), [X, Y, W, H] = D.panes[0].box;
            const m = /#t=([\\d.]+),([\\d.]+)/.exec(location.hash), [a, b] = m ? [+m[1], +m[2]] : D.x;
            const clientX = r.left + (X + ({seconds} - a) / (b - a) * W) * k, clientY = r.top + (Y + H / 2) * k;
            chart.dispatchEvent(new PointerEvent('{kind}', {{ clientX, clientY, button: 0, bubbles: true }}));
        }})()""")

    def address(self):
        """It is written a moment after what it tells of."""
        self.browser.run("new Promise(r => setTimeout(r, 350))")
        return self.browser.run("location.hash")

    def told(self):
        return self.browser.run("told.textContent")

    def test_what_is_told_at_a_moment_is_what_was_recorded(self):
        self.made()
        self.open()
        for seconds in (random.Random(3).uniform(0, 49.9) for _ in range(20)):
            self.point("pointermove", seconds)
            at, mib = min(self.samples, key=lambda s: abs(s[0] - seconds))
            match = re.match(r"([\d.]+) s: RSS ([\d.]+) MiB", self.told())
            self.assertAlmostEqual(float(match[1]), at, delta=0.051)
            mib = dict(self.samples)[round(float(match[1]), 1)]
            self.assertAlmostEqual(float(match[2]), mib, delta=0.051)
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual([u for u in self.browser.requests() if not u.startswith(("file:", "data:", "blob:"))], [])

    def test_a_part_is_drawn_from_all_samples(self):
        self.made(6000)
        self.open()
        for kind, seconds in (("pointerdown", 100), ("pointermove", 200), ("pointerup", 200)):
            self.point(kind, seconds)
        match = re.fullmatch(r"#t=([\d.]+),([\d.]+)", self.address())
        first, last = float(match[1]), float(match[2])
        self.assertAlmostEqual(first, 100, delta=1)
        self.assertAlmostEqual(last, 200, delta=1)
        data = decode((self.folder / "a.html").read_text())
        x, y, w, h = data["panes"][0]["box"]
        path = self.browser.run("[...chart.querySelectorAll('path.line')].map(p => p.getAttribute('d'))")
        self.assertEqual(len(path), 1)
        columns, at = {}, None
        for letter, numbers in re.findall(r"([MLV])([^MLV]+)", path[0]):
            values = [float(v) for v in numbers.split()]
            at = values[0] if letter != "V" else at
            columns.setdefault(at, []).append(values[-1])
        inside = [s for s in self.samples if first <= s[0] <= last]
        top = float(self.browser.run("chart.querySelector('path.line').dataset.high"))
        self.assertTrue(max(v for _, v in inside) < top < max(v for _, v in inside) * 1.2)
        wanted = {}
        for t, v in inside:
            wanted.setdefault(round((x + (t - first) / (last - first) * w) * 2) / 2, []).append(y + h - v / top * h)
        near = lambda a, b: abs(a - b) < 0.6
        for column, levels in wanted.items():
            drawn = [v for c, vs in columns.items() if abs(c - column) <= 0.5 for v in vs]
            self.assertTrue(any(near(min(levels), v) for v in drawn) and any(near(max(levels), v) for v in drawn), column)
        self.browser.run("chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))")
        self.assertEqual(self.address(), "")
        self.assertEqual(self.browser.complaints(), [])

    def test_a_view_can_be_sent(self):
        self.made()
        self.open(hash="#t=10,20")
        self.assertEqual(self.address(), "#t=10.000,20.000")
        self.assertEqual(self.browser.run("chart.querySelectorAll('path.line').length"), 1)

    def test_keys_and_the_legend(self):
        self.made(children=2)
        self.open()
        self.browser.run("chart.focus(); for (let i = 0; i < 5; i++) chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }))")
        self.assertIn("0.400 s: ", self.told())
        names = self.browser.run("[...chart.querySelectorAll('g.row[role=button]')].map(r => r.querySelector('text').textContent)")
        self.assertGreaterEqual(len(names), 2)
        self.browser.run("chart.querySelector('g.row[role=button]').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
        self.assertEqual(self.browser.run("chart.querySelector('g.row[role=button]').getAttribute('aria-pressed')"), "false")
        self.assertEqual(self.browser.run("[...chart.querySelectorAll('g.curve[display=none]')].length"), 1)

    def test_tables_are_sorted(self):
        self.made(children=5)
        self.open()
        column = "[...document.querySelectorAll('table')].at(-1)"
        first = f"{column}.tBodies[0].rows[0].cells[0].textContent"
        self.assertEqual(self.browser.run(first), "14.0")
        self.browser.run(f"{column}.querySelector('th button').click(), {column}.querySelector('th button').click()")
        self.assertEqual(self.browser.run(first), "10.0")

    def test_a_label_is_text(self):
        self.made(label=EVIL, command=f"python3 {EVIL}")
        self.open(hash="#t=20,30")
        time.sleep(0.2)
        self.assertEqual(self.browser.run("document.images.length"), 0)
        self.assertIn("python3", self.browser.run("document.title"))
        self.assertIn(EVIL, self.browser.run("chart.textContent"))


if __name__ == "__main__":
    lab.main()
