"""Commands, --help, --version and what is said of a mistyped word."""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Command(lab.Lab):
    def test_help_lists_the_commands(self):
        done = self.mprof("--help", status=0)
        self.assertIn("plot", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_version(self):
        self.assertRegex(self.mprof("--version", status=0).stdout, r"\Amprof-c \d+\.\d+\.\d+\n\Z")

    def test_no_command_is_a_usage_error(self):
        said = self.refuses(says="no command given")
        for line in self.mprof("--commands", status=0).stdout.splitlines():
            self.assertRegex(said, rf"\b{line.split()[0]}\b")

    def test_no_help_has_trailing_blanks(self):
        commands = [line.split("\t")[0] for line in self.mprof("--commands", status=0).stdout.splitlines()]
        for words in (["--help"], *([command, "--help"] for command in commands)):
            lines = self.mprof(*words, status=0).stdout.splitlines()
            self.assertEqual([line for line in lines if line != line.rstrip()], [], words)
            self.assertTrue(lines[0].startswith("usage: mprof-c"))

    def test_both_programs_have_the_commands_of_recordings(self):
        done = subprocess.run([f"{lab.BUILD}/mprof-c-plot", "--commands"], stdout=subprocess.PIPE, text=True, check=True)
        there = {line.split("\t")[0] for line in done.stdout.splitlines()}
        here = {line.split("\t")[0] for line in self.mprof("--commands", status=0).stdout.splitlines()}
        self.assertEqual(here - there, {"run", "attach", "line", "mark", "install"})
        self.assertEqual(there - here, set())

    def test_mistyped_command_names_the_nearest(self):
        self.refuses("polt", says="did you mean plot?")


if __name__ == "__main__":
    lab.main()
