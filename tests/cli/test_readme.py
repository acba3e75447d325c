"""The README holds: its two commands, the files it names, the commands and options it shows."""
import re
import shlex
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

TEXT = (lab.ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)
SETUP = [block.strip() for block in BLOCKS if block.startswith("sh share/setup.sh")]


def shown():
    """Each mprof-c command line in the README's code blocks, as words."""
    for block in BLOCKS:
        for line in block.splitlines():
            for part in line.split("&&"):
                words = shlex.split(part, comments=True)
                if words and words[0].split("/")[-1] == "mprof-c":
                    yield words[1:]


class Readme(lab.Lab):
    def test_two_commands_on_a_line_each(self):
        self.assertEqual(len(SETUP), 2)
        for command in SETUP:
            self.assertNotIn("\n", command)
            self.assertEqual(subprocess.run(["sh", "-n", "-c", command]).returncode, 0)

    def test_first_command_records_and_plots(self):
        steps = [step.strip() for step in SETUP[0].split("&&")]
        self.assertEqual([step.split()[:2] for step in steps[:3]],
                         [["sh", "share/setup.sh"], ["meson", "setup"], ["meson", "compile"]])
        for step in steps[3:]:
            words = [str(lab.ROOT / w) if w.startswith("share/") else w for w in shlex.split(step)]
            self.assertEqual(words[0], "build/mprof-c")
            self.mprof(*words[1:], status=0)
        self.assertEqual((self.folder / "train.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        rows = self.recording("train.dat")
        self.assertGreater(max(float(row[1]) for row in rows if row[0] == "MEM"), 200)
        self.assertGreaterEqual(len({row[1] for row in rows if row[0] == "CHLD"}), 12)

    def test_files_named_exist(self):
        names = re.findall(r"\]\(([\w./-]+)\)", TEXT) + re.findall(r"^(?:sh )?(share/[\w./]+)", TEXT, re.M)
        self.assertGreater(len(names), 2)
        self.assertEqual([name for name in names if not (lab.ROOT / name).exists()], [])

    def test_commands_and_options_exist(self):
        found = list(shown())
        self.assertGreater(len(found), 8)
        for command, *words in found:
            if not re.fullmatch(r"[a-z]+", command):
                continue
            told = self.mprof(command, "--help", status=0).stdout
            for word in words:
                if not word.startswith("-"):
                    if command in ("run", "attach"):
                        break  # from here on the words are another program's
                    continue
                if re.fullmatch(r"-\d+", word):
                    continue
                with self.subTest(command=command, option=word):
                    self.assertRegex(told, rf"(?<![\w-]){re.escape(word)}(?![\w-])")


if __name__ == "__main__":
    lab.main()
