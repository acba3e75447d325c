"""The completions ask the program itself, in each shell that is installed."""
import contextlib
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

# A zsh that completes LINE, tells each word that it offers, in order, and ends.
ZSH = r"""
PS1=; fpath=($COMPLETIONS $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
	local -a hits
	builtin compadd "$@" || return
	[[ " $* " == *" -"[AOD]" "* ]] && return
	builtin compadd -A hits "$@"
	[[ " $* " == *" nosort "* ]] || hits=(${(o)hits})
	print -rl -- $IPREFIX$^hits >&3
}
zle-line-init() { exec 3>$OFFERED; BUFFER=$LINE; CURSOR=$#BUFFER; zle complete-word; exit }
zle -N zle-line-init
"""
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

    def test_bash_operands_as_the_usage_names_them(self):
        self.write("train.py", "")
        self.assertEqual(self.bash("mprof-c", "line", "tr"), {"train.py"})
        self.assertLessEqual({"train.py", "true"}, self.bash("mprof-c", "run", "tr"))
        self.assertIn(str(os.getpid()), self.bash("mprof-c", "attach", ""))
        self.assertEqual(self.bash("mprof-c", "mark", ""), set())

    def test_bash_lists(self):
        self.assertLessEqual({"rss,pss", "rss,gpu"}, self.bash("mprof-c", "run", "-b", "rss,"))
        self.assertNotIn("rss,rss", self.bash("mprof-c", "run", "-b", "rss,"))
        self.assertEqual(self.bash("mprof-c", "run", "-b", "rss,pss,sw"), {"rss,pss,swap"})
        self.assertEqual(self.bash("mprof-c", "run", "--backend", "=", "rss,sy"), {"rss,system"})

    def test_bash_folders(self):
        (self.folder / "published").mkdir()
        self.write("put", "")
        self.assertEqual(self.bash("mprof-c", "run", "--prometheus", "pu"), {"published"})

    def test_bash_snapshots(self):
        self.write("torch.pickle", "")
        self.assertIn("torch.pickle", self.bash("mprof-c", "report", "to"))
        self.assertNotIn("torch.pickle", self.bash("mprof-c", "peak", "to"))

    def test_bash_recordings(self):
        self.assertIn("mprofile_20240101000000.dat", self.bash("mprof-c", "plot", "mp"))
        self.assertLessEqual({"0", "1"}, self.bash("mprof-c", "peak", ""))
        self.assertIn("mprofile_20240101000000.dat", self.bash("mprof-c", "live", "mp"))
        self.assertIn(str(os.getpid()), self.bash("mprof-c", "live", str(os.getpid())[0]))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_can_read_it(self):
        done = subprocess.run(["zsh", "-n", str(FOLDER / "_mprof-c")], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def zsh(self, line):
        """What is offered for the last word, in the order of its list."""
        self.write(".zshrc", ZSH)
        env = {**self.env, "ZDOTDIR": str(self.folder), "OFFERED": str(self.folder / "offered"), "LINE": line,
               "COMPLETIONS": str(FOLDER), "TERM": "dumb"}
        pid, terminal = terminals.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-d", "-i"], env)
        with contextlib.suppress(OSError):  # its end
            while os.read(terminal, 4096):
                pass
        os.waitpid(pid, 0)
        os.close(terminal)
        return (self.folder / "offered").read_text().split("\n")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_commands_and_options(self):
        self.assertIn("plot", self.zsh("mprof-c pl"))
        self.assertIn("--interval", self.zsh("mprof-c run --int"))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_programs(self):
        (self.folder / "bin").mkdir()
        self.write("bin/grep-recordings", "", mode=0o755)
        self.env["PATH"] += f":{self.folder}/bin"
        self.assertIn("grep-recordings", self.zsh("mprof-c run gre"))
        self.assertNotIn("grep-recordings", self.zsh("mprof-c line gre"))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_lists(self):
        offered = self.zsh("mprof-c run -b rss,")
        self.assertLessEqual({"rss,pss", "rss,gpu"}, set(offered))
        self.assertNotIn("rss,rss", offered)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_folders(self):
        (self.folder / "published").mkdir()
        self.write("put", "")
        self.assertEqual({word.rstrip("/") for word in self.zsh("mprof-c run --prometheus pu") if word}, {"published"})

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_indices_are_in_order(self):
        for i in range(10, 19):
            self.write(f"mprofile_202501010000{i}.dat", "CMDLINE x\n")
        offered = [word for word in self.zsh("mprof-c peak ") if word.isdigit()]
        self.assertEqual(offered, [str(i) for i in range(11)])

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
        (self.folder / "published").mkdir()
        self.write("put", "")
        self.assertEqual(offered("mprof-c run --prometheus pu"), {"published/"})
        self.write("train.py", "")
        self.assertLessEqual({"train.py", "true"}, offered("mprof-c run tr"))
        self.assertEqual(offered("mprof-c line tr"), {"train.py"})
        self.assertIn("mprofile_20240101000000.dat", offered("mprof-c peak mp"))
        self.assertLessEqual({"rss", "pss"}, offered("mprof-c run -b "))
        self.assertEqual(offered("mprof-c run -b rss,sw"), {"rss,swap"})
        self.assertEqual(offered("mprof-c run --backend=rss,sw"), {"--backend=rss,swap"})
        self.assertEqual(offered("mprof-c plot --theme="), {"--theme=light", "--theme=dark"})


if __name__ == "__main__":
    lab.main()
