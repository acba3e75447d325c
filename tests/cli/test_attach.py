"""attach: the right process or none, and a recording that is closed properly."""
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab


class Attach(lab.Lab):
    def spawn(self, *words):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def named(self, name, seconds="20"):
        """A program of that name that sleeps."""
        path = self.folder / name
        path.write_bytes(Path("/bin/sleep").read_bytes())
        path.chmod(0o755)
        return self.spawn(str(path), seconds)

    def test_by_number_until_it_ends(self):
        process = self.spawn("sleep", "0.6")
        done = self.mprof("attach", "-o", "a.dat", process.pid, status=0)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        lines = self.recording()
        self.assertEqual(lines[0], ["CMDLINE", "sleep", "0.6"])
        self.assertIn(lines[-1][:2], (["EXIT", "0"], ["EXIT", "?"]))  # as far as the kernel tells
        self.assertGreater(sum(line[0] == "MEM" for line in lines), 2)

    def test_by_exact_name_before_a_part(self):
        exact, longer = self.named("mproftarget"), self.named("mproftarget-b")
        time.sleep(0.1)
        self.mprof("attach", "-o", "a.dat", "-t", "0.2", "mproftarget", status=0)
        self.assertIn(f"pid={exact.pid}", self.recording()[1])
        self.assertIsNone(longer.poll())

    def test_by_part_of_the_command_line(self):
        process = self.named("mprofunique")
        time.sleep(0.1)
        self.mprof("run", "-a", "-o", "a.dat", "-t", "0.2", "mprofuni", status=0)
        self.assertIn(f"pid={process.pid}", self.recording()[1])

    def test_several_are_listed_and_refused(self):
        a, b = self.named("mproftwin-a"), self.named("mproftwin-b")
        time.sleep(0.1)
        said = self.refuses("attach", "mproftwin", status=2, says="2 processes")
        self.assertIn(str(a.pid), said)
        self.assertIn(str(b.pid), said)

    def with_word(self, word):
        """How many processes have it for an argument."""
        n = 0
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                n += str(word).encode() in path.read_bytes().split(b"\0")
            except OSError:
                pass
        return n

    def test_forks_are_their_parents(self):
        """A worker has the command line of whom it was forked by; who started alike by itself is another."""
        script = self.folder / "forks_q.py"
        script.write_text("import os, time\nif os.fork() == 0:\n    os.fork()\ntime.sleep(20)\n")
        first = self.spawn(sys.executable, str(script))
        self.addCleanup(subprocess.run, ["pkill", "-KILL", "-f", str(script)])
        self.assertTrue(self.wait_for(lambda: self.with_word(script) == 3))
        self.mprof("attach", "-t", "0.1", "-o", "a.dat", "forks_q.py", status=0)
        self.assertIn(f"pid={first.pid}", (self.folder / "a.dat").read_text())
        self.spawn(sys.executable, str(script))
        self.assertTrue(self.wait_for(lambda: self.with_word(script) == 6))
        self.refuses("attach", "-t", "0.1", "-o", "b.dat", "forks_q.py", says="means 2 processes")

    def test_a_shim_is_what_it_stands_for(self):
        """A script of bash that will be the interpreter in a moment."""
        (self.folder / "libexec").mkdir()
        for name, words in (("pyenv", ["exec"]), ("pyenv-exec", [])):
            shim = self.folder / "libexec" / name
            shim.write_text("sleep 20; :\n")
            process = self.spawn("bash", str(shim), *words, "python3", "-u", "shim_q.py")
            self.assertTrue(self.wait_for(lambda: self.with_word("shim_q.py") == 1))
            self.mprof("attach", "-t", "0.1", "-o", f"{name}.dat", "shim_q.py", status=0)
            self.assertIn(f"pid={process.pid}", (self.folder / f"{name}.dat").read_text())
            process.kill()
            process.wait()

    def test_never_itself(self):
        self.refuses("attach", "no-such-name-but-mine", status=1, says="no running process")

    def test_nonsense(self):
        self.refuses("attach", status=2, says="number or its name")
        self.refuses("attach", "1", "2", status=2, says="one process")
        self.refuses("attach", "999999999", status=1, says="no running process")
        self.refuses("attach", "-1", status=1, says="no running process")
        self.refuses("attach", "0", status=1, says="no running process")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_zombies_are_refused(self):
        process = subprocess.Popen(["true"])
        self.assertTrue(self.wait_for(lambda: ") Z " in Path(f"/proc/{process.pid}/stat").read_text()))
        self.refuses("attach", process.pid, status=1)
        process.wait()

    def test_control_c_is_a_normal_end(self):
        process = self.spawn("sleep", "20")
        run = subprocess.Popen([lab.MPROF, "attach", "-o", "a.dat", str(process.pid)], cwd=self.folder, env=self.env)
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists() and "MEM " in (self.folder / "a.dat").read_text()))
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(10), 0)
        self.assertEqual(self.recording()[-1][0], "EXIT")
        self.assertIsNone(process.poll())

    def test_children_of_an_attached_process(self):
        process = self.spawn("sh", "-c", f"{lab.target('spend')} 50 20; true")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        self.assertTrue(self.wait_for(lambda: children.read_text().split()))
        spend = int(children.read_text())
        self.addCleanup(os.kill, spend, signal.SIGKILL)
        self.wait_until_it_holds(spend, 50)
        self.mprof("attach", "-C", "-M", "-t", "0.4", "-o", "a.dat", process.pid, status=0)
        self.assertGreater(max(float(line[2]) for line in self.recording() if line[0] == "CHLD"), 50)

    @unittest.skipIf(os.geteuid() != 0, "changing users needs root")
    def test_another_users_process(self):
        process = self.spawn("sleep", "20")
        self.folder.chmod(0o777)
        words = ["setpriv", "--reuid=65534", "--clear-groups", lab.MPROF, "attach", "-b", "pss", str(process.pid)]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True)
        if done.returncode == 127:
            self.skipTest("the build folder is closed to other users")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: [^\n]*another user[^\n]*\n\Z")


if __name__ == "__main__":
    lab.main()
