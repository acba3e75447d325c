"""plot: which backend, bad input, and the faults of mprof's plot that must not come back."""
import gzip
import json
import os
import re
import struct
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made

PNG = b"\x89PNG\r\n\x1a\n"


def recording(samples, command="./train.py", extra=()):
    """A .dat of (MiB, seconds) pairs from an arbitrary start."""
    lines = [f"CMDLINE {command}"]
    lines += [f"MEM {mib:.6f} {1700000000 + t:.4f}" for mib, t in samples]
    return "\n".join([*lines, *extra, ""])


RAMP = [(10 + 10 * i, i * 0.1) for i in range(20)]


def svg_texts(path):
    return ["".join(e.itertext()) for e in xml.parse(path).iter() if e.tag.endswith("}text")]


class Plot(lab.Lab):
    def svg(self, content, *options, name="a.dat"):
        """Plots a recording of that content; returns the texts in the picture, one string."""
        self.write(name, content)
        done = self.mprof("plot", name, "-o", "a.svg", "--font", "builtin", *options, status=0)
        self.assertEqual(done.stdout, "")
        return "\n".join(svg_texts(self.folder / "a.svg"))


class Choice(Plot):
    def test_extension_chooses_the_backend(self):
        self.write("a.dat", recording(RAMP))
        starts = {"png": PNG, "svg": b"<", "csv": b"profile,", "json": b"", "txt": b""}
        for extension, start in starts.items():
            done = self.mprof("plot", "a.dat", "-o", f"a.{extension}", status=0)
            self.assertEqual(done.stdout + done.stderr, "")
            self.assertTrue((self.folder / f"a.{extension}").read_bytes().startswith(start), extension)

    def test_backend_wins_over_the_extension(self):
        self.write("a.dat", recording(RAMP))
        self.mprof("plot", "a.dat", "-b", "svg", "-o", "a.picture", status=0)
        xml.parse(self.folder / "a.picture")

    def test_default_size_and_dpi(self):
        self.write("a.dat", recording(RAMP))
        for options, size in (((), (1260, 600)), (("--dpi", 192), (2520, 1200)), (("--size", "640x300"), (640, 300))):
            self.mprof("plot", "a.dat", "-o", "a.png", *options, status=0)
            header = (self.folder / "a.png").read_bytes()[16:24]
            self.assertEqual(struct.unpack(">II", header), size)

    def test_newest_recording_is_the_default(self):
        self.write("mprofile_20240101000000.dat", recording(RAMP, "old"))
        self.write("mprofile_20250101000000.dat", recording(RAMP, "new"))
        self.mprof("plot", "-o", "a.svg", status=0)
        self.assertIn("new", svg_texts(self.folder / "a.svg"))

    def test_negative_index_with_options_after_it(self):
        self.write("mprofile_20240101000000.dat", recording(RAMP, "old"))
        self.write("mprofile_20250101000000.dat", recording(RAMP, "new"))
        self.mprof("plot", "-2", "-o", "a.svg", status=0)
        self.assertIn("old", svg_texts(self.folder / "a.svg"))

    def test_standard_input_and_output(self):
        done = self.mprof("plot", "-", "-o", "-", "-b", "svg", input=recording(RAMP), status=0)
        xml.fromstring(done.stdout)

    def test_standard_input_can_be_exported(self):
        done = self.mprof("plot", "-", "-b", "csv", input=recording(RAMP), status=0)
        self.assertEqual(len(done.stdout.splitlines()), 1 + len(RAMP))

    def test_compressed_recording(self):
        self.write("a.dat.gz", gzip.compress(recording(RAMP, "squeezed").encode()))
        self.mprof("plot", "a.dat.gz", "-o", "a.svg", status=0)
        self.assertIn("squeezed", svg_texts(self.folder / "a.svg"))

    def test_every_compat_recording_in_every_format(self):
        for path in sorted(lab.COMPAT.glob("*.dat")):
            for extension in ("png", "svg", "txt", "csv", "json"):
                self.mprof("plot", path, "-o", f"{path.stem}.{extension}", status=0)
                self.mprof("plot", path, "-f", "-s", "-o", f"{path.stem}.{extension}", status=0)

    def test_all_compat_recordings_at_once(self):
        paths = sorted(lab.COMPAT.glob("*.dat"))
        self.mprof("plot", *paths, "-o", "all.svg", status=0)
        text = "\n".join(svg_texts(self.folder / "all.svg"))
        for path in paths:
            self.assertIn(path.name, text)


class Content(Plot):
    def test_peak_is_labelled_with_value_and_time(self):
        self.assertIn("peak 200.0 MiB at 1.90 s", self.svg(recording(RAMP)))

    def test_large_memory_is_in_gib(self):
        text = self.svg(recording([(1000 * i, i) for i in range(20)]))
        self.assertIn("GiB", text)

    def test_long_recordings_are_not_in_seconds(self):
        self.assertIn("min", self.svg(recording([(10, 60 * i) for i in range(20)])))
        self.assertIn("h:min", self.svg(recording([(10, 3600 * i) for i in range(20)])))

    def test_functions_have_one_row_each(self):
        func = [f"FUNC __main__.step 10.0 {1700000000 + i * 0.01:.4f} 11.0 {1700000000 + i * 0.01 + 0.005:.4f} 0"
                for i in range(190)]
        text = self.svg(recording(RAMP, extra=func))
        self.assertIn("190 calls", text)
        self.assertEqual(len(re.findall(r"\d+ calls", text)), 1)

    def test_functions_can_be_left_out(self):
        func = ["FUNC __main__.step 10.0 1700000000.1 11.0 1700000001.5 0"]
        self.assertIn("step", self.svg(recording(RAMP, extra=func)))
        self.assertNotIn("step", self.svg(recording(RAMP, extra=func), "-n"))

    def test_title_option(self):
        text = self.svg(recording(RAMP), "-t", "My own title")
        self.assertIn("My own title", text)
        self.assertNotIn("train.py", text)

    def test_window(self):
        text = self.svg(recording(RAMP), "-w", "0.5,1.0")
        self.assertNotIn("1.90 s", text)

    def test_slope_names_its_unit(self):
        text = self.svg(recording([(100 + i, i) for i in range(100)]), "--slope")
        self.assertIn("+60.0 MiB/min", text)

    def test_korean_title_survives(self):
        self.assertIn("학습.py", self.svg(recording(RAMP, "./학습.py")))

    def test_long_command_is_shortened_in_the_middle(self):
        text = self.svg(recording(RAMP, "./train.py " + "x" * 5000 + " --end"))
        title = text.splitlines()[0]
        self.assertLess(len(title), 400)
        self.assertTrue(title.startswith("./train.py") and "…" in title and title.endswith("--end"), title)


class Faults(Plot):
    """What mprof 0.61 does wrong."""

    def test_truncated_last_line_is_left_out(self):
        whole = recording(RAMP)
        for tail in ("MEM 3.0", "MEM", "M", "MEM 99999.0 17000000", "MEM 99999.000000 1700000001.9"):
            text = self.svg(whole + tail)
            self.assertIn("peak 200.0 MiB", text, tail)

    def test_blank_and_lone_lines_are_no_end(self):
        self.write("a.dat", recording(RAMP) + "\n\nEND\nMEM\nMEM x y\n\0\0\0\0\nMEM 500.0 1700000003.0\n")
        done = self.mprof("plot", "a.dat", "-o", "a.svg", status=0)
        self.assertIn("malformed", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("peak 500.0 MiB at 3.00 s", svg_texts(self.folder / "a.svg"))

    def test_nan_and_infinity_are_no_samples(self):
        text = self.svg(recording(RAMP) + "MEM nan 1700000001.95\nMEM inf 1700000001.96\nMEM 5.0 nan\n")
        self.assertIn("peak 200.0 MiB", text)

    def test_title_is_no_markup(self):
        for title in ("costs $5 and $6", r"$\foo$", "a_b^c{d}", "`id`", "100% <b>&amp;", "@x 'y' \"z\""):
            self.assertIn(title, self.svg(recording(RAMP), "-t", title))

    def test_forty_children_do_not_clip_the_legend(self):
        children = [f"CHLD {1000 + c} {c + 1:.6f} {1700000000 + i * 0.1:.4f}" for i in range(20) for c in range(40)]
        self.write("a.dat", recording(RAMP, extra=children))
        self.mprof("plot", "a.dat", "-o", "a.svg", "--size", "800x400", status=0)
        root = xml.parse(self.folder / "a.svg").getroot()
        ys = [float(e.get("y")) for e in root.iter() if e.tag.endswith("}text") and e.get("y")]
        self.assertTrue(all(0 <= y <= 400 for y in ys), ys)
        self.assertTrue(any("more" in t for t in svg_texts(self.folder / "a.svg")))

    def test_forty_recordings_do_not_clip_the_legend(self):
        names = [f"r{i}.dat" for i in range(40)]
        for i, name in enumerate(names):
            self.write(name, recording([(mib + i, t) for mib, t in RAMP]))
        for n, size in ((15, "1260x600"), (40, "1260x600"), (40, "400x250")):
            self.mprof("plot", *names[:n], "-o", "a.svg", "--size", size, "--slope", status=0)
            height = int(size.split("x")[1])
            root = xml.parse(self.folder / "a.svg").getroot()
            ys = [float(e.get("y")) for e in root.iter() if e.tag.endswith("}text") and e.get("y")]
            self.assertTrue(all(0 <= y <= height for y in ys), ys)
            self.assertTrue(any(" more" in t for t in svg_texts(self.folder / "a.svg")))
            self.assertIn(f"r{n - 1}.dat", svg_texts(self.folder / "a.svg"))  # which has the highest peak

    def test_where_only_the_bad_end_has_room_no_rag_stands_before_it(self):
        self.write("a.dat", made.card())
        for width, rag in ((300, False), (400, False), (1260, True)):
            self.mprof("plot", "a.dat", "-o", "a.svg", "--size", f"{width}x300", status=0)
            heading = svg_texts(self.folder / "a.svg")[1:3]
            self.assertEqual(any("exit status 1" in t or t.startswith("202") for t in heading), rag, heading)
            self.assertTrue(any(t.lstrip(" ·").startswith("GPU 0 had no") for t in heading), heading)

    def test_what_will_not_be_seen_is_said(self):
        for name in ("a.dat", "b.dat"):
            self.write(name, recording(RAMP))
        plot = lambda *words, status=0: self.mprof("plot", "-o", "a.svg", *words, status=status).stderr
        self.assertIn("neither calls nor growth by line for --flame", plot("-f", "a.dat"))
        self.assertIn("--flame is drawn of one recording", plot("-f", "a.dat", "b.dat"))
        self.assertIn("--bill is drawn of one recording", plot("--bill", "a.dat", "b.dat", status=2))
        self.assertIn("no samples between 8 and 9 s", plot("-w", "8,9", "a.dat", status=1))
        self.assertIn("a width from 16 and a height from 4", plot("--size", "8x8", "a.dat", status=2))

    def test_a_replaced_picture_keeps_its_mode(self):
        self.write("a.dat", recording(RAMP))
        self.mprof("plot", "a.dat", "-o", "a.png", status=0)
        (self.folder / "a.png").chmod(0o600)
        self.mprof("plot", "a.dat", "-o", "a.png", status=0)
        self.assertEqual((self.folder / "a.png").stat().st_mode & 0o7777, 0o600)

    def test_two_thousand_calls_are_quick(self):
        func = [f"FUNC f{i % 50} 1.0 {1700000000 + i * 0.001:.4f} 2.0 {1700000000 + i * 0.001 + 0.0005:.4f} {i % 3}"
                for i in range(2000)]
        self.write("a.dat", recording(RAMP, extra=func))
        before = time.monotonic()
        self.mprof("plot", "a.dat", "-o", "a.png", status=0)
        self.assertLess(time.monotonic() - before, 5)

    def test_dense_svg_stays_small(self):
        dense = [(100 + (i * 7919) % 97, i * 0.001) for i in range(200000)]
        self.svg(recording(dense))
        self.assertLess((self.folder / "a.svg").stat().st_size, 250_000)

    def test_headless_plot_without_output_is_an_error(self):
        self.write("a.dat", recording(RAMP))
        self.assertIn("-o", self.refuses("plot", "a.dat", status=2))

    def test_old_functions_without_level_flame(self):
        func = ["FUNC __main__.step 10.0 1700000000.1 11.0 1700000001.5"]
        self.assertIn("step", self.svg(recording(RAMP, extra=func), "--flame"))

    def test_slope_of_one_sample(self):
        self.assertIn("too few samples", self.svg(recording(RAMP[:1]), "--slope"))

    def test_several_runs_show_the_last(self):
        self.write("a.dat", recording([(900, 0), (901, 1)], "first") + recording([(5, 100), (6, 101)], "second"))
        done = self.mprof("plot", "a.dat", "-o", "a.svg", status=0)
        self.assertIn("2 runs", done.stderr)
        text = "\n".join(svg_texts(self.folder / "a.svg"))
        self.assertIn("peak 6.0 MiB at 1.00 s", text)
        self.assertIn("second", text)

    def test_label_with_a_blank(self):
        # memory_profiler writes such lines itself and cannot read them again
        self.write("a.dat", recording(RAMP, extra=["FUNC load data 1.0 1700000000.1 2.0 1700000001.0 0"]))
        self.mprof("plot", "a.dat", "-o", "a.svg", status=0)

    def test_calls_without_samples_are_a_recording_wherever_it_stands(self):
        self.write("a.dat", recording(RAMP))
        self.write("calls.dat", "FUNC f 1.0 1700000000.1 2.0 1700000001.0 0\n")
        for order in (["a.dat", "calls.dat"], ["calls.dat", "a.dat"]):
            said = self.mprof("plot", *order, "-o", "a.svg", status=1).stderr
            self.assertIn("calls.dat holds no samples: nothing was recorded", said)


class End(Plot):
    """What comes after the last sample."""

    def killed(self, *extra, late=2.0, status=-9, own=30.0, last=358.0):
        end = [f"GONE 100 {1700000000 + late:.6f} {own:.6f} {status}", f"EXIT {status} {1700000000 + late:.6f} {last:.6f} 3 0"]
        meta = ["META format=1 metric=rss pid=100"]
        return recording([(10, 0), (20, 0.5), (30, 1.0)], extra=[*meta, *extra, *end])

    def test_the_end_is_shown(self):
        text = self.svg(self.killed(status=0, own=30.0, last=30.0))
        self.assertIn("2.00 s · 3 samples", text)
        self.assertIn("end", text.splitlines())
        self.assertIn("2.0", text.splitlines())
        self.assertIn("killed", self.svg(self.killed()).splitlines())
        self.assertNotIn("end", self.svg(self.killed(late=1.02, status=0)).splitlines())

    def test_a_peak_after_the_last_sample_is_a_point_of_the_picture(self):
        text = self.svg(self.killed("PEAK 358.000000 1700000002.000000 1700000001.000000", own=358.0))
        self.assertIn("exact peak 358.0 MiB between 1.00 s and 2.00 s", text)
        dots = [e for e in xml.parse(self.folder / "a.svg").iter() if e.tag.endswith("}circle")]
        right = max(float(e.get("cx")) for e in dots)
        self.assertLessEqual(right, 1260)
        self.assertGreater(right, 900)
        for options in (("-b", "term"), ("-b", "term", "--ascii")):
            self.assertIn("peak 358.0 MiB", self.mprof("plot", "a.dat", *options, status=0).stdout)

    def test_one_that_was_killed_held_so_much_at_most(self):
        self.assertIn("peak at most 358.0 MiB", self.svg(self.killed()))
        self.assertNotIn("358", self.svg(self.killed(status=0)))  # of a process that it waited for, as likely as not
        tree = self.svg(self.killed("META tree=1", own=200.0))
        self.assertIn("peak at least 200.0 MiB", tree)

    def test_a_mark_after_the_last_sample(self):
        self.assertIn("about to die", self.svg(self.killed("MARK 30.000000 1700000001.700000 about to die")))
        self.assertIn("about to die", self.svg(recording(RAMP, extra=["MARK 30.0 1700000009.0 about to die"])))

    def test_a_call_that_it_was_killed_in_lasts_until_then(self):
        self.assertIn("not ended · 1.50 s", self.svg(self.killed("ENTER main 20.0 1700000000.5 0 100")))

    def test_several_have_their_own_ends(self):
        self.write("b.dat", self.killed())
        self.assertIn("peak 30.0 MiB · 2.00 s", self.svg(self.killed(), "b.dat"))

    def test_a_run_that_outlasts_its_samples(self):
        self.mprof("run", "-q", "-T", "2", "-o", "mprofile_20240101000000.dat", "sleep", "2.9", status=0)
        self.mprof("plot", "-o", "b.svg", status=0)
        self.assertRegex("\n".join(svg_texts(self.folder / "b.svg")), r"· (2\.9|[3-9]\.)\d* s · 2 samples")
        self.assertRegex(self.mprof("list", status=0).stdout, r" (2\.9|[3-9]\.)\d* s ")

    def test_a_window_in_which_only_children_were_sampled(self):
        """They may go on without the program: they are drawn, and of the program nothing is told that nobody saw."""
        text = recording([(20, 0), (30, 1)], extra=[f"CHLD {pid} {pid + n}.0 {1700000003 + n / 10:.4f}" for n in range(10) for pid in (7, 70)])
        told = self.svg(text, "-w", "3,3.5").splitlines()
        self.assertIn("child 70", told)
        self.assertIn("peak 75.0 MiB", told)
        self.assertTrue(any("3.00 s to 3.50 s" in t and "no sample of the program itself" in t for t in told), told)
        for out in "a.png", "a.html", "a.svg":
            self.mprof("plot", "-w", "3,3.5", "-o", out, "a.dat", status=0)
            self.mprof("plot", "-w", "3,3.5", "-o", out, "a.dat", "a.dat", status=0)
        self.mprof("plot", "-w", "3,3.5", "-o", "a.html", "a.dat", status=0)
        page = (self.folder / "a.html").read_text()
        self.assertIn("the peak is of the children alone", page)
        self.assertNotIn("peak unknown", page)
        self.assertIn("┤", self.mprof("plot", "-w", "3,3.5", "-b", "term", "a.dat", status=0).stdout)
        self.assertIsNone(json.loads(self.mprof("export", "-w", "3,3.5", "--format", "json", "-o", "-", "a.dat", status=0).stdout)[0]["peak"])

    def test_a_window_speaks_of_itself(self):
        text = self.svg(self.killed(), "-w", "0,0.6")
        self.assertIn("0 s to 0.60 s of 2.00 s · 2 samples", text)
        self.assertIn("peak 20.0 MiB at 0.50 s", text)
        self.assertNotIn("358", text)
        self.assertNotIn("killed", text.splitlines())


class Units(Plot):
    """The axis is in the unit of the figures beside it."""

    def test_memory(self):
        for top, unit in ((1516, "MiB"), (1530, "MiB"), (1600, "GiB"), (0.5, "KiB"), (1.05, "MiB")):
            text = self.svg(recording([(0, 0), (top, 1)]))
            self.assertIn(f"memory ({unit})", text)
            self.assertRegex(text, rf"peak [0-9.]+ {unit}")

    def test_time(self):
        for length, axis, word in ((110, "time (s)", "s"), (150, "time (min:s)", "2 min 30 s"), (7000, "time (min:s)", "116 min"),
                                   (7740, "time (h:min)", "2 h 09 min"), (2592000, "time (days)", "30 d 0 h")):
            text = self.svg(recording([(1, 0), (2, length)]))
            self.assertIn(axis, text)
            self.assertIn(word, text)


class BadInput(Plot):
    def test_files_come_before_places(self):
        self.write("x.bin", "hello\n")
        self.refuses("plot", "nosuch.dat", status=1, says="cannot find nosuch.dat")
        self.refuses("plot", "x.bin", status=1, says="x.bin is no recording")
        self.write("a.dat", recording(RAMP))
        self.refuses("plot", "a.dat", status=2, says="-o FILE")

    def test_a_font_that_is_not_here_is_told(self):
        self.write("a.dat", recording(RAMP))
        said = self.mprof("plot", "a.dat", "-o", "a.png", "--font", "NoSuchFont", status=0).stderr
        if "without" in said or "built-in" in said:
            self.skipTest(said.strip())
        self.assertRegex(said, r"\Amprof-c: warning: there is no font 'NoSuchFont' here: drawn with [^\n]+\n\Z")
        for font in ("builtin", "sans", "monospace"):
            self.assertEqual(self.mprof("plot", "a.dat", "-o", "a.png", "--font", font, status=0).stderr, "")

    def test_characters_that_no_font_has_are_told_once(self):
        fonts = Path("/usr/share/fonts/truetype/dejavu")
        if not fonts.is_dir():
            self.skipTest("needs the fonts of fonts-dejavu-core")
        self.write("fonts.conf", f"<fontconfig><dir>{fonts}</dir><cachedir>{self.folder}</cachedir></fontconfig>")
        self.write("a.dat", recording(RAMP))
        said = self.mprof("plot", "a.dat", "-t", "訓練 中 中", "-o", "out.png", env={"FONTCONFIG_FILE": str(self.folder / "fonts.conf")}, status=0).stderr
        if said:  # built with FreeType
            self.assertEqual(said, "mprof-c: warning: no font here has U+8A13, which is shown as a box: install fonts-noto-cjk\n")

    def test_a_compressed_recording_that_is_cut_off(self):
        noise = [(i * 7919 % 9973, i * 0.1) for i in range(3000)]
        whole = gzip.compress(recording(noise).encode())
        for cut in (len(whole) // 2, len(whole) - 9, len(whole) - 4):
            self.write("a.dat.gz", whole[:cut])
            for words in (("plot", "-o", "a.svg", "a.dat.gz"), ("peak", "a.dat.gz")):
                self.assertIn("a.dat.gz is cut off", self.mprof(*words, status=0).stderr, (cut, words))
        self.write("a.dat.gz", whole)
        self.assertEqual(self.mprof("plot", "-o", "a.svg", "a.dat.gz", status=0).stderr, "")

    def test_compressed_standard_input(self):
        packed = gzip.compress(recording(RAMP).encode())
        self.write("a.dat.gz", packed)
        for content in (packed, recording(RAMP).encode()):
            self.assertIn(b"200.0", self.mprof("peak", "-", input=content, text=False, status=0).stdout)
        with open(self.folder / "a.dat.gz") as file:
            self.assertIn("200.0", self.mprof("peak", "-", stdin=file, status=0).stdout)

    def test_options(self):
        self.write("a.dat", recording(RAMP))
        for words, says in (
            (("--sizes", "1x1"), "--size"), (("--size", "0x10"), "width"), (("--size", "99999x10"), "width"),
            (("--size", "10"), "width"), (("--dpi", "0"), "dots"), (("--dpi", "nan"), "dots"),
            (("--theme", "drak"), "light"), (("-w", "3,1"), "A < B"), (("-w", "x"), "A < B"), (("-w", "-1,1"), "A < B"),
            (("-b", "pgn"), "png"), (("-b", "nonsense"), "gnuplot"), (("-o", "a.xyz"), ".png"), (("-o", "noext"), ".png"),
            (("-b", "png"), "-o"), (("-Z",), "-Z"), (("-o",), "argument"),
        ):
            self.refuses("plot", "a.dat", *words, status=2, says=says)

    def test_missing_recording(self):
        self.refuses("plot", "nosuch.dat", "-o", "a.png", status=1, says="nosuch.dat")
        self.refuses("plot", "-o", "a.png", status=1)
        self.assertFalse((self.folder / "a.png").exists())

    def test_recording_without_samples_says_how_to_remove_it(self):
        self.write("a.dat", "CMDLINE x\n")
        self.refuses("plot", "a.dat", "-o", "a.png", status=1, says="mprof-c rm a.dat")
        self.write("b.dat", "")
        self.refuses("plot", "b.dat", "-o", "a.png", status=1, says="no samples")
        self.assertFalse((self.folder / "a.png").exists())

    def test_folder_as_recording(self):
        (self.folder / "d.dat").mkdir()
        self.refuses("plot", "d.dat", "-o", "a.png", status=1, says="d.dat")

    def test_one_bad_recording_among_good_ones(self):
        self.write("a.dat", recording(RAMP))
        done = self.mprof("plot", "a.dat", "nosuch.dat", "-o", "a.png", status=1)
        self.assertIn("nosuch.dat", done.stderr)

    def test_unwritable_output(self):
        self.write("a.dat", recording(RAMP))
        self.refuses("plot", "a.dat", "-o", "no/such/a.png", status=1, says="no/such/a.png")
        self.refuses("plot", "a.dat", "-b", "png", "-o", "/dev/full", status=1, says="No space")

    def test_failure_keeps_the_old_picture(self):
        self.write("a.png", "old")
        self.write("b.dat", "")
        self.mprof("plot", "b.dat", "-o", "a.png", status=1)
        self.assertEqual((self.folder / "a.png").read_text(), "old")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["a.png", "b.dat"])

    def test_random_bytes(self):
        for seed in range(20):
            noise = bytes((seed * 31 + i * i * 7 + i // 3) % 256 for i in range(5000))
            self.write("a.dat", recording(RAMP).encode() + noise + b"\n" + recording(RAMP[:3]).encode())
            done = self.mprof("plot", "a.dat", "-o", "a.png", text=False)
            self.assertIn(done.returncode, (0, 1))

    def test_closed_standard_output_and_error(self):
        self.write("a.dat", recording(RAMP))
        shell = f'exec {lab.MPROF} plot a.dat -o a.png >&- 2>&- <&-'
        self.assertEqual(subprocess.run(["sh", "-c", shell], cwd=self.folder, env=self.env).returncode, 0)
        self.assertTrue((self.folder / "a.png").read_bytes().startswith(PNG))

    def test_broken_pipe_is_no_hang(self):
        self.write("a.dat", recording([(i % 50, i * 0.01) for i in range(100000)]))
        shell = f"{lab.MPROF} plot a.dat -b csv | head -1"
        done = subprocess.run(["sh", "-c", shell], cwd=self.folder, env=self.env, timeout=30,
                              stdout=subprocess.PIPE)
        self.assertEqual(len(done.stdout.splitlines()), 1)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_read_only_folder(self):
        self.write("a.dat", recording(RAMP))
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        self.refuses("plot", "a.dat", "-o", "a.png", status=1, says="a.png")


if __name__ == "__main__":
    lab.main()
