"""Among other programs that run programs: each keeps words, status, signals, files and figures right."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

RUN = [lab.MPROF, "run", "-q", "-o", "a.dat", "-T", "0.02"]
OUTER = [lab.MPROF, "run", "-q", "-o", "b.dat", "-T", "0.02"]
# Prints its words and the variables that are not ours, reads its input, and leaves with a status.
WORDS = ["sh", "-c", 'printf "%s|" "$0" "$@"; cat; echo to stderr >&2; exit 7', "zero", "", "a b", "-o", "*", "é\n$x"]
SAID = "zero||a b|-o|*|é\n$x|input\n"

# (name, words around the recorder, words between it and the program, programs that must be there)
AROUND = [
    ("alone", [], []),
    ("two recorders", OUTER, []),
    ("two recorders, trees", [*OUTER, "-C"], []),
    ("timeout outside", ["timeout", "20"], []),
    ("timeout inside", [], ["timeout", "20"]),
    ("timeout in the foreground", ["timeout", "--foreground", "20"], []),
    ("a session outside", ["setsid", "-w"], []),
    ("a session inside", [], ["setsid", "-w"]),
    ("nohup", ["nohup"], []),
    ("nice", ["nice", "-n", "1"], []),
    ("env", [], ["env", "-i", "PATH=/usr/bin:/bin"]),
    ("env outside", ["env", "-i", "PATH=/usr/bin:/bin"], []),
    ("time", ["/usr/bin/time", "-o", "time"], []),
    ("stdbuf", ["stdbuf", "-oL"], []),
    ("a namespace outside", ["unshare", "-p", "-f", "--mount-proc"], []),
    ("a namespace inside", [], ["unshare", "-p", "-f", "--mount-proc"]),
    ("strace", ["strace", "-f", "-o", "trace", "-e", "trace=none"], []),
    ("another user", [], [lab.target("drop")]),
]


class Nested(lab.Lab):
    def around(self, outside, inside, words, **kw):
        for program in {(outside or [lab.MPROF])[0], (inside or [lab.MPROF])[0]}:
            if not shutil.which(program):
                self.skipTest(f"no {program} here")
        kw.setdefault("stdout", subprocess.PIPE)
        return subprocess.Popen([*outside, *RUN, *inside, *words], cwd=self.folder, env=self.env, stderr=subprocess.PIPE, text=True, **kw)

    def allowed(self, outside, inside):
        """Does the machine let this be done at all, without us?"""
        words = [*outside, *inside, "true"] if (outside or [""])[0] != lab.MPROF else [*inside, "true"]
        return not words[:-1] or subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True).returncode == 0

    def each(self):
        there = [row for row in AROUND if shutil.which((row[1] or row[2] or [lab.MPROF])[0])]
        if lab.SANITIZED:  # which looks for leaks as a debugger does, and there is one already
            there = [row for row in there if row[0] != "strace"]
        return [row for row in there if self.allowed(*row[1:])]

    def test_words_status_and_files(self):
        self.folder.chmod(0o755)
        for name, outside, inside in self.each():
            run = self.around(outside, inside, WORDS, stdin=subprocess.PIPE)
            out, err = run.communicate("input\n", timeout=60)
            self.assertEqual((out, run.returncode), (SAID, 7), f"{name}: {err}")
            self.assertIn("to stderr\n", err, name)
            self.assertNotIn("mprof-c", err, name)

    def test_a_signal_to_the_outermost_comes_once(self):
        self.folder.chmod(0o755)
        target = shutil.copy(lab.target("heard"), self.folder)  # where another user gets at it
        for name, outside, inside in self.each():
            if name in ("a namespace outside", "a namespace inside", "strace", "a session outside", "a session inside", "time"):
                continue  # these pass no signal on, with or without us
            run = self.around(outside, inside, [target])
            self.assertIn("ready", run.stdout.readline(), name)
            time.sleep(0.3)
            run.send_signal(signal.SIGTERM)
            out, err = run.communicate(timeout=60)
            heard = [line.split()[0] for line in out.splitlines()]
            # timeout sends to its child and to its group, with or without us, and lets go on what it ends.
            most = 2 if "timeout" in name else 1
            self.assertIn(heard.count("15"), range(1, most + 1), f"{name}: {err}")
            self.assertEqual(set(heard) - {"18"}, {"15"}, f"{name}: {err}")
            self.assertEqual(run.returncode in (0, 124), True, f"{name}: {run.returncode}")

    def test_a_time_that_is_up(self):
        run = self.around(["timeout", "0.5"], [], [lab.target("heard")])
        out, _ = run.communicate(timeout=60)
        heard = [line.split()[0] for line in out.splitlines()[1:]]
        self.assertEqual((set(heard) - {"18"}, heard.count("15") in (1, 2)), ({"15"}, True))
        self.assertEqual(run.returncode, 124)
        run = self.around([], ["timeout", "0.3"], ["sleep", "9"])
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 124)

    def test_the_environment_is_the_programs(self):
        """But for MPROF_FILE."""
        bare = subprocess.run(["env", "-0"], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True).stdout.split("\0")
        done = subprocess.run([*RUN, "env", "-0"], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True).stdout.split("\0")
        self.assertEqual([v for v in done if not v.startswith("MPROF_FILE=")], bare)

    def test_both_recorders_have_the_figure(self):
        subprocess.run([*OUTER, "-C", *RUN, lab.target("spend"), "60", "0.5"], cwd=self.folder, env=self.env, check=True)
        for name in ("a.dat", "b.dat"):
            most = max(float(line[1]) for line in self.recording(name) if line[0] == "MEM")
            self.assertTrue(58 < most < (150 if lab.SANITIZED else 90), f"{name}: {most}")

    def test_a_pipeline(self):
        mprof = " ".join([lab.MPROF, "run", "-q", "-T", "0.02"])
        done = subprocess.run(["sh", "-c", f"{mprof} -o a.dat sh -c 'seq 1 9999; exit 3' | {mprof} -o b.dat wc -l"], cwd=self.folder, env=self.env,
                              capture_output=True, text=True)
        self.assertEqual((done.stdout.strip(), done.stderr), ("9999", ""))
        self.assertEqual([self.recording(name)[-1][1] for name in ("a.dat", "b.dat")], ["3", "0"])

    def test_a_reader_that_leaves(self):
        done = subprocess.run(["bash", "-c", f"{' '.join(RUN)} yes | head -n 1; echo ${{PIPESTATUS[0]}}"], cwd=self.folder, env=self.env,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("y\n141\n", ""))

    def test_many_at_once(self):
        done = subprocess.run(["sh", "-c", f"seq 1 6 | xargs -P 3 -n 1 {lab.MPROF} run -q -o %p.dat -T 0.02 echo"], cwd=self.folder, env=self.env,
                              capture_output=True, text=True)
        self.assertEqual((sorted(done.stdout.split()), done.returncode), ([str(n) for n in range(1, 7)], 0))
        self.assertEqual(len(list(self.folder.glob("*.dat"))), 6)

    def test_a_shell_that_waits(self):
        script = f"{' '.join(RUN)} sh -c 'sleep 0.2; exit 9' & wait $!; echo $?"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, env=self.env, capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ("9\n", ""))

    def test_a_trap(self):
        run = self.around([], [], ["bash", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done"])
        self.assertEqual(run.stdout.readline(), "ready\n")
        time.sleep(0.1)
        run.terminate()
        self.assertEqual((run.communicate(timeout=60)[0], run.returncode), ("caught\n", 3))

    def test_a_terminal_of_its_own(self):
        if not shutil.which("script"):
            self.skipTest("no script here")
        terminals.need()
        command = " ".join([*RUN, "sh", "-c", "'test -t 0 && test -t 1 && echo both; exit 5'"])
        done = subprocess.run(["script", "-qec", command, "/dev/null"], cwd=self.folder, env={**self.env, "SHELL": "/bin/sh"}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual((re.findall("both", done.stdout), done.returncode), (["both"], 5))

    def test_one_that_became_somebody_else(self):
        """What we may not send is told."""
        if os.geteuid() != 0:
            self.skipTest("only root can become others")
        if not shutil.which("setpriv"):
            self.skipTest("no setpriv here")
        self.folder.chmod(0o777)
        suid = self.folder / "suid"
        shutil.copy(shutil.which("sleep"), suid)
        os.chmod(suid, 0o4755)
        run = subprocess.Popen(["setpriv", "--reuid", "65534", "--clear-groups", *RUN, str(suid), "1.5"], cwd=self.folder, env=self.env, stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
        run.send_signal(signal.SIGUSR1)
        _, said = run.communicate(timeout=60)
        if run.returncode == 0:  # else this folder knows no setuid, and the program took it
            self.assertRegex(said, r"signal 10 \([^)]*\) cannot be passed on to process \d+: ")


if __name__ == "__main__":
    lab.main()
