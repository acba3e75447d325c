"""The sources look as .clang-format says, and every text file ends its lines cleanly."""
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

FOLDERS = ("share", "recorder", "plotter", "tests")


class Format(lab.Lab):
    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format here")
    def test_clang_format_changes_nothing(self):
        files = sorted(str(p) for folder in FOLDERS for p in (lab.ROOT / folder).rglob("*.[ch]"))
        self.assertGreater(len(files), 20)
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file", *files],
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[:3000])

    def test_lines_end_cleanly(self):
        wrong = []
        for path in sorted(lab.ROOT.rglob("*")):
            parts = path.relative_to(lab.ROOT).parts
            if parts[0] in (*FOLDERS, "man", "meson.build") and path.suffix in (".c", ".h", ".py", ".build", ".sh"):
                text = path.read_text()
                untidy = text and not text.endswith("\n") or any(l != l.rstrip() for l in text.splitlines())
                wrong += [str(path)] if untidy else []
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    lab.main()
