"""run: the program never notices, its status is ours, and the file says what happened."""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

NUMBER = r"\d+\.\d{6}"
SHAPES = {
    "CMDLINE": r"CMDLINE .+",
    "META": r"META (\S+=\S* ?)+",
    "MEM": rf"MEM {NUMBER} {NUMBER}",
    "CHLD": rf"CHLD \d+ {NUMBER} {NUMBER}",
    "PROC": rf"PROC \d+ \d+ {NUMBER} .*",
    "GONE": rf"GONE \d+ {NUMBER} {NUMBER} (-?\d+|\?)",
    "PATH": r"PATH \d+ .+",
    "FRAME": r"FRAME \d+ \d+ \d+ \d+ .+",
    "GROW": rf"GROW -?{NUMBER} {NUMBER} {NUMBER} \d+ \d+ \d+ (fault|late|polled|inherited|copied)",
    "BILL": rf"BILL [a-z]+ {NUMBER} {NUMBER}",
    "EXIT": rf"EXIT (-?\d+|\?) {NUMBER} {NUMBER} \d+ \d+",
}


class Run(lab.Lab):
    def record(self, *args, status=0, options=(), **kw):
        return self.mprof("run", "-o", "a.dat", *options, *args, status=status, **kw)

    def times(self):
        return [float(line[2]) for line in self.recording() if line[0] == "MEM"]

    def sizes(self):
        return [float(line[1]) for line in self.recording() if line[0] == "MEM"]


class Program(Run):
    """What the program sees."""

    def test_arguments_are_untouched(self):
        words = ["-2", "--", "a b", "", "'", '"', "\\", "$x", "`id`", "a\nb\n\nMEM 99999 1", "-T", "--help", "é", "x" * 50000]
        done = self.record(sys.executable, "-c", "import sys; print(ascii(sys.argv[1:]))", *words)
        self.assertEqual(done.stdout.strip(), ascii(words))

    def test_arguments_that_are_no_utf8(self):
        done = subprocess.run([lab.MPROF, "run", "-o", "a.dat", "printf", b"%s", b"\xff\xfe"], cwd=self.folder,
                              env=self.env, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (0, b"\xff\xfe"))
        (self.folder / "a.dat").read_text("utf-8")  # what is written is UTF-8 all the same

    def test_a_command_cannot_forge_records(self):
        self.record("sh", "-c", "sleep 0.1", "x\nMEM 99999.000000 1.000000\n")
        self.assertLess(max(self.sizes()), 1000)
        self.assertEqual(sum(line[0] == "CMDLINE" for line in self.recording()), 1)

    def test_head_with_a_number(self):
        self.write("text", "1\n2\n3\n")
        self.assertEqual(self.record("head", "-2", "text").stdout, "1\n2\n")

    def test_standard_streams_are_its_own(self):
        done = self.record("sh", "-c", "cat; echo err >&2", input="hello")
        self.assertEqual((done.stdout, done.stderr), ("hello", "err\n"))

    def test_nothing_is_inherited_from_us(self):
        state = [lab.target("state")]
        def prepare():
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2])
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.umask(0o027)
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        extra = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, extra)
        group = re.compile(r"group \d+")
        for options in ([], ["-C", "-M"]):
            runs = [subprocess.run(words, capture_output=True, text=True, env=self.env, cwd=self.folder, preexec_fn=prepare,
                                   pass_fds=[extra], process_group=0 if sys.version_info >= (3, 11) else None)
                    for words in (state, [lab.MPROF, "run", "-o", "a.dat", *options, *state])]
            self.assertEqual(runs[1].stderr, "")
            self.assertEqual(*(group.sub("group", done.stdout) for done in runs))

    def test_what_its_starter_arranged_is_its_own(self):
        """What an exec keeps and a fork does not: with a recorder between the two there are both."""
        prepare = (f"import ctypes, os, resource, signal, sys\n"
                   f"prctl = ctypes.CDLL(None).prctl\n"
                   f"prctl(1, 10, 0, 0, 0), prctl(36, 1, 0, 0, 0), prctl(29, 70000, 0, 0, 0)\n"
                   f"[signal.setitimer(timer, 100) for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)]\n"
                   f"os.nice(3)\n"
                   f"open('/proc/self/oom_score_adj', 'w').write('500')\n"
                   f"os.execvp(sys.argv[1], sys.argv[1:])\n")
        state = [lab.target("state")]
        group = re.compile(r"group \d+")
        for options in ([], ["-C"], ["-M", "-X"], ["--wait"]):
            with self.subTest(options):
                runs = [subprocess.run([sys.executable, "-c", prepare, *words], capture_output=True, text=True, env=self.env, cwd=self.folder)
                        for words in (state, [lab.MPROF, "run", "-o", "a.dat", *options, *state])]
                self.assertEqual(runs[1].stderr, "")
                self.assertIn("timers set set set", runs[0].stdout)
                self.assertIn("reaper 1", runs[0].stdout)
                self.assertEqual(*(group.sub("group", done.stdout) for done in runs))

    def test_closed_streams_stay_closed(self):
        script = f"exec {lab.MPROF} run -o a.dat {lab.target('state')} 2>&- <&-"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("files 1\n", done.stdout)

    def test_few_descriptors(self):
        script = f"ulimit -n 16; exec {lab.MPROF} run -C -M -o a.dat sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.4 & done; wait'"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreaterEqual(len({line[1] for line in self.recording() if line[0] == "CHLD"}), 10)


class Status(Run):
    def test_status_is_the_programs(self):
        for status in (0, 1, 2, 3, 126, 127, 255):
            self.record("sh", "-c", f"exit {status}", status=status)
            self.assertEqual(self.recording()[-1][1], str(status))

    def test_a_signal_is_died_of(self):
        for name in ("KILL", "TERM", "SEGV", "INT"):
            number = getattr(signal, f"SIG{name}")
            done = self.mprof("run", "-o", "a.dat", "sh", "-c", f"kill -{name} $$; sleep 1")
            self.assertEqual(done.returncode, -number)
            self.assertEqual(self.recording()[-1][1], str(-number))
        self.assertEqual(list(self.folder.glob("core*")), [])

    def test_not_found(self):
        self.refuses("run", "no-such-program", status=127, says="no-such-program")
        self.refuses("run", "./no-such-program", status=127)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_not_found_though_a_folder_in_path_is_closed(self):
        (self.folder / "closed").mkdir(mode=0)
        self.folder.chmod(0o777)
        words = [lab.MPROF, "run", "-o", "a.dat", "no-such-program"]
        if os.geteuid() == 0:  # to whom nothing is closed
            words = [shutil.which("setpriv"), "--reuid=65534", "--clear-groups", *words]
        done = subprocess.run(words, env={**self.env, "PATH": f"{self.folder}/closed:/usr/bin"}, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if "failed to execute" in done.stderr:
            self.skipTest("the program lies where another user may not go")
        self.assertEqual(done.returncode, 127, done.stderr)
        self.assertIn("no such program", done.stderr)

    def test_not_executable(self):
        self.write("text", "x")
        self.refuses("run", "./text", status=126, says="text")
        self.refuses("run", "/", status=126, says="folder")
        self.write("bad", "#!/no/such/interpreter\n", 0o755)
        self.refuses("run", "./bad", status=127, says="interpreter")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["bad", "text"])

    def test_found_in_path_but_not_executable(self):
        (self.folder / "bin").mkdir()
        self.write("bin/notes", "#!/bin/sh\n", 0o644)
        done = self.mprof("run", "notes", env={"PATH": f"{self.folder}/bin:/usr/bin:/bin"}, status=126)
        self.assertIn(f"cannot run {self.folder}/bin/notes: it is not executable", done.stderr)

    def test_a_command_line_in_one_word_is_told_from_a_program(self):
        self.write("train.py", "print(1)\n")
        for word, says in (("sh -c true", "without the quotes it is sh with arguments: mprof-c run sh -c true"),
                           ("train.py --epochs 3", "mprof-c run train.py --epochs 3"),
                           ("./train.py x", "mprof-c run ./train.py x"),
                           ("ls | wc -l", "mprof-c run sh -c 'ls | wc -l'"),
                           ("SEED=1 sh", "mprof-c run sh -c 'SEED=1 sh'"),
                           ("echo " + "x" * 5000, "without the quotes it is echo")):
            self.refuses("run", word, status=127, says=says)
        for word in ("no-such thing", "", " ", "a\tb"):
            said = self.refuses("run", word, status=127)
            self.assertNotIn("quotes", said)
        self.write("my program", "#!/bin/sh\nexit 4\n", 0o755)  # a blank in a name is no mistake
        self.mprof("run", "./my program", status=4)

    def test_a_failed_start_keeps_an_older_recording(self):
        self.write("a.dat", "CMDLINE x\nMEM 1.000000 1.000000\n")
        self.refuses("run", "-o", "a.dat", "no-such-program", status=127)
        self.assertIn("MEM", (self.folder / "a.dat").read_text())


class BadInput(Run):
    def test_intervals_out_of_range(self):
        for text in ("0", "-1", "nan", "inf", "1e9", "abc", "", "0.00001", "1s", "0x1"):
            self.assertIn("0.0001", self.refuses("run", "-T", text, "true", status=2))
            self.assertIn("86400", self.refuses("run", f"--interval={text}", "true", status=2))

    def test_unknown_options_name_the_nearest(self):
        self.refuses("run", "--intervall", "1", "true", says="--interval")
        self.refuses("run", "--include-childs", "true", says="--include-children")
        self.refuses("run", "-Z", "true", says="-Z")

    def test_a_file_has_a_name(self):
        self.refuses("run", "-o", "", "true", says="the name of a file, not ''")
        self.refuses("line", "--recording=", "a.py", says="the name of a file, not ''")

    def test_no_program(self):
        self.refuses("run", says="name the program")
        self.refuses("run", "-T", says="argument")

    def test_metrics(self):
        self.refuses("run", "-b", "tracemalloc", "true", says="Python")
        self.refuses("run", "-b", "vss", "true", says="rss")
        for metric, name in (("psutil", "rss"), ("posix", "rss"), ("psutil_pss", "pss"), ("psutil_uss", "uss")):
            self.record("true", options=("--backend", metric))
            self.assertIn(f"metric={name}", self.recording()[1])

    def test_python_both_ways(self):
        self.refuses("run", "--python", "--nopython", "true", says="exclude")


class Samples(Run):
    def test_every_record_is_well_formed(self):
        self.record("sh", "-c", "sleep 0.2 & (sleep 0.1; exit 3); wait", options=("-C", "-M", "-T", "0.02"))
        text = (self.folder / "a.dat").read_text()
        self.assertTrue(text.endswith("\n"))
        lines = text.splitlines()
        for line in lines:
            self.assertRegex(line, rf"\A({SHAPES[line.split()[0]]})\Z")
        kinds = [line.split()[0] for line in lines]
        self.assertEqual((kinds[0], kinds[1], kinds[-1]), ("CMDLINE", "META", "EXIT"))
        self.assertEqual(self.times(), sorted(self.times()))
        self.assertEqual(int(lines[-1].split()[4]), kinds.count("MEM"))

    def test_no_drift(self):
        self.record("sleep", "1.5", options=("-T", "0.01"))
        times = self.times()
        offsets = [abs((t - times[0]) / 0.01 - round((t - times[0]) / 0.01)) * 0.01 for t in times]
        self.assertLess(sorted(offsets)[len(offsets) // 2], 0.003)
        _, _, end, _, samples, missed = self.recording()[-1]
        self.assertAlmostEqual(int(samples) + int(missed), (float(end) - times[0]) / 0.01, delta=4)

    def test_the_end_is_seen_at_once(self):
        before = time.monotonic()
        self.record("true", options=("-T", "3"))
        self.assertLess(time.monotonic() - before, 2)

    def test_memory_is_right(self):
        self.record(lab.target("spend"), "100", "0.4", options=("-T", "0.05"))
        self.assertAlmostEqual(max(self.sizes()), 101.5, delta=30 if lab.SANITIZED else 3)
        self.assertGreater(float(self.recording()[-1][3]), 100)

    def test_timeout_leaves_the_program_running(self):
        done = self.record("sh", "-c", "sleep 0.8; echo done; exit 5", options=("-t", "0.2", "-T", "0.05"), status=5)
        self.assertEqual(done.stdout, "done\n")
        self.assertLess(self.times()[-1] - self.times()[0], 0.5)

    def test_a_stopped_program(self):
        self.record("sh", "-c", "(sleep 0.3; kill -CONT $$) & kill -STOP $$; exit 4", status=4, options=("-T", "0.05"))
        self.assertGreater(len(self.times()), 3)

    def test_nothing_on_stderr_without_a_terminal(self):
        self.assertEqual(self.record("true").stderr, "")


class Names(Run):
    def test_default_names_are_never_shared(self):
        runs = [subprocess.Popen([lab.MPROF, "run", "sleep", "0.2"], cwd=self.folder, env=self.env) for _ in range(5)]
        self.assertEqual([run.wait() for run in runs], [0] * 5)
        names = sorted(p.name for p in self.folder.iterdir())
        self.assertEqual(len(names), 5)
        for name in names:
            self.assertRegex(name, r"\Amprofile_\d{14}\.dat\Z")
            self.assertEqual(sum(line[0] == "CMDLINE" for line in self.recording(name)), 1)

    def test_templates(self):
        env = {"RANK": "7", "TORCHELASTIC_RUN_ID": "x/y", "SLURM_JOB_ID": "42"}
        self.mprof("run", "-o", "%h-%p-%r-%j-%t-%%.dat", "true", env=env, status=0)
        (name,) = [p.name for p in self.folder.iterdir()]
        self.assertRegex(name, rf"\A{re.escape(os.uname().nodename)}-\d+-7-42-\d{{14}}-%\.dat\Z")

    def test_ranks(self):
        for env, rank in (({"OMPI_COMM_WORLD_RANK": "1"}, "1"), ({"PMIX_RANK": "2"}, "2"), ({"PMI_RANK": "3"}, "3"),
                          ({"SLURM_PROCID": "4", "SLURM_STEP_ID": "0"}, "4"), ({"JOB_COMPLETION_INDEX": "5"}, "5")):
            self.mprof("run", "-o", "r%r.dat", "true", env=env, status=0)
            self.assertTrue((self.folder / f"r{rank}.dat").exists())
        self.refuses("run", "-o", "%r.dat", "true", says="rank")
        self.refuses("run", "-o", "%j.dat", "true", says="job")
        self.refuses("run", "-o", "%x.dat", "true", says="%p %h %r %j %t")
        self.refuses("run", "-o", "a%", "true", says="%p")

    def test_output_replaces(self):
        self.record("sh", "-c", "sleep 0.3")
        self.record("true")
        self.assertEqual([line[0] for line in self.recording()].count("CMDLINE"), 1)
        self.assertEqual(self.recording()[0][1], "true")

    def test_no_file_no_run(self):
        self.refuses("run", "-o", "no/such/a.dat", "touch", "ran", status=1, says="no/such/a.dat")
        self.assertFalse((self.folder / "ran").exists())

    def test_read_only_folder(self):
        (self.folder / "ro").mkdir(mode=0o555)
        words = [lab.MPROF, "run", "sh", "-c", "echo ran"]
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            words = ["setpriv", "--reuid=65534", "--clear-groups", *words]
        done = subprocess.run(words, cwd=self.folder / "ro", env=self.env, capture_output=True, text=True)
        if "mprof-c" not in done.stderr and done.returncode != 1:
            self.skipTest("the build folder is closed to other users")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("-o", done.stderr)

    def test_file_size_limit(self):
        script = f"ulimit -f 1; exec {lab.MPROF} run -T 0.001 -o a.dat sh -c 'sleep 0.6; exit 9'"
        done = subprocess.run(["bash", "-c", f"trap '' XFSZ; {script}"], cwd=self.folder, env=self.env,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 9)
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]*a\.dat[^\n]*\n\Z")

    @unittest.skipIf(os.geteuid() != 0, "mounting needs root")
    def test_full_disk(self):
        (self.folder / "tiny").mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(self.folder / "tiny")],
                          capture_output=True).returncode:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.folder / "tiny")])
        done = self.mprof("run", "-T", "0.0005", "-o", "tiny/a.dat", "sh", "-c", "sleep 1; echo ran; exit 6", status=6)
        self.assertEqual(done.stdout, "ran\n")
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]*No space left on device[^\n]*\n\Z")
        self.mprof("peak", "tiny/a.dat", status=0)


class Python(Run):
    def setUp(self):
        super().setUp()
        self.write("show.py", "import sys\nprint(__name__, sys.argv[1:], sys.executable)\n")

    def test_a_script_runs_under_python(self):
        done = self.record("show.py", "-2", "--x")
        self.assertTrue(done.stdout.startswith("__main__ ['-2', '--x'] "))

    def test_a_shebang_and_the_x_bit_are_obeyed(self):
        self.write("sh.py", "#!/bin/sh\necho from sh $1\n", 0o755)
        self.assertEqual(self.record("sh.py", "x").stdout, "from sh x\n")
        self.assertEqual(self.record("./sh.py", "x").stdout, "from sh x\n")

    def test_which_python(self):
        self.write("fake", "#!/bin/sh\necho fake \"$@\"\n", 0o755)
        (self.folder / "venv" / "bin").mkdir(parents=True)
        (self.folder / "venv" / "bin" / "python").write_text("#!/bin/sh\necho venv \"$@\"\n")
        (self.folder / "venv" / "bin" / "python").chmod(0o755)
        venv = str(self.folder / "venv")
        self.assertEqual(self.record("show.py", env={"VIRTUAL_ENV": venv}).stdout, "venv show.py\n")
        both = {"VIRTUAL_ENV": venv, "MPROF_PYTHON": str(self.folder / "fake")}
        self.assertEqual(self.record("show.py", env=both).stdout, "fake show.py\n")

    def test_names_that_begin_with_python(self):
        self.write("python_train.py", "print('trained')\n")
        self.assertEqual(self.record("python_train.py").stdout, "trained\n")
        self.assertEqual(self.record("python3", "show.py").stdout.split()[0], "__main__")

    def test_python_for_any_name(self):
        self.write("script", "print('python')\n")
        self.assertEqual(self.record("script", options=("--python",)).stdout, "python\n")
        self.refuses("run", "--nopython", "./show.py", status=126)

    def test_spawned_pools_work(self):
        self.write("pool.py", "import multiprocessing as m\ndef f(x): return x * x\n"
                   "if __name__ == '__main__':\n    m.set_start_method('spawn')\n"
                   "    with m.Pool(2) as p: print(p.map(f, [1, 2, 3]))\n")
        self.assertEqual(self.record("pool.py", options=("-C", "-M")).stdout, "[1, 4, 9]\n")


if __name__ == "__main__":
    lab.main()
