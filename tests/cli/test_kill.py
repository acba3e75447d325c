"""A recorder that is killed at any moment leaves a recording that can be read."""
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

TIMES = 20 if lab.SANITIZED else 100


class Kill(lab.Lab):
    def test_killed_at_random_moments(self):
        chance = random.Random(7)
        cut = 0
        for i in range(TIMES):
            run = subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.0005", "-o", "a.dat", "sleep", "5"], cwd=self.folder,
                                   env=self.env)
            time.sleep(chance.uniform(0.02, 0.08))
            run.kill()
            run.wait()
            text = (self.folder / "a.dat").read_bytes() if (self.folder / "a.dat").exists() else b""
            found = re.search(rb"pid=(\d+)", text)
            if found:
                os.kill(int(found.group(1)), signal.SIGTERM)  # the program ran on
            cut += bool(text) and not text.endswith(b"\n")
            whole = text[:text.rfind(b"\n") + 1].decode().splitlines()
            samples = [line for line in whole if line.startswith("MEM ")]
            for line in samples:
                self.assertRegex(line, r"\AMEM \d+\.\d{6} \d{10}\.\d{6}\Z")
            if samples:
                self.mprof("plot", "a.dat", "-o", "a.svg", status=0)
                self.assertIn(" · without an end", (self.folder / "a.svg").read_text())
                peak = self.mprof("peak", "a.dat", status=0).stdout
                self.assertIn(f"{max(float(s.split()[1]) for s in samples):.3f} MiB", peak)
            elif text:
                self.mprof("plot", "a.dat", "-o", "a.svg", status=1)
            (self.folder / "a.dat").unlink(missing_ok=True)
        self.assertLessEqual(cut, 2)

    def test_a_file_cut_at_any_byte_is_read(self):
        text = b"CMDLINE x\nMEM 1.000000 1700000000.000000\nMEM 2.000000 1700000001.000000\n"
        for n in range(len(text) + 1):
            self.write("a.dat", text[:n])
            done = self.mprof("peak", "a.dat")
            self.assertEqual(done.returncode, 0 if n >= 41 else 1, n)
            self.assertEqual(len(done.stderr.splitlines()), 0 if n >= 41 else 1)


if __name__ == "__main__":
    lab.main()
