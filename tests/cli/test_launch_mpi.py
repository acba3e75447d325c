"""Under the mpirun of OpenMPI and of MPICH."""
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

MPI4PY = """
from mpi4py import MPI
import time
world = MPI.COMM_WORLD
held = b"x" * (20000000 * (world.rank + 1))
total = world.allreduce(world.rank + 1)
time.sleep(0.3)
assert total == world.size * (world.size + 1) // 2
"""


# As MPICH's mpi.h has them.
CTYPES = """
import ctypes
mpi = ctypes.CDLL("libmpich.so.12")
world, of_int, add = 0x44000000, 0x4c000405, 0x58000003
rank, size, total = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
assert mpi.MPI_Init(None, None) == 0
mpi.MPI_Comm_rank(world, ctypes.byref(rank))
mpi.MPI_Comm_size(world, ctypes.byref(size))
mpi.MPI_Allreduce(ctypes.byref(rank), ctypes.byref(total), 1, of_int, add, world)
mpi.MPI_Finalize()
assert (size.value, total.value) == (3, 3), (size.value, total.value)
"""


def exists(pid):
    """What nobody waits for, in a container, stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Mpi:
    """The same for each of them."""

    def start(self, n, *words):
        run = subprocess.Popen([self.mpirun, *self.options, "-np", str(n), *map(str, words)], cwd=self.folder, stdin=subprocess.DEVNULL,
                               env={**self.env, "HOME": str(self.folder), "OMPI_MCA_plm_rsh_agent": "false"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, run)
        return run

    def end(self, run):
        run.terminate()
        try:
            return run.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            run.kill()
            return run.communicate()

    def files(self):
        return sorted(p.name for p in self.folder.glob("*.dat"))

    def meta(self, name):
        return dict(word.split("=", 1) for line in self.recording(name) if line[0] == "META" for word in line[1:] if "=" in word)

    def last(self, name, tag):
        return [line for line in self.recording(name) if line[0] == tag][-1]

    def await_samples(self, n):
        self.assertTrue(self.wait_for(lambda: sum("\nMEM " in (self.folder / f).read_text() for f in self.files()) == n), self.files())
        time.sleep(0.3)  # the witness is there, and whoever ignores a signal does
        return self.files()

    def test_each_rank_has_a_file_and_the_first_speaks(self):
        run = self.start(4, lab.MPROF, "run", "sh", "-c", "sleep 0.3; exit $((%s == 1 ? 3 : 0))" % self.rank)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 3, err)
        names = self.files()
        self.assertEqual([re.search(r"_r(\d{5})_", name)[1] for name in names], ["00000", "00001", "00002", "00003"])
        metas = [self.meta(name) for name in names]
        self.assertEqual([(m["rank"], m["ranks"], m["launcher"], m["node"]) for m in metas],
                         [(str(i), "4", self.name, os.uname().nodename.split(".")[0]) for i in range(4)])
        self.assertLessEqual(set(re.findall("mprof-c: .{7}", err)), {"mprof-c: rank 0:"}, err)
        self.assertEqual(self.last(names[1], "EXIT")[1], "3")

    def test_each_signal_comes_once(self):
        run = self.start(2, lab.MPROF, "run", "sh", "-c", f"exec {lab.target('heard')} > heard.{self.rank}")
        names = self.await_samples(2)
        recorder = int(re.search(r"\nPPid:\s*(\d+)", Path(f"/proc/{self.meta(names[1])['pid']}/status").read_text())[1])
        run.send_signal(signal.SIGUSR1)
        os.kill(recorder, signal.SIGUSR2)  # a user's, to the recorder of rank 1 alone
        time.sleep(0.3)
        run.terminate()
        run.communicate(timeout=60)
        for rank in range(2):
            heard = [line.split()[0] for line in (self.folder / f"heard.{rank}").read_text().splitlines()[1:]]
            expected = [signal.SIGUSR1, signal.SIGTERM] + [signal.SIGUSR2] * rank
            self.assertEqual(sorted(number for number in heard if number != "18"), sorted(str(int(number)) for number in expected))
            self.assertEqual(self.last(names[rank], "EXIT")[1], "0")

    def test_a_kill_of_the_recorder_reaches_the_program(self):
        run = self.start(1, lab.MPROF, "run", "sleep", "60")
        (name,) = self.await_samples(1)
        pid = int(self.meta(name)["pid"])
        os.kill(int(re.search(r"\nPPid:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1]), signal.SIGTERM)
        run.communicate(timeout=60)
        self.assertFalse(exists(pid))
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(self.last(name, "EXIT")[1], "-15")

    def add_up(self, python, script):
        """The ranks find each other; the recordings' peaks."""
        self.write("sum.py", script)
        run = self.start(3, lab.MPROF, "run", python, "sum.py")
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, err)
        return [float(self.mprof("peak", name, status=0).stdout.split("\t")[1].split()[0]) for name in self.files()]


@unittest.skipIf(lab.SANITIZED, "its engines know nothing of a sanitizer, whose pace they do not wait for")
@unittest.skipUnless(shutil.which("mpirun.openmpi"), "no mpirun.openmpi here; Debian has it in openmpi-bin")
class OpenMpi(Mpi, lab.Lab):
    name, mpirun, options, rank = "openmpi", "mpirun.openmpi", ["--allow-run-as-root", "--oversubscribe"], "$OMPI_COMM_WORLD_RANK"

    def test_mpi_itself(self):
        if subprocess.run(["/usr/bin/python3", "-c", "import mpi4py"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no mpi4py of /usr/bin/python3 here; Debian has it in python3-mpi4py")
        peaks = self.add_up("/usr/bin/python3", MPI4PY)
        self.assertTrue(15 < peaks[1] - peaks[0] < 25 and 15 < peaks[2] - peaks[1] < 25, peaks)

    def test_who_ignores_the_end_leaves_nothing_behind(self):
        """It grants a second, then kills the group."""
        run = self.start(2, lab.MPROF, "run", "sh", "-c", "trap '' TERM; exec sleep 62")
        names = self.await_samples(2)
        pids = [int(self.meta(name)["pid"]) for name in names]
        run.terminate()
        run.communicate(timeout=60)
        self.assertTrue(self.wait_for(lambda: not any(map(exists, pids))))
        killed = time.time()
        for name in names:
            self.assertTrue((self.folder / name).read_text().endswith("\n"))
            self.assertLess(killed - float(self.last(name, "MEM")[2]), 1)
        self.mprof("plot", "-o", "a.png", *names, status=0)


@unittest.skipIf(lab.SANITIZED, "its engines know nothing of a sanitizer, whose pace they do not wait for")
@unittest.skipUnless(shutil.which("mpirun.mpich"), "no mpirun.mpich here; Debian has it in mpich")
class Mpich(Mpi, lab.Lab):
    name, mpirun, options, rank = "pmi", "mpirun.mpich", [], "$PMI_RANK"

    def test_mpi_itself(self):
        """MPI_Init finds what mpirun has left open for it."""
        self.assertEqual(len(self.add_up(sys.executable, CTYPES)), 3)

    def test_its_descriptor_is_open_in_the_program(self):
        run = self.start(2, lab.MPROF, "run", "sh", "-c", "ls -l /proc/self/fd/$PMI_FD > fd.$PMI_RANK")
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, err)
        for rank in range(2):
            self.assertIn("socket:", (self.folder / f"fd.{rank}").read_text())


if __name__ == "__main__":
    lab.main()
