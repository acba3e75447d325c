"""The gnuplot backend with the real gnuplot: every terminal draws, a window opens, and nothing of a recording is code."""
import os
import re
import shutil
import signal
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

HOSTILE = [
    "`touch canary`", "'; system('touch canary'); '", '"; system("touch canary"); "', "$(touch canary)", "@x $0 $x$",
    "{/Bold b} a_b^c", "%s %d %n 100%", "\\n \\' \\", "#comment", "!touch canary", "''`touch canary`''", "é 학습 ½",
]


class Gnuplot(lab.Lab):
    def setUp(self):
        super().setUp()
        if not shutil.which("gnuplot"):
            self.skipTest("gnuplot is not installed")

    def recording(self, name="a.dat", command="./train.py", functions=(), n=50):
        lines = [f"CMDLINE {command}"] + [f"MEM {i % 17 + 1:.6f} {1700000000 + i / 10:.4f}" for i in range(n)]
        lines += [f"FUNC {f} 1.0 {1700000000.5 + i:.4f} 2.0 {1700000001.2 + i:.4f} {i % 2}" for i, f in enumerate(functions)]
        self.write(name, "\n".join(lines) + "\n")

    def draw(self, name, *options, says="", **kw):
        done = self.mprof("plot", "a.dat", "-b", "gnuplot", "-o", name, *options, status=0, **kw)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, rf"\A{says}\Z")
        return (self.folder / name).read_bytes()

    def test_every_terminal_draws(self):
        self.recording(functions=("load", "train"))
        for options in ((), ("--flame",), ("--slope",), ("--theme", "dark")):
            png = self.draw("a.png", *options)
            self.assertEqual(struct.unpack(">II", png[16:24]), (1260, 600))
            svg = self.draw("a.svg", *options)
            self.assertIn("train.py", "".join(xml.fromstring(svg).itertext()))
            self.assertTrue(self.draw("a.pdf", *options).startswith(b"%PDF"))

    def test_what_stands_beside_the_samples(self):
        told = {"exact": ["exact", "between samples"], "beyond": ["exact peak 212.3 MiB"],
                "killed": ["killed: out of memory", "limit 512.0 MiB"], "gpu": ["GPU memory (GiB)", "79.65 GiB of VRAM"],
                "gpu-alike": ["GeForce MX150"], "card": ["GPU 0 had no memory left", "wanted beside that", "backward"],
                "metrics": ["control group", "warm-up over", "8.00 GiB allowed"],
                "families": ["python worker ×8", "30 others"], "growth": ["matrix train.py:15", "load train.py:8"], "heap": [], "bill": [], "gaps": ["cc1 ×4"],
                "short": ["load quick.py:8"]}
        for name, make in made.ALL.items():
            with self.subTest(name):
                self.write("a.dat", make())
                said = "".join(xml.fromstring(self.draw("a.svg")).itertext()).replace("\u00a0", " ")
                for text in told[name]:
                    self.assertIn(text, said)
                flame = self.draw("a.png", "--flame", says="(mprof-c: warning: [^\n]+ for --flame to show\n)?")
                self.assertEqual(struct.unpack(">II", flame[16:24]), (1260, 600))

    def labels(self):
        """Each text of a.svg, and about the box that it stands in."""
        found = []
        for group in xml.fromstring(self.draw("a.svg")).iter("{http://www.w3.org/2000/svg}g"):
            place = re.match(r"translate\(([\d.]+),([\d.]+)\)", group.get("transform", ""))
            text = "".join(group.itertext()).strip().replace("\u00a0", " ")
            if not place or not text:
                continue
            x, y, size = float(place[1]), float(place[2]), float(group.get("font-size"))
            width = 0.45 * size * len(text)
            x -= {"end": width, "middle": width / 2}.get(group.get("text-anchor"), 0)
            found.append((text, (x, y - 0.8 * size, x + width, y)))
        return found

    def test_labels_yield_to_each_other(self):
        """The peak is always told, and of the marks around it those for which there is room."""
        moments = [(0.5, "epoch 1"), (0.9, "epoch one and a half"), (4.6, "epoch 2 begins here"), (4.9, "load of the second"), (5.0, "peak here"),
                   (5.3, "epoch 3"), (5.6, "save")]
        lines = [(i / 10, f"MEM {10 + min(i, 30) * 4 + 200 * (i == 50)}.000000 {made.moment(i / 10)}") for i in range(60)]
        lines += [(at, f"MARK 0.000000 {made.moment(at)} {label}") for at, label in moments]
        self.write("a.dat", made.text(made.head("./train.py"), [line for _, line in sorted(lines)], [f"EXIT 0 {made.moment(6)} 330.0 60 0"]))
        for text in (None, made.card()):
            if text:
                self.write("a.dat", text)
            found = self.labels()
            for i, (one, a) in enumerate(found):
                for other, b in found[:i]:
                    self.assertFalse(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3], (one, other))
            said = [text for text, _ in found]
            for label in ("weights", "forward", "backward", "OOM", "79.65 GiB of VRAM") if text else ("epoch 1", "peak 330.0 MiB at 5.00 s", "epoch 3"):
                self.assertIn(label, said)

    def test_names_of_growth_and_marks_are_no_code(self):
        for text in HOSTILE:
            with self.subTest(text):
                self.write("a.dat", made.growth().replace("load", text).replace("train.py", text.replace("/", ""))
                           + f"MARK 1.0 {made.moment(1)} {text}\n")
                self.draw("a.svg")
                self.draw("a.png", "--flame")
                self.assertFalse((self.folder / "canary").exists())

    def test_pdf_is_chosen_by_its_extension(self):
        self.recording()
        self.mprof("plot", "a.dat", "-o", "b.pdf", status=0)
        self.assertTrue((self.folder / "b.pdf").read_bytes().startswith(b"%PDF"))

    def test_dense_recordings(self):
        self.recording(n=60000)
        self.assertLess(len(self.draw("a.png")), 400_000)

    def test_nothing_of_a_recording_is_code(self):
        for text in HOSTILE:
            with self.subTest(text):
                self.recording(command=text, functions=(text.replace(" ", ""),))
                svg = self.draw("a.svg")
                self.draw("b.png", "-t", text)
                self.draw("b.pdf", "-t", text)
                self.assertFalse((self.folder / "canary").exists())
                said = "".join(xml.fromstring(svg).itertext())
                self.assertIn(text.replace(" ", ""), said.replace(" ", "").replace("\u00a0", "").replace("\n", ""))

    def test_the_users_own_settings_do_not_matter(self):
        self.recording()
        self.write(".gnuplot", "this is no gnuplot\n")
        self.draw("a.png", env={"HOME": str(self.folder), "GNUTERM": "dumb"})

    def test_not_installed(self):
        self.recording()
        done = self.mprof("plot", "a.dat", "-b", "gnuplot", "-o", "a.png", env={"MPROF_GNUPLOT": "/no/such/gnuplot"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("not installed", done.stderr)
        self.assertFalse((self.folder / "a.png").exists())

    def fake(self, script):
        self.recording(n=20000)
        self.write("fake", f"#!/bin/sh\n{script}\n", 0o755)
        return {"MPROF_GNUPLOT": str(self.folder / "fake")}

    def test_one_that_fails_is_quoted(self):
        done = self.mprof("plot", "a.dat", "-b", "gnuplot", "-o", "a.png",
                          env=self.fake("cat >/dev/null; echo 'line 3: no such terminal' >&2; exit 1"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]*no such terminal\n\Z")
        self.assertFalse((self.folder / "a.png").exists())

    def test_one_that_dies_without_reading(self):
        done = self.mprof("plot", "a.dat", "-b", "gnuplot", "-o", "a.png", env=self.fake("exit 7"), timeout=20)
        self.assertEqual(done.returncode, 1)

    def test_one_that_never_reads_ends_with_control_c(self):
        run = subprocess.Popen([lab.MPROF, "plot", "a.dat", "-b", "gnuplot", "-o", "a.png"], cwd=self.folder,
                               env={**self.env, **self.fake("exec sleep 30")})
        time.sleep(0.5)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(10), -signal.SIGINT)
        self.assertFalse((self.folder / "a.png").exists())

    @unittest.skipUnless(shutil.which("Xvfb") and shutil.which("xwininfo"), "Xvfb or xwininfo is not installed")
    def test_the_window_opens_and_stays(self):
        known = subprocess.run(["gnuplot", "-e", "print GPVAL_TERMINALS"], env=self.env, capture_output=True, text=True)
        if not {"x11", "wxt", "qt"} & set((known.stdout + known.stderr).split()):
            self.skipTest("this gnuplot opens no window")
        self.recording()
        read, write = os.pipe()
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24"], pass_fds=[write],
                                  stderr=subprocess.DEVNULL)
        os.close(write)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        with os.fdopen(read) as numbers:
            display = f":{numbers.readline().strip()}"
        self.env["DISPLAY"] = display
        self.mprof("plot", "a.dat", status=0)  # the prompt is back, the window is there
        for _ in range(100):
            tree = subprocess.run(["xwininfo", "-root", "-tree"], env=self.env, capture_output=True, text=True).stdout
            if "gnuplot" in tree.lower():
                return
            time.sleep(0.1)
        self.fail(f"no window: {tree}")


if __name__ == "__main__":
    lab.main()
