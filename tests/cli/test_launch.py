"""Under a launcher, by what it leaves in the environment; test_launch_mpi.py and test_launch_slurm.py have the engines themselves."""
import csv
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
import lab  # noqa: E402

NODE = os.uname().nodename.split(".")[0]


def slurm(rank, ranks=4, **more):
    return {"SLURM_JOB_ID": "26", "SLURM_STEP_ID": "0", "SLURM_PROCID": str(rank), "SLURM_STEP_NUM_TASKS": str(ranks), "SLURMD_NODENAME": "n0", **more}


class Launched(lab.Lab):
    def start(self, *words, env=None):
        run = subprocess.Popen([lab.MPROF, *map(str, words)], cwd=self.folder, env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(self.end, run)
        return run

    def end(self, run):
        """With all that came of it."""
        try:
            os.killpg(run.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        run.communicate()

    def names(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*.dat"))

    def meta(self, name):
        return dict(word.split("=", 1) for line in self.recording(name) if line[0] == "META" for word in line[1:])

    def made_by(self, env):
        """What the name and META come to."""
        self.mprof("run", "true", status=0, env=env)
        (name,) = self.names()
        meta = self.meta(name)
        (self.folder / name).unlink()
        keys = ("launcher", "job", "step", "rank", "ranks", "node", "restart")
        return re.sub(r"mprofile_\d{14}", "mprofile_T", name), {key: meta[key] for key in keys if key in meta}


class Names(Launched):
    def test_whom_each_launcher_tells_of(self):
        torch = {"TORCHELASTIC_RUN_ID": "none", "RANK": "3", "WORLD_SIZE": "8", "TORCHELASTIC_RESTART_COUNT": "2"}
        mpi = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "PMIX_RANK": "1", "PMIX_NAMESPACE": "77"}
        batch = {"SLURM_JOB_ID": "26", "SLURM_PROCID": "0", "SLURMD_NODENAME": "n0"}
        for env, name, told in (
                (slurm(7), "26.0_r00007_n0", {"launcher": "slurm", "job": "26", "step": "0", "rank": "7", "ranks": "4", "node": "n0"}),
                (batch, "26.batch_n0", {"launcher": "slurm", "job": "26", "step": "batch", "node": "n0"}),
                (torch, f"r00003_{NODE}_a2", {"launcher": "torchrun", "rank": "3", "ranks": "8", "node": NODE, "restart": "2"}),
                ({**slurm(0, SLURM_RESTART_COUNT="1"), **torch}, "26.0_r00003_n0_a2",
                 {"launcher": "torchrun", "job": "26", "step": "0", "rank": "3", "ranks": "8", "node": "n0", "restart": "2"}),
                (mpi, f"77_r00001_{NODE}", {"launcher": "openmpi", "job": "77", "rank": "1", "ranks": "2", "node": NODE}),
                # Of an mpirun in a batch script: Slurm's rank and node are the script's.
                ({**batch, **mpi}, f"26_r00001_{NODE}", {"launcher": "openmpi", "job": "26", "rank": "1", "ranks": "2", "node": NODE}),
                ({"PMI_RANK": "5", "PMI_SIZE": "6"}, f"r00005_{NODE}", {"launcher": "pmi", "rank": "5", "ranks": "6", "node": NODE}),
                ({"JOB_COMPLETION_INDEX": "2"}, f"r00002_{NODE}", {"launcher": "kubernetes", "rank": "2", "node": NODE})):
            self.assertEqual(self.made_by(env), (f"mprofile_T_{name}.dat", told))

    def test_alone(self):
        """What anybody may set makes no launcher."""
        for env in ({}, {"RANK": "3"}, {"SLURM_PROCID": "3"}, {"PMI_RANK": "x"}, {"PMI_RANK": "-1"}, {"PMI_RANK": ""}, {"JOB_ID": "5"}):
            self.assertEqual(self.made_by(env), ("mprofile_T.dat", {}), env)
        self.assertEqual(self.made_by({"SLURM_JOB_ID": "26"}), ("mprofile_T.dat", {"job": "26"}))

    def test_nobody_shares_a_file(self):
        for run in [self.start("run", "-q", "sleep", "0.2", env=slurm(1)) for _ in range(4)]:
            self.assertEqual(run.wait(), 0)
        names = self.names()
        self.assertEqual(len(names), 4)
        for name in names:
            self.assertEqual(sum(line[0] == "CMDLINE" for line in self.recording(name)), 1)
        self.assertEqual(len(self.mprof("list", status=0).stdout.splitlines()), 4)

    def test_many_ranks_have_folders(self):
        runs = [self.start("run", "-q", "sleep", "0.2", env=slurm(rank, 300, SLURMD_NODENAME=f"n{rank % 2}")) for rank in range(4)]
        self.assertEqual([run.wait() for run in runs], [0] * 4)
        names = self.names()
        self.assertEqual([re.sub(r"mprofile_\d{14}", "T", name) for name in names],
                         ["26/n0/T_26.0_r00000_n0.dat", "26/n0/T_26.0_r00002_n0.dat", "26/n1/T_26.0_r00001_n1.dat", "26/n1/T_26.0_r00003_n1.dat"])
        (self.folder / "26" / "n0" / "mprofile_20200101000000.dat").write_text("mine")
        (self.folder / "26" / "other.dat").write_text("mine")
        (self.folder / "27").write_text("no folder")
        listed = [line.split()[1] for line in self.mprof("list", status=0).stdout.splitlines()]
        self.assertEqual(sorted(listed), names)
        self.assertEqual([name.rsplit("/")[-1] for name in listed], sorted(name.rsplit("/")[-1] for name in names))
        self.mprof("plot", "-o", "a.png", status=0)
        self.mprof("rm", "0", status=0)
        self.mprof("clean", status=0)
        self.assertEqual(self.names(), ["26/n0/mprofile_20200101000000.dat", "26/other.dat"])

    def test_a_job_that_is_a_path_makes_no_folders(self):
        self.mprof("run", "-q", "true", status=0, env=slurm(0, 300, SLURM_JOB_ID="../../x", SLURMD_NODENAME="y/z"))
        (name,) = self.names()
        self.assertRegex(name, r"\A\+\.-\.\.-x/")

    def test_one_name_for_all_is_told_of(self):
        run = self.start("run", "-o", "a.dat", "sleep", "5", env=slurm(0))
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists()))
        done = self.mprof("run", "-o", "a.dat", "true", status=1, env=slurm(1))
        self.assertRegex(done.stderr, r"\Amprof-c: rank 1: another recorder writes a\.dat; [^\n]*%r[^\n]*\n\Z")
        run.terminate()


class Voices(Launched):
    def test_the_first_speaks_for_all(self):
        first = self.mprof("run", "true", status=0, env=slurm(0)).stderr
        self.assertRegex(first, r"\Amprof-c: rank 0: mprofile_\d{14}_26\.0_r00000_n0\.dat: [^\n]*\n\Z")
        self.assertEqual(self.mprof("run", "true", status=0, env=slurm(1)).stderr, "")
        self.assertEqual(self.mprof("run", "-q", "true", status=0, env=slurm(0)).stderr, "")

    def test_faults_are_everybodys(self):
        self.assertRegex(self.mprof("run", "/nowhere/x", status=127, env=slurm(3)).stderr, r"\Amprof-c: rank 3: cannot run /nowhere/x")

    def test_what_befalls_one_alone_is_said_by_it(self):
        run = self.start("run", "-o", "a.dat", "sleep", "2.5", env=slurm(3))
        self.assertTrue(self.wait_for(lambda: (self.folder / "a.dat").exists()))
        time.sleep(0.3)
        (self.folder / "a.dat").unlink()
        _, err = run.communicate(timeout=30)
        self.assertRegex(err, r"\Amprof-c: rank 3: warning: a\.dat was deleted")


class Ends(Launched):
    def test_torchrun(self):
        """It starts each worker in a session of its own, and ends it by its group."""
        env = {"TORCHELASTIC_RUN_ID": "none", "RANK": "1", "WORLD_SIZE": "2", "TORCHELASTIC_RESTART_COUNT": "0"}
        run = self.start("run", lab.target("heard"), env=env)
        self.assertTrue(run.stdout.readline().startswith("ready"))
        time.sleep(0.3)
        os.killpg(run.pid, signal.SIGTERM)
        out, err = run.communicate(timeout=30)
        self.assertEqual([line.split()[0] for line in out.splitlines()], ["15"])
        self.assertEqual((run.returncode, err), (0, ""))
        (name,) = self.names()
        self.assertIn("EXIT", [line[0] for line in self.recording(name)])

    @unittest.skipIf(lab.SANITIZED, "torch takes its time, and nothing else of ours runs here")
    @unittest.skipUnless(shutil.which("torchrun"), "no torchrun here; Debian has it in python3-torch")
    def test_torchrun_itself(self):
        """A rank that fails is begun anew, and so are the others: each time has a recording of its own."""
        script = 'echo $RANK >> heard; [ $TORCHELASTIC_RESTART_COUNT$RANK = 01 ] && sleep 0.7 && exit 3; [ $TORCHELASTIC_RESTART_COUNT = 1 ] || exec sleep 60'
        # -r 1 -t 1: the torch of Debian 12 starts nothing otherwise.
        words = ["torchrun", "--no_python", "--standalone", "--nnodes", "1", "--nproc_per_node", "2", "--max_restarts", "1", "--monitor_interval", "0.2",
                 "-r", "1", "-t", "1", "--log_dir", "logs", lab.MPROF, "run", "sh", "-c", script]
        done = subprocess.run(words, cwd=self.folder, env={**self.env, "OMP_NUM_THREADS": "1"}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        ends = {re.search(r"_r(\d{5})_[^_.]+(_a1)?\.dat$", name).groups(): [line[1] for line in self.recording(name) if line[0] == "EXIT"] for name in self.names()}
        self.assertEqual(ends, {("00000", None): ["-15"], ("00001", None): ["3"], ("00000", "_a1"): ["0"], ("00001", "_a1"): ["0"]})
        self.assertEqual(sorted((self.folder / "heard").read_text().split()), ["0", "0", "1", "1"])

    def test_the_program_is_of_our_group(self):
        script = "import os; print(os.getsid(0), os.getpgid(0))"
        run = self.start("run", "--nopython", sys.executable, "-c", script, env=slurm(1))
        self.assertEqual(run.communicate(timeout=30)[0].split(), [str(run.pid)] * 2)


class Attached(Launched):
    def test_the_rank_is_the_programs(self):
        """Whoever attaches may have a rank of his own, or none."""
        mine = 10 * os.getpid()  # a rank that nobody else's process here has
        for rank in (mine - 1, mine):
            run = subprocess.Popen([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)", "a_rank"], env={**self.env, **slurm(rank)},
                                   stdout=subprocess.PIPE)
            self.addCleanup(run.communicate)
            self.addCleanup(run.kill)
            run.stdout.readline()
        name = Path(os.readlink(f"/proc/{run.pid}/exe")).name
        self.refuses("attach", "--rank", "x", name, says="a rank, from 0")
        self.refuses("attach", "--rank", "-1", name, says="a rank, from 0")
        self.refuses("attach", "--rank", "3", "--cgroup", "x", says="--cgroup")
        self.refuses("attach", "--rank", mine + 1, name, status=1, says=f"'{name}' of rank {mine + 1}")
        self.mprof("attach", "-q", "-t", "0.3", "--rank", mine, name, status=0)
        self.mprof("attach", "-q", "-t", "0.3", run.pid, status=0, env=slurm(0, SLURM_STEP_ID="1"))
        names = self.names()
        # Of two that begin within one second the other has a number more.
        self.assertEqual([re.sub(r"mprofile_\d{14}|_2(?=\.dat)", lambda m: "T" if m[0][0] == "m" else "", one) for one in names],
                         [f"T_26.0_r{mine:05}_n0.dat"] * 2)
        self.assertEqual({self.meta(one)["pid"] for one in names}, {str(run.pid)})
        # In a job only its own ranks are meant.
        done = self.mprof("attach", "--rank", mine, name, env=slurm(0, SLURM_JOB_ID="27"))
        self.assertEqual(done.returncode, 1)


class Batches(Launched):
    """How often a file is written to: whole lines gather under a launcher."""

    def writes(self, env, seconds=2.5, script="import time; time.sleep(60)"):
        run = self.start("run", "-q", "-o", "a.dat", "--where=off", "--nopython", sys.executable, "-c", script, env=env)
        path = self.folder / "a.dat"
        self.assertTrue(self.wait_for(lambda: path.exists() and path.stat().st_size > 0))
        time.sleep(0.7)
        seen, end = set(), time.monotonic() + seconds
        while time.monotonic() < end:
            text = path.read_text()
            self.assertTrue(text.endswith("\n"))
            seen.add(len(text))
            time.sleep(0.02)
        return run, path, len(seen)

    def last(self, path):
        return float([line.split()[2] for line in path.read_text().splitlines() if line.startswith("MEM ")][-1])

    def test_whole_lines_gather_for_a_second(self):
        run, _, alone = self.writes({})
        self.end(run)
        run, path, gathered = self.writes(slurm(1))
        self.assertLessEqual(gathered * 3, alone)
        self.assertLess(time.time() - self.last(path), 1.3)

    def test_a_signal_writes_them_and_what_follows(self):
        """Until a kill may come: what it takes along is less than a tick or two."""
        script = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(60)"
        run, path, _ = self.writes(slurm(1), 0.1, script)
        run.send_signal(signal.SIGTERM)
        time.sleep(0.8)
        run.kill()
        killed = time.time()
        run.wait()
        self.assertLess(killed - self.last(path), 0.4)
        self.mprof("plot", "-o", "a.png", path, status=0)

    def test_a_new_peak_is_written(self):
        script = "import time\ntime.sleep(1.5)\nx = b'x' * 100000000\nprint('held', flush=True)\ntime.sleep(60)"
        run, path, _ = self.writes(slurm(1), 0.1, script)
        run.stdout.readline()
        self.assertTrue(self.wait_for(lambda: "\nMEM 1" in path.read_text(), 0.6))
        run.terminate()

    def test_nothing_is_missing_in_the_end(self):
        self.mprof("run", "-q", "-o", "a.dat", "sleep", "1.5", status=0, env=slurm(1))
        lines = self.recording()
        samples = sum(line[0] == "MEM" for line in lines)
        self.assertEqual(lines[-1][0], "EXIT")
        self.assertEqual(int(lines[-1][4]), samples)

    def test_a_mark_among_them(self):
        """Who appends has its line before samples that are older."""
        self.mprof("run", "-q", "-o", "a.dat", "sh", "-c", f"sleep 1; {lab.MPROF} mark here; sleep 1", status=0, env=slurm(1))
        mark = [float(line[2]) for line in self.recording() if line[0] == "MARK"]
        first = [float(line[2]) for line in self.recording() if line[0] == "MEM"][0]
        self.assertEqual(len(mark), 1)
        self.assertTrue(0.8 < mark[0] - first < 1.9, mark[0] - first)
        self.mprof("plot", "-o", "a.png", "a.dat", status=0)
        out = self.mprof("export", "-f", "csv", "a.dat", status=0).stdout
        moments = [float(row["seconds"]) for row in csv.DictReader(out.splitlines()) if row["series"] == "main"]
        self.assertEqual(moments, sorted(moments))


if __name__ == "__main__":
    lab.main()
