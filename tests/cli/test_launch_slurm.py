"""Under Slurm itself: a controller and four nodes on this machine."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import cluster  # noqa: E402
import lab  # noqa: E402

NAME = re.compile(r"mprofile_\d{14}_(\d+)\.(\w+)_r(\d{5})_(\w+)\.dat\Z")
HOLD = "x = b'x' * 150000000; import time; time.sleep({})"
STUBBORN = "trap '' TERM; exec sleep {}"


def exists(pid):
    """What nobody waits for, in a container, stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@unittest.skipIf(lab.SANITIZED, "its engines know nothing of a sanitizer, whose pace they do not wait for")
@unittest.skipIf(cluster.missing(), cluster.missing() or "")
class Slurm(lab.Lab):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.Slurm()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()

    def setUp(self):
        super().setUp()
        self.env.update(self.cluster.env, PATH=cluster.PATH)
        self.addCleanup(self.empty)

    def empty(self):
        """Nothing of it stands in the way of the next."""
        self.cluster.said("scancel", "-u", "root")
        self.assertTrue(self.wait_for(self.cluster.is_idle))

    def start(self, *words, **kw):
        run = subprocess.Popen(list(map(str, words)), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, **kw)
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        return run

    def end(self, run, status=None):
        out, err = run.communicate(timeout=60)
        if status is not None:
            self.assertEqual(run.returncode, status, out + err)
        return out, err

    def srun(self, *words, status=0):
        return self.end(self.start("srun", *words), status)

    def files(self):
        return sorted(p.name for p in self.folder.glob("*.dat"))

    def meta(self, name):
        pairs = {}
        for line in self.recording(name):
            if line[0] == "META":
                pairs.update(word.split("=", 1) for word in line[1:] if "=" in word)
        return pairs

    def last(self, name, tag):
        return [line for line in self.recording(name) if line[0] == tag][-1]

    def await_samples(self, n):
        """Until so many recordings have begun; the names."""
        self.assertTrue(self.wait_for(lambda: sum("\nMEM " in (self.folder / f).read_text() for f in self.files()) == n), self.files())
        time.sleep(0.3)  # the witness is there, and whoever ignores a signal does
        return self.files()

    def job(self):
        self.assertTrue(self.wait_for(lambda: self.cluster.said("squeue", "-h", "-o", "%A").split()))
        return self.cluster.said("squeue", "-h", "-o", "%A").split()[0]

    def test_each_node_merges_its_own_and_all_are_merged(self):
        program = "import os, time; x = bytearray(20 + 10 * int(os.environ['SLURM_PROCID']) << 20); time.sleep(0.5)"
        self.srun("-n8", "-N4", lab.MPROF, "run", sys.executable, "-S", "-c", program)
        names = self.files()
        self.assertEqual(len(names), 8)
        exact = {name: told["peak"]["mib"] for name, told in zip(names, json.loads(self.mprof("peak", "--json", *names, status=0).stdout))}
        self.srun("-n4", "-N4", "sh", "-c", f"{lab.MPROF} merge -q -o $SLURMD_NODENAME.dat.gz *_$SLURMD_NODENAME.dat")
        self.mprof("merge", "-o", "job.dat.gz", *(f"n{node}.dat.gz" for node in range(4)), status=0)
        told = json.loads(self.mprof("report", "--ranks", "--json", "job.dat.gz", status=0).stdout)
        self.assertEqual([rank["rank"] for rank in told["ranks"]], list(range(8)))
        self.assertEqual({rank["profile"]: rank["peak_mib"] for rank in told["ranks"]}, exact)
        self.assertIn("8 recordings of 4 nodes: rank 7 on n3 held most", told["sentence"])

    def test_each_rank_has_a_file_and_the_first_speaks(self):
        out, err = self.srun("-n4", "-N4", lab.MPROF, "run", "sleep", "0.4")
        names = self.files()
        self.assertEqual([NAME.match(name)[3] for name in names], ["00000", "00001", "00002", "00003"])
        for rank, name in enumerate(names):
            job, step, _, node = NAME.match(name).groups()
            meta = self.meta(name)
            expected = {"launcher": "slurm", "job": job, "step": step, "rank": str(rank), "ranks": "4", "node": f"n{rank}"}
            self.assertEqual({key: meta.get(key) for key in expected}, expected)
            self.assertEqual((node, self.last(name, "EXIT")[1]), (f"n{rank}", "0"))
            self.assertLess(abs(float(meta["realtime"]) - float(meta["monotonic"]) - float(meta["base"])), 0.1)
            self.assertIn(meta["unsynchronised"], ("0", "1"))
        self.assertEqual(out, "")
        self.assertEqual(len(re.findall("mprof-c: rank 0: mprofile_", err)), 1, err)
        self.assertEqual(err.count("mprof-c: "), 1, err)
        self.assertIn(f"mprof-c plot {names[0]}", err)
        listed = self.mprof("list", status=0).stdout
        self.assertEqual([line.split()[1] for line in listed.splitlines()], names)
        self.mprof("plot", "-o", "a.png", status=0)
        self.mprof("rm", "0", status=0)
        self.assertEqual(self.files(), names[1:])
        self.mprof("clean", status=0)
        self.assertEqual(self.files(), [])

    def test_each_signal_comes_once(self):
        run = self.start("srun", "-n2", "-N2", lab.MPROF, "run", "sh", "-c", f"exec {lab.target('heard')} > heard.$SLURM_PROCID")
        names = self.await_samples(2)
        job = self.job()
        recorder = int(re.search(r"\nPPid:\s*(\d+)", Path(f"/proc/{self.meta(names[1])['pid']}/status").read_text())[1])
        self.cluster.said("scancel", "-s", "USR1", job)
        os.kill(recorder, signal.SIGUSR2)  # a user's, to the recorder of rank 1 alone
        time.sleep(0.3)
        self.cluster.said("scancel", job)
        self.end(run)
        for rank in range(2):
            heard = [line.split()[0] for line in (self.folder / f"heard.{rank}").read_text().splitlines()[1:]]
            expected = [signal.SIGUSR1, signal.SIGTERM] + [signal.SIGUSR2] * rank
            self.assertEqual(sorted(set(heard) - {"18"}), sorted(str(int(number)) for number in expected))
            self.assertEqual(len([number for number in heard if number != "18"]), len(expected), heard)
            self.assertEqual(self.last(names[rank], "EXIT")[1], "0")

    def test_a_cancelled_job_has_its_end(self):
        run = self.start("srun", "-n4", "-N4", lab.MPROF, "run", "sleep", "60")
        names = self.await_samples(4)
        self.cluster.said("scancel", self.job())
        _, err = self.end(run)
        for name in names:
            self.assertEqual(self.last(name, "EXIT")[1], "-15")
            self.assertEqual(self.meta(name)["signalled_by"], "slurmstepd")
        # Of a task that a signal ends Slurm may lose what it has written last.
        self.assertLessEqual(set(re.findall("mprof-c: .{7}", err)), {"mprof-c: rank 0:"}, err)

    def test_who_ignores_the_end_is_recorded_to_the_last(self):
        run = self.start("srun", "-n2", "-N2", lab.MPROF, "run", "sh", "-c", STUBBORN.format(61))
        names = self.await_samples(2)
        pids = [int(self.meta(name)["pid"]) for name in names]
        self.cluster.said("scancel", self.job())
        self.assertTrue(self.wait_for(lambda: not any(map(exists, pids))))
        killed = time.time()
        self.end(run)
        for name in names:
            self.assertTrue((self.folder / name).read_text().endswith("\n"))
            self.assertLess(killed - float(self.last(name, "MEM")[2]), 1)
        self.assertFalse(any(map(exists, pids)))

    def test_killed_without_a_word(self):
        """srun itself is ended: Slurm kills all at once."""
        run = self.start("timeout", "2.5", "srun", "-n1", lab.MPROF, "run", sys.executable, "-c", HOLD.format(60))
        (name,) = self.await_samples(1)
        pid = int(self.meta(name)["pid"])
        self.end(run)
        self.assertTrue(self.wait_for(lambda: not exists(pid)))
        self.assertNotIn("\nEXIT ", (self.folder / name).read_text())
        self.mprof("plot", "-o", "a.svg", status=0)
        self.assertIn(" · without an end", (self.folder / "a.svg").read_text())
        peak = float(self.mprof("peak", status=0).stdout.split("\t")[1].split()[0])
        self.assertTrue(143 < peak < 200, peak)

    def test_a_status_goes_through(self):
        self.srun("-n2", "-N2", lab.MPROF, "run", "sh", "-c", "exit $((SLURM_PROCID * 3))", status=3)
        self.assertEqual([self.last(name, "EXIT")[1] for name in self.files()], ["0", "3"])
        self.mprof("clean", status=0)
        self.srun("-K1", "-n2", "-N2", lab.MPROF, "run", "sh", "-c", "[ $SLURM_PROCID = 1 ] && sleep 0.5 && exit 3; exec sleep 60", status=143)
        self.assertEqual([self.last(name, "EXIT")[1] for name in self.files()], ["-15", "3"])

    @unittest.skipUnless(shutil.which("mpirun.openmpi"), "no mpirun.openmpi here; Debian has it in openmpi-bin")
    def test_a_batch_of_mpirun_and_of_nothing(self):
        """mpirun hands the rank of the batch script, 0, to all of its own; an array has none but that."""
        mpirun = "mpirun.openmpi --allow-run-as-root --oversubscribe -np 4"
        self.write("job.sh", f"#!/bin/sh\n{mpirun} {lab.MPROF} run sleep 0.3\n", 0o755)
        self.write("array.sh", f"#!/bin/sh\nexec {lab.MPROF} run sleep 0.3\n", 0o755)
        for words in (["-n4", "-N1", "job.sh"], ["--array=0-3", "array.sh"]):
            self.end(self.start("sbatch", "-o", "/dev/null", *words), 0)
        self.assertTrue(self.wait_for(self.cluster.is_idle, 40))
        names = self.files()
        batch = [name for name in names if ".batch_" in name]
        ranks = sorted(self.meta(name)["rank"] for name in names if name not in batch)
        self.assertEqual((len(batch), ranks), (4, ["0", "1", "2", "3"]), names)
        self.assertEqual({self.meta(name).get("launcher") for name in batch}, {"slurm"})
        self.assertEqual(len({self.meta(name)["job"] for name in batch}), 4)
        self.assertEqual(len(self.mprof("list", status=0).stdout.splitlines()), 8)

    def test_what_slurm_says_itself(self):
        """Inside of the job, of the step that runs: a tool that hangs is given up, and one that knows nothing is silent."""
        run = self.start("srun", "-n1", lab.MPROF, "run", sys.executable, "-c", HOLD.format(60))
        (name,) = self.await_samples(1)
        job = self.job()
        told = self.mprof("peak", status=0, env={"SLURM_JOB_ID": job}).stdout
        self.assertRegex(told, rf"\n  MaxRSS of {job}\.0 +1\d\d\.\d{{3}} MiB  sstat: ")
        self.assertNotIn("MaxRSS", self.mprof("peak", status=0).stdout)
        self.assertNotIn("MaxRSS", self.mprof("peak", status=0, env={"SLURM_JOB_ID": job, "PATH": "/nowhere"}).stdout)
        folder = self.folder / "slow"
        folder.mkdir()
        self.write("slow/sstat", "#!/bin/sh\nexec sleep 59\n", 0o755)
        self.write("slow/sacct", "#!/bin/sh\nexec sleep 59\n", 0o755)
        before = time.monotonic()
        slow = self.mprof("peak", name, name, status=0, env={"SLURM_JOB_ID": job, "PATH": f"{folder}:{self.env['PATH']}"}).stdout
        self.assertLess(time.monotonic() - before, 4)
        self.assertNotIn("MaxRSS", slow)
        self.write("slow/sstat", f"#!/bin/sh\necho '{job}.0||n0|0'\n", 0o755)
        empty = self.mprof("peak", status=0, env={"SLURM_JOB_ID": job, "PATH": f"{folder}:{self.env['PATH']}"}).stdout
        self.assertRegex(empty, rf"MaxRSS of {job}\.0 +unknown: sstat tells none")
        run.terminate()

    def test_attach_to_a_job_that_runs(self):
        run = self.start("srun", "-n2", "-N2", "sh", "-c", "exec python3 -c 'import time; time.sleep(60)' rank-$SLURM_PROCID")
        job = self.job()
        pids = lambda: [int(p.name) for p in Path("/proc").glob("[0-9]*")  # noqa: E731
                        if b"rank-" in self.read(p / "cmdline") and b"srun" not in self.read(p / "cmdline") and b"sh\0-c" not in self.read(p / "cmdline")]
        self.assertTrue(self.wait_for(lambda: len(pids()) == 2))
        for rank in (0, 1):
            self.srun(f"--jobid={job}", "--overlap", "-n1", "-N1", lab.MPROF, "attach", "-t", "0.4", "--rank", rank, "python3")
        names = self.files()
        self.assertEqual(sorted((NAME.match(name)[2], NAME.match(name)[3]) for name in names), [("0", "00000"), ("0", "00001")])
        self.assertEqual(sorted(self.meta(name)["node"] for name in names), ["n0", "n1"])
        run.terminate()

    def read(self, path):
        try:
            return path.read_bytes()
        except OSError:
            return b""


if __name__ == "__main__":
    lab.main()
