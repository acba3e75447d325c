"""plot of many recordings: a band of how far apart they are, or an image with a row each; who stands out is named."""
import re
import resource
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fleet_made
import lab
from test_golden import pixels


class Many(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["TZ"] = "UTC"

    def made(self, name, ranks, **how):
        return fleet_made.write(self.folder / name, ranks, **how)

    def svg(self, *words, status=0):
        done = self.mprof("plot", "-o", "x.svg", *words, status=status)
        return (self.folder / "x.svg").read_text(), done.stderr

    def texts(self, *words):
        return re.findall(r"<text[^>]*>([^<]*)</text>", self.svg(*words)[0])


class Bands(Many):
    def test_who_stands_out_is_named_with_the_node(self):
        self.made("job", 24, leaking=17, early=5, limit=8192)
        texts = self.texts("job")
        self.assertEqual(texts[0], "rank 17 on n2 holds 4.2x the median; rank 5 on n0: SIGKILL at 39.5 s")
        self.assertIn("24 ranks on 3 nodes", texts[1])
        self.assertIn("by the clock, from 2023-11-14 22:13:20 on", texts[1])
        for told in ("rank 17 on n2", "rank 5 on n0", "SIGKILL at 39.5 s", "24 alive", "23 alive", "median", "5–95 %",
                     "limit of a node 8.00 GiB"):
            self.assertIn(told, texts)
        self.assertTrue(any(t.startswith("sampled peak 5.0") and t.endswith("of 8.00 GiB, below") for t in texts), texts)
        self.assertTrue(any("as coarse" in t for t in texts))

    def test_a_folder_or_more_than_twelve(self):
        paths = self.made("job", 13, n=20)
        few, many = [str(p) for p in paths[:12]], [str(p) for p in paths]
        self.assertIn("each from its own start", " ".join(self.texts(*few)))
        self.assertNotIn("median", self.texts(*few))
        self.assertIn("median", self.texts(*many))
        self.assertIn("median", self.texts("job"))
        each = self.texts("--no-band", *many)
        self.assertNotIn("median", each)
        self.assertTrue(any(t.startswith("r00012.dat") or t.endswith(" more") for t in each), each)
        self.assertNotIn("median", self.texts("--slope", *many))
        for extension in ("csv", "json"):
            self.mprof("plot", "-o", f"x.{extension}", *many, status=0)

    def test_folders_in_folders_and_several(self):
        self.made("job/n0", 4, n=20)
        self.made("job/n1", 4, n=20)
        self.assertIn("4 ranks", self.texts("job/n0")[1])
        self.made("other", 3, n=20, job="9")
        self.assertIn("each from its own start", self.texts("job", "other")[1])

    def test_what_was_merged_is_drawn_as_its_recordings_are(self):
        self.made("job", 20, n=60, leaking=3, early=8, limit=8192)
        self.mprof("merge", "-o", "job.dat.gz", "job", status=0)
        for how in ([], ["--heatmap"], ["-w", "5,20"]):
            self.assertEqual(self.svg(*how, "job.dat.gz"), self.svg(*how, "job"))

    def test_all_alike(self):
        self.made("job", 16, n=50)
        title = self.texts("job")[0]
        self.assertRegex(title, r"^16 ranks alike: their peaks are 4\d\d\.0 MiB to 4\d\d\.0 MiB$")
        self.assertEqual(self.texts("-t", "Mine", "job")[0], "Mine")

    def test_how_they_ended_is_told_though_late(self):
        paths = self.made("job", 3, n=50)
        whole = paths[0].read_text()
        paths[0].write_text(whole[:whole.index("EXIT ")])
        self.assertIn("3 ranks on n0, 1 without an end ·", self.texts("job")[1])
        paths[1].write_text(paths[1].read_text().replace("EXIT 0 ", "EXIT 3 "))
        self.assertEqual(self.texts("job")[0], "rank 1 on n0: exit 3 at 24.5 s")
        self.assertIn("1 rank on n0 ·", self.texts("--heatmap", str(paths[1]))[1])
        paths[2].write_text(paths[2].read_text().replace("EXIT 0 ", "EXIT -15 "))
        self.assertEqual(self.texts("job")[0], "2 failed, first rank 1 on n0: exit 3 at 24.5 s")

    def test_recordings_that_are_no_ranks_go_by_their_files(self):
        paths = self.made("job", 14, n=20)
        for path in paths:
            text = path.read_text()
            path.write_text(re.sub(r"META .*", "META format=1 metric=rss", text))
        texts = self.texts("job")
        self.assertIn("14 recordings", " ".join(texts))
        self.assertIn("each from its own start", texts[1])
        self.assertTrue(any(re.fullmatch(r"r000\d\d\.dat", t) for t in texts), texts)

    def test_every_place(self):
        self.made("job", 16, n=50, leaking=3)
        for name, size in (("x.png", "400x250"), ("x.png", "2400x500"), ("x.svg", "200x100"), ("x.txt", "80x24"), ("x.txt", "20x5"),
                           ("x.html", "1260x600"), ("x.png", "16x4")):
            for how in ([], ["--heatmap"], ["--heatmap", "--theme", "dark"]):
                (self.folder / name).unlink(missing_ok=True)
                self.mprof("plot", *how, "--size", size, "-o", name, "job", status=0)
        self.mprof("plot", "-b", "sixel", "-o", "x.six", "job", status=0)

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot here: install gnuplot-nox")
    def test_through_gnuplot(self):
        self.made("job", 16, n=50, leaking=3)
        for how in ([], ["--heatmap"]):
            self.mprof("plot", "-b", "gnuplot", *how, "-o", "x.png", "job", status=0)
            self.assertEqual((self.folder / "x.png").read_bytes()[1:4], b"PNG")

    def test_a_page_asks_for_nothing_and_is_whole(self):
        self.made("job", 16, n=50, leaking=3)
        self.mprof("plot", "-o", "x.html", "job", status=0)
        page = (self.folder / "x.html").read_text()
        self.assertTrue(page.rstrip().endswith("</html>"))
        self.assertIn("<h1>rank 3 on n0 holds", page)
        self.assertNotRegex(re.sub(r'xmlns="[^"]*"', "", page), r'(?:src|href)="(?!#)')
        rows = re.findall(r"<tr>(<td.*?)</tr>", page)
        self.assertEqual(len(rows), 16)
        self.assertRegex(rows[0], r'^<td class="figure">3</td><td>n0</td>'
                         r'<td class="figure" data-value="1\d\d\d\.\d+">1\.\d\d GiB</td><td>(exact|sampled|at least)</td>')
        self.assertIn("<td>exit 0</td>", rows[0])

    def test_what_cannot_be_read_is_said(self):
        self.made("job", 14, n=20)
        self.refuses("plot", "-o", "y.svg", "-w", "5000,6000", "job", says="between 5000 and 6000 s", status=1)
        (self.folder / "job" / "zz.dat").write_text("nothing of ours\n")
        text, said = self.svg("job", status=1)
        self.assertIn("14 ranks", text)
        self.assertRegex(said, r"zz\.dat is left out: ")
        (self.folder / "empty").mkdir()
        self.refuses("plot", "-o", "y.svg", "empty", says="no recording in empty", status=1)
        self.assertFalse((self.folder / "y.svg").exists())

    def test_a_picture_replaces_no_recording(self):
        paths = self.made("job", 14, n=20)
        before = paths[3].read_bytes()
        self.refuses("plot", "-o", "job/r00003.dat", "-b", "png", "job", status=1)
        self.assertEqual(paths[3].read_bytes(), before)

    def test_words_that_make_no_sense(self):
        self.made("job", 14, n=20)
        self.refuses("plot", "-o", "x.svg", "--heatmap", "--no-band", "job", says="--heatmap is drawn without --no-band", status=2)
        self.refuses("plot", "-o", "x.svg", "--sort", "peak", "job", says="--sort is of the rows of --heatmap", status=2)
        self.refuses("plot", "-o", "x.svg", "--heatmap", "--sort", "size", "job", says="rank or peak", status=2)
        self.refuses("plot", "-o", "x.csv", "--heatmap", "job", says="--heatmap is a picture", status=2)
        for words in (("plot", "-o", "x.svg", "--no-band"), ("export", "-f", "csv")):
            self.refuses(*words, "job", says="job is a folder: name the recordings in it", status=1)

    def test_opened_it_has_the_folders_name(self):
        self.made("runs/job", 14, n=20)
        self.env["MPROF_OPEN"] = "true"
        for path, name in (("runs/job/", "job.html"), ("runs/job", "job.html"), ("runs/../runs/.", "mprof-c.html")):
            self.mprof("plot", "--open", path, status=0)
            self.assertTrue((self.folder / name).exists())
            (self.folder / name).unlink()


class Time(Many):
    def test_a_clock_that_is_off_is_named(self):
        self.made("job", 32, n=100, shifts={2: 120})
        text, said = self.svg("job")
        self.assertRegex(said, r"warning: the clock of n2 seems 2 min 00 s ahead of the others': .*; --align start lays them side by side")
        self.assertIn("0 alive", text)
        text, said = self.svg("--align", "start", "job")
        self.assertEqual(said, "")
        self.assertIn("32 alive", text)
        self.assertIn("each from its own start", text)

    def test_at_a_mark(self):
        self.made("job", 16, n=60, shifts={1: 500}, mark=20)
        for how in ("mark:barrier", "mark barrier"):
            text, said = self.svg("--align", how, "job")
            self.assertEqual(said, "")
            self.assertIn("aligned at the mark barrier", text)
            self.assertIn("16 alive", text)
        path = self.folder / "job" / "r00004.dat"
        path.write_text(path.read_text().replace(" barrier", " other"))
        said = self.svg("--align", "mark:barrier", "job")[1]
        self.assertIn("1 of 16 recordings have no mark 'barrier'", said)
        self.refuses("plot", "-o", "y.svg", "--align", "mark:none", "job", says="none of 16 recordings has a mark 'none'", status=1)

    def test_what_was_laid_apart_is_not_added_up(self):
        paths = self.made("job", 16, n=60)
        self.assertTrue(any("together" in t for t in self.texts("--align", "start", "job")))
        for rank, path in enumerate(paths):
            lines = path.read_text().splitlines(keepends=True)
            at = next(i for i, line in enumerate(lines) if line.startswith("MEM ")) + 5 + rank
            lines.insert(at, f"MARK 400.0 {lines[at].split()[2]} here\n")
            path.write_text("".join(lines))
        self.assertFalse(any("together" in t for t in self.texts("--align", "mark:here", "job")))

    def test_a_window_is_of_the_common_axis(self):
        self.made("job", 24, n=200, leaking=17, early=5)
        texts = self.texts("-w", "50,60", "job")
        self.assertIn("23 alive", texts)
        self.assertNotIn("24 alive", texts)


class Heatmap(Many):
    def row_colours(self, data, left=0.3, right=0.6):
        """Of each row of pixels, the colours in a part of its width."""
        width, height, rgb = pixels(data)
        return [{rgb[3 * (y * width + x):3 * (y * width + x) + 3] for x in range(int(width * left), int(width * right))} for y in range(height)]

    def test_one_that_leaks_is_seen_among_many_and_who_died_is_blank(self):
        self.made("job", 300, n=60, leaking=201, early=20, per_node=8)
        self.mprof("plot", "--heatmap", "-o", "x.png", "--font", "builtin", "job", status=0)
        data = (self.folder / "x.png").read_bytes()
        rows = self.row_colours(data, 0.7, 0.8)
        inside, white = range(90, 540), b"\xff\xff\xff"
        usual = {c for c in set().union(*rows[90:540]) if sum(c in rows[y] for y in inside) > 45}
        odd = [y for y in inside if not rows[y] & usual and white not in rows[y]]
        self.assertTrue(odd)
        self.assertLess(abs((odd[0] + odd[-1]) / 2 - (86 + 457 * 201.5 / 300)), 12, odd)
        blank = [y for y in inside if white in rows[y]]
        self.assertTrue(blank)
        self.assertLess(abs(blank[0] - (86 + 457 * 20.5 / 300)), 4)

    def test_an_svg_is_small_and_names_them(self):
        self.made("job", 500, n=400, leaking=333, early=20)
        for path in (self.folder / "job").glob("*.dat"):  # all is noise
            lines = path.read_text().split("\n")
            path.write_text("\n".join(re.sub(r"^MEM \S+", f"MEM {(i * 7919 + int(path.stem[1:]) * 104729) * 31337 % 1499}.0", line) for i, line in enumerate(lines)))
        text, _ = self.svg("--heatmap", "--size", "3000x2000", "job")
        self.assertLess(len(text), 2 << 20)
        self.assertTrue(any(t == "rank 20 on n2" for t in re.findall(r">([^<]*)</text>", text)))

    def test_sorted_by_peak_the_highest_is_on_top(self):
        self.made("job", 40, n=60, leaking=31)
        self.mprof("plot", "--heatmap", "--sort", "peak", "-o", "x.png", "--font", "builtin", "job", status=0)
        rows = self.row_colours((self.folder / "x.png").read_bytes(), 0.7, 0.8)
        self.assertFalse(rows[90] & rows[120])
        self.assertTrue(rows[120] & rows[400])

    def test_in_characters(self):
        self.made("job", 24, n=60, leaking=17, early=5)
        text = self.mprof("plot", "--heatmap", "-b", "term", "--size", "80x34", "job", status=0).stdout
        line = next(line for line in text.split("\n") if line.startswith("17 "))
        self.assertIn("█", line)
        self.assertEqual(text.count("█"), line.count("█") + 1)  # and the scale's
        early = next(line for line in text.split("\n") if line.startswith(" 5 "))
        self.assertLess(len(early), 50)

    def test_a_few_can_be_an_image_too(self):
        paths = self.made("job", 3, n=20)
        self.assertIn("rank", self.texts("--heatmap", *(str(p) for p in paths)))
        self.assertIn("rank", self.texts("--heatmap", str(paths[0])))


class Size(Many):
    def thousands(self, n=4096, samples=200, leaking=2741, early=102):
        """A file a rank, most of them of the same samples, so that it takes no time to write them."""
        folder = self.folder / "job"
        folder.mkdir()
        texts = {}
        for rank in range(n):
            key = rank if rank in (leaking, early) else rank % 16
            if key not in texts:
                texts[key] = fleet_made.recording(key, n=samples, leaking=leaking, early=early).split("\n", 2)
            command, _, rest = texts[key]
            meta = f"META format=1 metric=rss interval=0.5 rank={rank} node=n{rank // 16} job=417"
            (folder / f"r{rank:05d}.dat").write_text(f"{command}\n{meta}\n{rest}")

    @unittest.skipIf(lab.SANITIZED, "memory and pace mean nothing there")
    def test_thousands(self):
        self.thousands()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        for how, name in ([], "x.svg"), (["--heatmap"], "y.svg"), (["--heatmap", "--font", "builtin"], "y.png"):
            subprocess.run([lab.MPROF, "plot", *how, "-o", name, "job"], cwd=self.folder, env=self.env, check=True, timeout=120,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, max(before, 500 << 10))
        for name in ("x.svg", "y.svg"):
            text = (self.folder / name).read_text()
            self.assertLess(len(text), 2 << 20)
            for told in ("rank 2741 on n171", "rank 102 on n6", "SIGKILL at 39.5 s", "4096 ranks on 256 nodes"):
                self.assertIn(told, text)
        width, height, rgb = pixels((self.folder / "y.png").read_bytes())
        hot, at = b"\xf5\x9a\x1c", 86 + 457 * 2741.5 / 4096
        rows = {i // 3 // width for i in range(0, len(rgb), 3) if rgb[i:i + 3] == hot and i // 3 // width > 82}
        self.assertTrue(rows)
        self.assertTrue(all(abs(row - at) < 3 for row in rows), (sorted(rows), at))


if __name__ == "__main__":
    lab.main()
