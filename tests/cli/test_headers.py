"""Each header compiles alone: it includes what it uses."""
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

CC = next((c for c in (os.environ.get("CC", ""), "cc", "gcc", "clang") if c and shutil.which(c)), None)
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


class Headers(lab.Lab):
    @unittest.skipUnless(CC, "no compiler here")
    def test_each_header_compiles_alone(self):
        folders = ("share", "recorder", "plotter")
        module = lab.ROOT / "recorder" / "library" / "python"  # needs Python's own headers
        headers = sorted(p for folder in folders for p in (lab.ROOT / folder).rglob("*.h") if module not in p.parents)
        self.assertGreater(len(headers), 10)
        for header in headers:
            name = header.relative_to(lab.ROOT)
            unit = self.write("alone.c", f'#include "{name}"\n#include "{name}"\nextern int nothing;\n')
            done = subprocess.run([CC, *FLAGS, f"-I{lab.ROOT}", f"-I{lab.BUILD}", str(unit)],
                                  stderr=subprocess.PIPE, text=True)
            with self.subTest(header=str(name)):
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    lab.main()
