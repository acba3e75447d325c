"""plot --open: the page is written, and handed to whatever opens files on the desktop; here a stand-in for it."""
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made


class Open(lab.Lab):
    def setUp(self):
        super().setUp()
        self.write("run.dat", made.killed())
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "MPROF_OPEN"):
            self.env.pop(name, None)
        self.env["MPROF_GNUPLOT"] = str(self.bin / "no-gnuplot")

    def opener(self, name="xdg-open", end="exit 0"):
        """Writes down what it is asked to open. The search path has it before all others."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{self.folder}/opened\n{end}\n')
        path.chmod(0o755)
        self.env["PATH"] = f"{self.bin}:{self.env['PATH']}"

    def opened(self):
        path = self.folder / "opened"
        return path.read_text().splitlines() if path.exists() else []

    def display(self):
        self.env["DISPLAY"] = ":77"

    def test_the_page_is_written_here_and_opened(self):
        self.opener()
        self.display()
        done = self.mprof("plot", "--open", "run.dat", status=0)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, "mprof-c: wrote run.html, and opened it with xdg-open\n")
        self.assertEqual(self.opened(), [os.path.realpath(self.folder / "run.html")])
        self.assertIn("<!DOCTYPE html>", (self.folder / "run.html").read_text())

    def test_a_named_file_of_any_kind_is_opened(self):
        self.opener()
        self.display()
        self.assertEqual(self.mprof("plot", "--open", "-o", "a.svg", "run.dat", status=0).stderr, "")
        self.assertEqual(self.opened(), [os.path.realpath(self.folder / "a.svg")])
        self.assertIn("wrote run.png", self.mprof("plot", "--open", "-b", "png", "run.dat", status=0).stderr)
        self.assertIn("draws in a terminal", self.mprof("plot", "--open", "-b", "kitty", "run.dat", status=2).stderr)

    def test_without_a_display_the_page_is_there_all_the_same(self):
        self.opener()
        done = self.mprof("plot", "--open", "run.dat", status=0)
        self.assertIn("run.html is written, but there is no display to open it on", done.stderr)
        self.assertEqual(self.opened(), [])
        self.assertTrue((self.folder / "run.html").exists())
        self.env["MPROF_OPEN"] = "xdg-open"
        self.mprof("plot", "--open", "run.dat", status=0)
        self.assertEqual(len(self.opened()), 1)

    def test_without_anybody_to_open_it(self):
        self.display()
        self.env["MPROF_OPEN"] = "no-such-opener"
        done = self.mprof("plot", "--open", "run.dat", status=0)
        self.assertIn("run.html is written, but there is no no-such-opener to open it with", done.stderr)

    def test_one_that_cannot_is_told_of(self):
        self.opener(end="exit 3")
        self.display()
        self.assertIn("run.html is written, but xdg-open could not open it", self.mprof("plot", "--open", "run.dat", status=0).stderr)

    def test_one_that_stays_is_not_waited_for(self):
        self.opener(end=f"echo $$ >{self.folder}/pid; exec sleep 600")
        self.display()
        self.mprof("plot", "--open", "run.dat", status=0)
        self.assertTrue(self.wait_for((self.folder / "pid").exists))
        os.kill(int((self.folder / "pid").read_text()), 9)

    def test_plain_plot_opens_it_on_a_desktop_without_gnuplot_or_a_terminal(self):
        self.opener()
        self.display()
        done = self.mprof("plot", "run.dat", status=0)
        self.assertIn("wrote run.html, and opened it with xdg-open", done.stderr)
        self.assertEqual(len(self.opened()), 1)
        self.env.pop("DISPLAY")
        self.refuses("plot", "run.dat", says="standard output is no terminal and there is no display")
        self.assertEqual(len(self.opened()), 1)

    def test_nothing_of_somebody_elses_is_replaced(self):
        self.opener()
        self.display()
        self.write("run.html", "<p>mine</p>\n")
        self.refuses("plot", "--open", "run.dat", status=1)
        self.assertEqual((self.folder / "run.html").read_text(), "<p>mine</p>\n")
        self.assertEqual(self.opened(), [])

    def test_standard_output_is_no_file(self):
        self.refuses("plot", "--open", "-o", "-", "run.dat", says="--open needs a file")

    def test_a_recording_from_standard_input(self):
        self.opener()
        self.display()
        self.mprof("plot", "--open", "-", input=made.killed(), status=0)
        self.assertTrue((self.folder / "mprof-c.html").exists())


if __name__ == "__main__":
    lab.main()
