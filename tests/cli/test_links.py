"""Files that reports name, as links on a terminal, and as plain text everywhere else."""
import os
import re
import socket
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

LINK = re.compile("\x1b\\]8;;([^\x1b\x07]*)\x1b\\\\([^\x1b]*)\x1b\\]8;;\x1b\\\\")
NASTY = "a; b 100%é?#.py"


class Links(lab.Lab):
    def setUp(self):
        super().setUp()
        self.script = self.folder / NASTY
        self.script.write_text("import numpy\n\n\ndef work(n):\n    rows = [bytes(n)]\n")
        os.utime(self.script, (time.time() - 100, time.time() - 100))
        start = int(time.time())
        self.write("a.dat", f"CMDLINE train.py\nMETA format=1 metric=rss pid=5 tree=0 python=3.11 where=stacks\nMEM 8.0 {start}.1\n"
                   f"PATH 1 {self.script}\nPATH 2 /no/such/file.py\nFRAME 1 0 1 9 <module>\nFRAME 2 1 1 5 work\nFRAME 3 0 2 6 gone\n"
                   f"GROW 100.0 {start}.2 108.0 5 5 2 fault\nGROW 50.0 {start}.3 158.0 5 5 3 fault\nMEM 158.0 {start}.4\n"
                   f"LINE '{self.script}:5' work 108.0 100.0 108.0 1 5\nLINE /no/such/file.py:6 gone 158.0 50.0 158.0 1 5\n"
                   f"MEM 158.0 {start}.5\n")
        self.uri = f"file://{socket.gethostname()}{quote(str(self.script))}"

    def test_a_line_leads_to_its_file(self):
        text = self.in_terminal("report", "a.dat")
        self.assertEqual(set(LINK.findall(text)), {(self.uri, f"{NASTY}:5 work"), (self.uri, str(self.script))})
        self.assertIn(f"Filename: \x1b]8;;{self.uri}\x1b\\{self.script}", text)  # the exact report
        self.assertEqual(LINK.sub(r"\2", text), self.mprof("report", "a.dat", status=0).stdout)

    def test_a_file_that_is_another_by_now(self):
        os.utime(self.script, (time.time() + 100, time.time() + 100))
        self.assertNotIn("\x1b", self.in_terminal("report", "a.dat"))

    def test_where_there_are_none(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "linux"}):
            self.assertNotIn("\x1b", self.in_terminal("report", "a.dat", env=env))
        for words in (("--json",), ("--folded",)):
            self.assertNotIn("\x1b", self.in_terminal("report", *words, "a.dat"))
        self.assertNotIn("\x1b", self.mprof("report", "a.dat", status=0, env={"TERM": "xterm"}).stdout)


if __name__ == "__main__":
    lab.main()
