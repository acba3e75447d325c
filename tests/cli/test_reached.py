"""Where not all of /proc is to be seen: what cannot be known is said to be unknown, and nobody is taken for gone."""
import os
import shutil
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


class Reached(lab.Lab):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o777)

    def in_proc(self, options, *words):
        """Runs the words where /proc is mounted with these options."""
        if os.geteuid() != 0:
            self.skipTest("mounting needs root")
        mount = ["unshare", "-m", "sh", "-c", 'mount -t proc -o "$0" proc /proc || exit 77; exec "$@"', options]
        done = subprocess.run([*mount, *map(str, words)], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        if done.returncode == 77 or "unshare: " in done.stderr:  # which a chroot refuses too
            self.skipTest("/proc cannot be mounted so here")
        if done.returncode == 127:
            self.skipTest("the build folder is closed to other users")
        return done

    def settings(self):
        words = [word for line in self.recording() if line[0] == "META" for word in line[1:]]
        return dict(word.split("=", 1) for word in words if "=" in word)

    def of(self, kind):
        return [line for line in self.recording() if line[0] == kind]

    def setuid(self, name, source):
        program = self.folder / name
        shutil.copy(source, program)
        program.chmod(0o4755)

    LOOP = "for i in 1 2 3 4 5 6 7 8; do /bin/true; done; sleep 0.2"

    def test_without_counters_it_is_not_known_who_came_and_went(self):
        without = [lab.target("without"), "perf,netlink", lab.MPROF]
        for command in ("-C", "-M", "-CM"):
            done = self.in_proc("subset=pid", *NOBODY, *without, "run", command, "-o", "a.dat", "sh", "-c", self.LOOP)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.settings()["unseen"], "unknown")
        self.assertEqual(self.mprof("peak", "a.dat", status=0).stderr, "")

    def test_where_the_kernel_tells_of_each_no_counters_are_needed(self):
        self.mprof("run", "-C", "-o", "b.dat", "true", status=0)
        done = self.in_proc("subset=pid", lab.MPROF, "run", "-M", "-o", "a.dat", "sh", "-c", self.LOOP)
        self.assertEqual(done.returncode, 0, done.stderr)
        if self.settings()["unseen"] == "unknown":
            self.skipTest("no events are told here")
        self.assertEqual(self.settings()["unseen"], "0")
        self.assertEqual(len({line[1] for line in self.of("PROC")}), 9)

    def test_attaching_without_counters(self):
        target = subprocess.Popen(["sh", "-c", "sleep 0.4; " + self.LOOP], cwd=self.folder)
        done = self.in_proc("subset=pid", lab.MPROF, "attach", "-C", "-o", "a.dat", target.pid)
        target.wait()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.settings()["unseen"], "unknown")

    def test_a_recording_that_ended_before_its_program(self):
        words = [lab.target("without"), "perf,netlink", lab.MPROF, "run", "-C", "-t", "0.1", "-o", "a.dat", "sleep", "0.3"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        if done.returncode == 77:
            self.skipTest("no seccomp filter can be installed here")
        self.assertEqual(self.settings()["unseen"], "unknown")

    def test_every_processor_is_listened_to_where_sys_is_hidden(self):
        if os.geteuid() != 0 or len(os.sched_getaffinity(0)) < 2:
            self.skipTest("hiding /sys needs root, and a second processor to be missed")
        first, other = sorted(os.sched_getaffinity(0))[:2]
        hide = "mount -t tmpfs none /sys && mount --bind /dev/null /proc/stat || exit 77; exec \"$@\""
        words = ["taskset", "-c", first, lab.MPROF, "run", "-M", "-T", "60", "-o", "a.dat", "taskset", "-c", other, "sh", "-c", self.LOOP]
        done = subprocess.run(["unshare", "-m", "sh", "-c", hide, "sh", *map(str, words)], cwd=self.folder, env=self.env,
                              capture_output=True, text=True, timeout=60)
        if done.returncode == 77 or "unshare: " in done.stderr:  # which a chroot refuses too
            self.skipTest("nothing can be mounted here")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        if self.settings()["unseen"] == "0":
            self.assertEqual(len({line[1] for line in self.of("PROC")}), 9)

    def hidden(self, words, options=("-C", "-M", "-T", "0.05")):
        done = self.in_proc("hidepid=2", *NOBODY, lab.MPROF, "run", *options, "-o", "a.dat", "sh", "-c", words)
        self.assertNotIn("exec failed", done.stderr)
        return done

    def test_hidden_children_are_told(self):
        self.setuid("other", lab.target("spend"))
        done = self.hidden("./other 60 0.4 & ./other 60 0.4; wait")
        # One that was met between fork and exec is read on, through what was opened then.
        hidden, read = int(self.settings().get("hidden", 0)), {line[1] for line in self.of("CHLD") if float(line[2]) > 50}
        # Nor is it certain that all of its life was.
        self.assertIn(hidden + len(read), (2, 3, 4))
        self.assertLessEqual(hidden, 2)
        self.assertEqual(bool(hidden), f"{hidden} of the processes" in done.stderr)
        start = float(self.of("MEM")[0][2])
        gone = [float(line[2]) - start for line in self.of("GONE")[:-1]]
        self.assertEqual(len(gone), 2)
        self.assertGreater(min(gone), 0.35)  # it is not gone before it has ended

    def test_hidden_children_of_whom_no_event_tells(self):
        self.setuid("other", "/bin/sleep")
        for seconds in (0.4, 2):  # one that was met before its exec is read on
            done = self.hidden(f"for i in 1 2 3 4; do ./other {seconds} & done; sleep {seconds}; wait", options=("-M", "-T", "0.3"))
            if "hidden" in self.settings():
                break
        self.assertIn(self.settings()["hidden"] + " of the processes", done.stderr)

    def test_what_hides_itself_later_is_read_on(self):
        self.setuid("other", lab.target("spend"))
        self.hidden("sleep 0.3; exec ./other 60 0.5", options=("-C", "-T", "0.05"))
        self.assertGreater(max(float(line[1]) for line in self.of("MEM")), 60)

    def test_nothing_is_said_where_nothing_is_hidden(self):
        done = self.hidden("sleep 0.2 & sleep 0.2; wait")
        self.assertEqual(done.stderr, "")
        self.assertNotIn("hidden", self.settings())


class Ends(lab.Lab):
    """What is known of a process that is none of our children, when it has ended."""

    def attach(self, words, *options, reap=True, prefix=()):
        target = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        if reap:  # as a shell would, at once
            waiter = threading.Thread(target=target.wait)
            waiter.start()
        done = subprocess.run([*prefix, lab.MPROF, "attach", "-T", "5", *options, "-o", "a.dat", str(target.pid)], cwd=self.folder,
                              env=self.env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        target.wait()
        return [line for line in self.recording() if line[0] == "GONE"][-1]

    def test_a_spike_between_two_samples(self):
        for options in ((), ("-C",), ("-M",)):
            gone = self.attach([lab.target("spikes"), "2", "120", "0.5"], *options)
            self.assertGreater(float(gone[3]), 119, options)

    def test_the_exit_status(self):
        for words, status in ((["sh", "-c", "sleep 0.3; exit 7"], "7"), (["sh", "-c", "sleep 0.3; kill -TERM $$"], "-15"),
                              (["sleep", "0.3"], "0")):
            gone = self.attach(words, "-C", reap=False)
            self.assertEqual(gone[4], status)  # its zombie is there to be asked
            gone = self.attach(words, "-C")
            self.assertIn(gone[4], (status, "?"))

    def test_what_nobody_may_know_stays_unknown(self):
        if os.geteuid() != 0:
            self.skipTest("another user is needed")
        self.folder.chmod(0o777)
        gone = self.attach(["sh", "-c", "sleep 0.5; exit 7"], reap=False, prefix=NOBODY)
        self.assertIn(gone[4], ("7", "?"))


if __name__ == "__main__":
    lab.main()
