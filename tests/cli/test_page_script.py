"""What the page's script does, in Chromium: looking into a part, all of it told, with keys, strip and address; in both
themes, narrow, in print, with nothing asked for from anywhere."""
import csv
import io
import random
import re
import sys
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import browser
import lab
import made
from npm import lacks, package
from test_page import EVIL, Browsed, decode


class Script(Browsed):
    def setUp(self):
        super().setUp()
        self.ask("Emulation.setDeviceMetricsOverride", width=1320, height=900, deviceScaleFactor=1, mobile=False)
        self.media()

    def ask(self, method, **params):
        return self.browser.ask(method, **params)

    def run_(self, script):
        return self.browser.run(script)

    def media(self, scheme="light", kind="", motion="no-preference"):
        self.ask("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme},
                                                                   {"name": "prefers-reduced-motion", "value": motion}])

    def show(self, hash=""):
        self.browser.open("/dev/null")  # else another part of the same page would be that page
        super().show(hash)

    def recording(self, text, *words, hash=""):
        self.write("a.dat", text)
        self.open(*words, hash=hash)

    def data(self):
        return decode((self.folder / "a.html").read_text())

    def view(self):
        """What part is shown, as the address has it; it is written a moment later."""
        self.run_("new Promise(r => setTimeout(r, 350))")
        match = re.search(r"t=([\d.]+),([\d.]+)", self.run_("location.hash"))
        return (float(match[1]), float(match[2])) if match else None

    def point(self, kind, seconds, element="chart", whole=False, **more):
        """The pointer at a moment of the chart, or of the strip below, which has all of the time."""
        x, y, w, h = self.data()["panes"][0]["box"]
        first, last = (None if whole else self.view()) or self.data()["x"]
        at = x + (seconds - first) / (last - first) * w
        init = "".join(f", {k}: {v}" for k, v in more.items())
        self.run_(f"""(() => {{
            const e = document.getElementById('{element}'), r = e.getBoundingClientRect(), k = r.width / e.viewBox.baseVal.width;
            e.dispatchEvent(new {'WheelEvent' if kind == 'wheel' else 'PointerEvent'}('{kind}', {{ clientX: r.left + {at} * k,
                clientY: r.top + {'10' if whole else y + h / 2} * k, button: 0, bubbles: true, cancelable: true{init} }}));
        }})()""")

    def key(self, key, **more):
        init = "".join(f", {k}: {v}" for k, v in more.items())
        self.run_(f"chart.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true, cancelable: true{init} }}))")

    def told(self):
        return self.run_("told.textContent")

    def drawn(self, what="#moved text"):
        return self.run_(f"[...document.querySelectorAll('{what}')].map(e => e.textContent)")

    def quiet(self):
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual([u for u in self.browser.requests() if not u.startswith(("file:", "data:", "blob:"))], [])


class Told(Script):
    def test_samples_closer_than_a_millisecond_are_told_apart(self):
        dice, lines, samples = random.Random(5), ["CMDLINE ./fast", "META format=1 metric=rss pid=5 tree=0 interval=0.0001"], {}
        for i in range(2000):
            samples[i] = 100 + dice.randrange(4096) / 64
            lines.append(f"MEM {samples[i]:.6f} {1700000000 + i / 10000:.6f}")
        self.recording("\n".join(lines + ["EXIT 0 1700000000.200000 200.0 2000 0", ""]), hash="#t=0.1,0.11")
        for _ in range(20):
            self.point("pointermove", dice.uniform(0.1, 0.11))
            match = re.match(r"([\d.]+) s: RSS ([\d.]+) MiB", self.told())
            self.assertAlmostEqual(float(match[2]), samples[round(float(match[1]) * 10000)], delta=0.051)

    def test_every_series_and_the_line_that_grew(self):
        self.recording(made.metrics())
        self.point("pointermove", 2.5)
        for name in ("RSS 160.0 MiB", "PSS 120.0 MiB", "swap 0.00 MiB", "control group 220.0 MiB"):
            self.assertIn(name, self.told())
        self.recording(made.growth())
        time, mib, name = max(self.data()["steps"], key=lambda s: s[1])
        self.point("pointermove", time)
        self.assertIn(f"{name} grew by {mib:.1f} MiB", self.told())

    def test_the_line_that_took_a_cards_memory(self):
        self.recording(made.card())
        self.point("pointermove", 14.4)
        self.assertRegex(self.told(), r"GPU 0: train.py:\d+ \w+ grew by [\d.]+ [MG]iB at 14.400 s")

    def test_what_it_consisted_of_is_told_by_its_parts(self):
        self.recording(made.bill(), "--bill")
        self.point("pointermove", 2)
        self.assertRegex(self.told(), r"malloc, in use [\d.]+ MiB")
        parts = [float(v) for v in re.findall(r" ([\d.]+) MiB", self.told())]
        self.assertLess(sum(parts[1:]), parts[0] + 0.5)

    def test_the_highest_between_samples(self):
        self.recording(made.exact())
        self.point("pointermove", 0.85)
        self.assertRegex(self.told(), r"between samples up to [\d.]+ MiB")

    def test_after_the_last_sample_nothing_is_told(self):
        lines = [f"MEM {100 + i}.000000 {1700000000 + i * 0.1:.6f}" for i in range(50)]
        self.recording("\n".join(["CMDLINE a", "META format=1 metric=rss pid=5 tree=0 interval=0.1", *lines, "EXIT 0 1700000010.000000 900.0 50 0", ""]))
        self.point("pointermove", 8)
        self.assertIn("no samples here", self.told())
        self.assertNotIn("MiB", self.told())


    def test_in_a_hole_nothing_is_told(self):
        self.recording(made.gaps())
        for hash in ("", "#t=6,14"):
            self.show(hash)
            self.point("pointermove", 10)
            self.assertEqual(self.told().split(": ")[1], "no samples here")
            self.assertEqual(self.run_("chart.querySelectorAll('g[pointer-events] circle').length"), 0)
            self.point("pointermove", 7)
            self.assertRegex(self.told(), "MiB")
        self.assertGreaterEqual(self.run_("document.querySelector('path.line:last-of-type') && Math.max(...[...document.querySelectorAll('path.line')].map(p => p.getAttribute('d').split('M').length - 1))"), 2)
        self.point("pointermove", 13)
        self.assertNotIn("cc1", self.told())  # none lived then


class Zoomed(Script):
    def columns(self, path, delta=0):
        """The path's levels by the column of pixels."""
        columns, at = {}, None
        for letter, numbers in re.findall(r"([MLVh])([^MLVh]+)", path):
            values = [float(v) for v in numbers.split()]
            at = values[0] if letter in "ML" else at
            columns.setdefault(at, []).append(values[-1])
        return columns

    def test_columns_reach_as_far_as_their_samples(self):
        self.made(6000)
        dice = random.Random(11)
        for _ in range(5):
            a = dice.uniform(0, 500)
            b = a + dice.uniform(20, 90)
            self.open(hash=f"#t={a:.3f},{b:.3f}")
            first, last = self.view()
            x, y, w, h = self.data()["panes"][0]["box"]
            path, top = self.run_("[chart.querySelector('path.line').getAttribute('d'), +chart.querySelector('path.line').dataset.high]")
            wanted, drawn = {}, self.columns(path)
            for t, v in self.samples:
                if first <= t <= last:
                    wanted.setdefault(round((x + (t - first) / (last - first) * w) * 2) / 2, []).append(y + h - v / top * h)
            for column, levels in wanted.items():
                if x + 1 < column < x + w - 1:  # at the sides a sample from beyond may share it
                    near = [v for c, vs in drawn.items() if abs(c - column) < 0.51 for v in vs]
                    self.assertTrue(any(abs(v - min(levels)) < 0.6 for v in near) and any(abs(v - max(levels)) < 0.6 for v in near), column)

    def test_axes_keep_their_unit_and_name(self):
        self.recording(made.gpu(), hash="#t=2,4")
        words = self.drawn()
        self.assertIn("memory (MiB)", words)
        self.assertIn("GPU memory (GiB)", words)
        self.assertIn("time (s)", words)
        panes = self.data()["panes"]
        self.assertEqual(len(panes), 2)

    def test_a_cards_column_is_there(self):
        self.recording(made.card(), hash="#t=50,60.4")
        self.assertGreaterEqual(self.run_("document.querySelectorAll('#moved path[fill-opacity=\"0.75\"]').length"), 4)
        self.assertIn("OOM", self.drawn())
        self.assertTrue(any("of VRAM" in w for w in self.drawn()))

    def test_labels_lie_over_none_other(self):
        lines = [f"MEM {100 + i}.000000 {1700000000 + i * 0.1:.6f}" for i in range(100)]
        marks = [f"MARK 150.000000 {1700000000 + 5 + i * 0.01:.6f} mark number {i}" for i in range(40)]
        self.recording("\n".join(["CMDLINE a", "META format=1 metric=rss pid=5 tree=0 interval=0.1", *lines, *marks, "EXIT 0 1700000010.000000 900.0 100 0", ""]), hash="#t=2,9.9")
        boxes = self.run_("[...document.querySelectorAll('#moved text')].map(e => e.getBBox()).map(b => [b.x, b.y, b.width, b.height])")
        self.assertGreater(len(boxes), 10)
        for i, (x, y, w, h) in enumerate(boxes):
            for u, v, p, q in boxes[:i]:
                self.assertFalse(x < u + p - 1 and u < x + w - 1 and y < v + q - 3 and v < y + h - 3, boxes)

    def test_calls_go_along(self):
        self.recording(made.killed(), hash="#t=0.5,3")
        self.assertIn("train", self.drawn("g.span text"))
        x, _, w, _ = self.data()["panes"][0]["box"]
        for left, width in self.run_("[...document.querySelectorAll('g.span:not([display]) rect')].map(r => [+r.getAttribute('x'), +r.getAttribute('width')])"):
            self.assertTrue(x - 1 <= left and left + width <= x + w + 1, (left, width))
        self.key("Escape")
        self.assertEqual(self.run_("document.querySelectorAll('g.curve[display]').length"), 0)
        self.quiet()


class Ways(Script):
    def test_the_strip_moves_the_window(self):
        self.made()
        self.open(hash="#t=10,20")
        for kind, at in (("pointerdown", 15), ("pointermove", 25), ("pointerup", 25)):
            self.point(kind, at, "overview", whole=True)
        a, b = self.view()
        self.assertAlmostEqual(a, 20, delta=0.2)
        self.assertAlmostEqual(b, 30, delta=0.2)
        for kind, at in (("pointerdown", 30), ("pointermove", 40), ("pointerup", 40)):
            self.point(kind, at, "overview", whole=True)
        a, b = self.view()
        self.assertAlmostEqual(a, 20, delta=0.2)
        self.assertAlmostEqual(b, 40, delta=0.2)
        self.point("pointerdown", 10, "overview", whole=True)
        self.assertAlmostEqual(sum(self.view()) / 2, 10, delta=0.2)

    def test_shift_and_drag_moves_along(self):
        self.made()
        self.open(hash="#t=10,20")
        for kind, at in (("pointerdown", 18), ("pointermove", 13), ("pointerup", 13)):
            self.point(kind, at, shiftKey="true")
        a, b = self.view()
        self.assertAlmostEqual(a, 15, delta=0.2)
        self.assertAlmostEqual(b, 25, delta=0.2)

    def test_the_wheel_is_the_pages_until_the_chart_is_entered(self):
        self.made()
        self.open()
        self.run_("addEventListener('wheel', e => { window.kept = e.defaultPrevented; })")
        self.point("wheel", 20, deltaY=-100)
        self.assertEqual((self.run_("window.kept"), self.view()), (False, None))
        self.run_("chart.focus()")
        self.point("wheel", 20, deltaY=100)  # there is no more than all
        self.assertEqual(self.run_("window.kept"), False)
        self.point("wheel", 20, deltaY=-100)
        self.assertEqual(self.run_("window.kept"), True)
        a, b = self.view()
        self.assertAlmostEqual(b - a, 40, delta=1)

    def test_the_right_key_leaves_a_moment_with_several_figures(self):
        steps = "".join(f"GROW 1.000000 {made.moment(i * 0.1)} {20 + i}.000000 100 100 0\n" for i in range(9))
        self.recording("\n".join(made.head("a") + made.memory(range(20, 60, 4), 0.1)) + "\n" + steps)
        self.run_("chart.focus()")
        for at in range(4):
            self.key("ArrowRight")
            self.assertTrue(self.told().startswith(f"0.{at}00 s"), self.told())

    def test_keys_and_what_tells_of_them(self):
        self.made()
        self.open()
        self.run_("chart.focus()")
        self.key("+")
        a, b = self.view()
        self.assertAlmostEqual(b - a, 25, delta=0.2)
        self.key("PageDown")
        self.assertGreater(self.view()[0], a + 10)
        self.key("0")
        self.assertIsNone(self.view())
        for _ in range(3):
            self.key("ArrowRight")
        self.assertTrue(self.told().startswith("0.200 s"), self.told())
        self.key("ArrowRight", shiftKey="true")
        self.assertTrue(self.told().startswith("2.200 s"), self.told())
        self.assertTrue(self.wait_for(lambda: self.run_("document.querySelector('.spoken').textContent") == self.told()))
        self.key("?")
        self.assertTrue(self.run_("document.querySelector('dialog').open"))
        self.assertIn("Esc", self.run_("document.querySelector('dialog').textContent"))
        self.run_("document.querySelector('dialog button').click()")
        self.assertFalse(self.run_("document.querySelector('dialog').open"))

    def test_the_legend_hides_and_the_address_knows(self):
        self.recording(made.metrics())
        self.run_("document.querySelectorAll('g.row[role=button]')[1].dispatchEvent(new MouseEvent('click', { bubbles: true }))")
        self.view()
        self.assertEqual(self.run_("location.hash"), "#hide=1")
        self.point("pointermove", 2.5)
        self.assertNotIn("PSS", self.told())
        self.run_("document.querySelectorAll('g.row[role=button]')[0].dispatchEvent(new MouseEvent('click', { bubbles: true, altKey: true }))")
        self.view()
        self.assertEqual(self.run_("location.hash"), "#hide=1,2,3")
        self.run_("location.hash = '#t=1,2&hide=0'")
        self.assertEqual(self.view(), (1, 2))
        self.assertEqual(self.run_("document.querySelectorAll('path.line').length"), 3)

    def test_an_address_that_means_nothing_is_none(self):
        self.made()
        for hash in ("#t=5,1", "#t=900,901", "#t=.,.", "#hide=77", "#t=1e9,2", "#nothing", "#t=-5,3&hide=x"):
            self.open(hash=hash)
            self.assertIsNone(self.view(), hash)
            self.quiet()

    def test_saving(self):
        self.made(label=EVIL)
        self.open(hash="#t=10,20")
        self.run_("""window.saved = []; URL.createObjectURL = b => { saved.push(b.text()); return 'blob:x'; };
                     HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };
                     for (const b of document.querySelectorAll('#tools button')) if (b.textContent.startsWith('save')) b.click()""")
        picture, name, table, other = self.run_("Promise.all(saved)")
        self.assertEqual((name, other), ("a.svg", "a.csv"))
        tree = xml.etree.ElementTree.fromstring(picture)
        self.assertEqual([e for e in tree.iter() if "role" in e.attrib or "tabindex" in e.attrib or "img" in e.tag], [])
        self.assertTrue(any(e.get("class") == "line" for e in tree.iter()))
        rows = list(csv.DictReader(io.StringIO(table)))
        wanted = [s for s in self.samples if 10 <= s[0] <= 20]
        self.assertEqual([(float(r["seconds"]), round(float(r["MiB"]), 3)) for r in rows], [(t, round(v, 3)) for t, v in wanted])

    def test_rows_lead_to_the_chart_and_it_to_them(self):
        self.recording(made.growth())
        row = "[...document.querySelectorAll('tr[data-from]')].find(r => r.dataset.to - r.dataset.from > 0.5)"
        a, b = self.run_(f"[+{row}.dataset.from, +{row}.dataset.to]")
        self.point("pointermove", (a + b) / 2)
        self.assertTrue(self.run_(f"{row}.classList.contains('here')"))
        self.run_(f"{row}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', bubbles: true }}))")
        self.assertAlmostEqual(self.view()[0], a, delta=0.01)
        self.key("Escape")
        self.run_("[...document.querySelectorAll('tr.leads:not([data-from])')][0].click()")
        self.assertGreater(self.run_("document.querySelectorAll('tr.chosen').length"), 0)
        self.assertGreater(self.run_("document.querySelectorAll('#chart path[d$=Z][fill=\"#c4341c\"]').length"), 0)


class Everywhere(Script):
    def test_both_themes(self):
        self.recording(made.metrics(), hash="#t=1,2")
        seen = set()
        for scheme in ("light", "dark"):
            self.media(scheme)
            seen.add(self.run_("""[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('path.line')).stroke,
                                   getComputedStyle(document.querySelector('#overview path')).stroke, getComputedStyle(document.querySelector('#moved text')).fill].join()"""))
        self.assertEqual(len(seen), 2)
        self.assertEqual(len({*seen.pop().split("),"), *seen.pop().split("),")}), 8)

    def test_print_shows_light_and_no_tools(self):
        self.recording(made.metrics())
        self.media("dark", kind="print")
        self.assertEqual(self.run_("getComputedStyle(document.getElementById('tools')).display"), "none")
        self.assertEqual(self.run_("getComputedStyle(document.querySelector('#chart > rect')).fill"), "rgb(255, 255, 255)")
        self.page("--theme", "dark")
        self.show()
        self.assertEqual(self.run_("getComputedStyle(document.querySelector('#chart > rect')).fill"), "rgb(255, 255, 255)")

    def test_nothing_moves_by_itself(self):
        self.media(motion="reduce")
        self.made()
        self.open(hash="#t=1,9")
        self.key("Escape")
        self.key("+")
        self.assertEqual(self.run_("document.getAnimations().length"), 0)

    def test_a_narrow_window(self):
        self.ask("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=False)
        self.recording(made.card())
        self.assertLessEqual(self.run_("document.documentElement.scrollWidth"), 360)
        self.assertGreaterEqual(self.run_("Math.min(...[...document.querySelectorAll('#moved text')].map(e => e.getBoundingClientRect().height))"), 9)
        self.assertGreater(self.run_("document.querySelectorAll('#legend button').length"), 3)
        self.run_("document.querySelector('#legend button').click()")
        self.view()
        self.assertEqual(self.run_("location.hash"), "#hide=0")
        self.ask("Emulation.setDeviceMetricsOverride", width=1320, height=900, deviceScaleFactor=1, mobile=False)
        self.assertTrue(self.wait_for(lambda: self.run_("chart.getAttribute('viewBox')") == "0 0 1260 600"))
        self.assertEqual(self.run_("document.querySelectorAll('#moved *').length"), 0)

    def test_a_narrow_window_cuts_no_label_at_its_side(self):
        self.ask("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=False)
        for step, n in ((1, 1), (1, 11), (60, 11), (3600, 13), (86400, 11)):
            samples = [f"MEM {100 + i}.000000 {1700000000 + i * step}.000000" for i in range(n)]
            self.recording("\n".join(["CMDLINE a", f"META format=1 metric=rss pid=5 tree=0 interval={step}", *samples, ""]))
            width = self.run_("chart.viewBox.baseVal.width")
            ends = self.run_("[...document.querySelectorAll('#moved text')].map(e => e.getBBox()).map(b => b.x + b.width)")
            self.assertLessEqual(max(ends), width, step)

    def test_without_a_net_nothing_is_asked_for_and_nothing_complains(self):
        self.ask("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        self.addCleanup(lambda: self.ask("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1))
        for text in (made.card(), made.growth(), made.killed(), made.metrics()):
            self.recording(text, hash="#t=1,2")
            self.point("pointermove", 1.5)
            self.key("Escape")
            self.quiet()
        self.assertIn("blocked", self.run_("fetch('data:text/plain,x').then(() => 'let out', () => 'blocked')"))

    def test_every_kind_of_recording_takes_every_key_and_click(self):
        for name, make in made.ALL.items():
            self.recording(make(), hash="#t=0.5,1")
            for seconds in (0.6, 0.9):
                self.point("pointermove", seconds)
            for key in ("+", "ArrowRight", "ArrowLeft", "PageDown", "-", "Home", "End", "0", "?"):
                self.key(key)
            self.run_("for (const e of document.querySelectorAll('dialog button, g.row[role=button], #legend button, tr.leads, th button')) "
                      "e.dispatchEvent(new MouseEvent('click', { bubbles: true }))")
            self.assertEqual(self.browser.complaints(), [], name)

    def test_without_scripts(self):
        self.recording(made.metrics())
        self.browser.open(str(self.folder / "a.html"), scripts=False)
        self.assertTrue(self.wait_for(lambda: self.run_("document.querySelectorAll('#chart g.curve path').length") >= 4))
        self.assertEqual(self.run_("document.querySelectorAll('button, #overview, dialog').length"), 0)
        self.assertIsNone(self.run_("document.body.dataset.ready || null"))

    def test_a_label_is_text(self):
        self.made(label=EVIL, command=f"python3 {EVIL}", children=2)
        self.write("a.dat", (self.folder / "a.dat").read_text() + f"PROC 9 1 {EVIL}\n")
        for hash in ("", "#t=20,30"):
            self.open("-t", EVIL, hash=hash)
            self.point("pointermove", 25)
            self.key("?")
            self.assertEqual(self.run_("[document.images.length, document.querySelectorAll('[onerror]').length]"), [0, 0])
            self.assertNotEqual(self.run_("document.title"), "taken")
        self.assertIn(EVIL, "".join(self.drawn("#chart text")))

    @unittest.skipUnless(package("axe-core"), lacks("axe-core"))
    def test_it_is_accessible(self):
        script = (package("axe-core") / "axe.min.js").read_text()
        for text in (made.card(), made.growth(), made.metrics(), made.bill()):
            for scheme in ("light", "dark"):
                self.media(scheme)
                self.recording(text, hash="#t=1,2")
                self.run_(script + ";0")
                found = self.run_("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3)]))")
                self.assertEqual([v for v in found if v[0] in ("serious", "critical")], [], scheme)


class Large(Script):
    def many(self, n, interval, spike=None):
        dice, held = random.Random(3), 2000
        lines = ["CMDLINE ./big", f"META format=1 metric=rss pid=5 tree=0 interval={interval}"]
        for i in range(n):
            held = max(40, held + dice.choice((-16, -4, 0, 0, 0, 0, 4, 12)))
            lines.append(f"MEM {9000 if i == spike else held / 4:.6f} {1700000000 + i * interval:.6f}")
        self.write("a.dat", "\n".join(lines + [f"EXIT 0 {1700000000 + n * interval:.6f} 9000.0 {n} 0", ""]))

    def test_a_million_samples(self):
        self.many(1000000, 0.01)
        page = self.page()
        self.assertLessEqual(len(page), 1 << 20)
        self.assertEqual(len(decode(page)["curves"][0]["points"]), 1000000)
        self.assertNotIn('class="thinned"', page)
        took = []
        self.ask("Performance.enable", timeDomain="threadTicks")
        while not took or (min(took) > 1000 and len(took) < 6):  # of a machine that may have other work
            before = self.busy()
            self.show(hash="#t=100,9000")
            took += [self.run_("+document.body.dataset.ready"), 1000 * (self.busy() - before)]
        self.assertLessEqual(min(took), 1000)

    def busy(self):
        """Seconds of a CPU that the page's own thread has had."""
        return next(m["value"] for m in self.ask("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    def test_more_than_a_page_holds_is_said(self):
        self.many(1200000, 0.001, spike=777777)
        page = self.page()
        self.assertIn("there are 1200000, more than it holds", page)
        points = decode(page)["curves"][0]["points"]
        self.assertLessEqual(len(points), 1 << 20)
        self.assertEqual(max(v for _, v in points), 9000)
        self.assertLessEqual(len(page), 3 << 20)


if __name__ == "__main__":
    lab.main()
