"""The completions ask the program itself, in each shell that is installed."""
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

FOLDER = lab.ROOT / "share" / "completions"


class Completions(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["PATH"] = f"{lab.BUILD}:{self.env['PATH']}"
        for name in ("mprofile_20240101000000.dat", "mprofile_20250101000000.dat"):
            self.write(name, "CMDLINE x\nMEM 1.0 1700000000.0\n")

    def bash(self, *words):
        """What is offered for the last word."""
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; ' \
                 'function=$(complete -p mprof-c | sed "s/.*-F \\([^ ]*\\).*/\\1/"); ' \
                 '$function mprof-c "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", script, "bash", str(FOLDER / "mprof-c.bash"), *words], cwd=self.folder,
                              env=self.env, capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stderr, "")
        return {word.strip() for word in done.stdout.split("\n")} - {""}

    def test_bash_commands(self):
        self.assertLessEqual({"run", "attach", "plot", "list", "rm", "clean", "peak"}, self.bash("mprof-c", ""))
        self.assertIn("plot", self.bash("mprof-c", "pl"))
        self.assertNotIn("run", self.bash("mprof-c", "pl"))

    def test_bash_options(self):
        self.assertIn("--interval", self.bash("mprof-c", "run", "--int"))
        self.assertLessEqual({"--theme", "--title"}, self.bash("mprof-c", "plot", "--t"))
        self.assertEqual(self.bash("mprof-c", "plot", "--theme", "d"), {"dark"})
        self.assertLessEqual({"rss", "pss", "uss"}, self.bash("mprof-c", "run", "-b", ""))

    def test_bash_recordings(self):
        self.assertIn("mprofile_20240101000000.dat", self.bash("mprof-c", "plot", "mp"))
        self.assertLessEqual({"0", "1"}, self.bash("mprof-c", "peak", ""))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_can_read_it(self):
        done = subprocess.run(["zsh", "-n", str(FOLDER / "_mprof-c")], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        def offered(line):
            script = f"source {FOLDER / 'mprof-c.fish'}; complete -C '{line}'"
            done = subprocess.run(["fish", "--no-config", "-c", script], cwd=self.folder, env=self.env,
                                  capture_output=True, text=True, timeout=20)
            self.assertEqual(done.stderr, "")
            return {row.split("\t")[0] for row in done.stdout.splitlines()}
        self.assertLessEqual({"run", "plot"}, offered("mprof-c "))
        self.assertIn("--interval", offered("mprof-c run --in"))


if __name__ == "__main__":
    lab.main()
