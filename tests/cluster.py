"""Slurm on this machine: a controller and four nodes that are none, on free ports of the loopback, with a munge of their own."""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ["munged", "slurmctld", "slurmd", "srun", "sbatch", "scancel", "squeue", "sinfo"]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
NODES = 4

CONF = """ClusterName=mprof
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=500
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=30
KillWait=1
SchedulerParameters=batch_sched_delay=0
PartitionName=p Nodes=ALL Default=YES
"""


def missing():
    """Why there can be no cluster here; None: there can."""
    lacks = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if lacks:
        return f"no {lacks[0]} here; Debian has it in slurmctld, slurmd, slurm-client and munge"
    return None if os.getuid() == 0 else "only root starts a node of Slurm"


def _die_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """Its daemons are children of ours, and end with us however we end."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mprof-slurm-"))
        self.daemons = []
        self.env = {"SLURM_CONF": str(self.folder / "slurm.conf")}
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _daemon(self, *words):
        env = {"PATH": PATH, "LC_ALL": "C.UTF-8", **self.env}
        with open(self.folder / "daemons.log", "ab") as log:
            self.daemons.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=self.folder,
                                                 preexec_fn=_die_with_us, start_new_session=True))

    def _start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self._daemon("munged", "-F", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munge.pid",
                     f"--log-file={self.folder}/munge.log", f"--seed-file={self.folder}/munge.seed")
        self._await(lambda: (self.folder / "munge.socket").exists(), "munged")

    def _start(self):
        ports = _free_ports(1 + NODES)
        host = socket.gethostname().split(".")[0]
        conf = CONF.format(host=host, ports=ports, folder=self.folder)
        conf += "".join(f"NodeName=n{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1 + i]} CPUs=4 RealMemory=4000\n" for i in range(NODES))
        (self.folder / "slurm.conf").write_text(conf)
        for name in ["state"] + [f"spool.n{i}" for i in range(NODES)]:
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)
        self._start_munge()
        self._daemon("slurmctld", "-D")
        for i in range(NODES):
            self._daemon("slurmd", "-D", "-N", f"n{i}")
        self._await(lambda: self.said("sinfo", "-h", "-N", "-o", "%t").split() == ["idle"] * NODES, "slurmctld")

    @staticmethod
    def wait_until(condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def _await(self, condition, what):
        if not self.wait_until(condition, 30):
            logs = "".join(p.read_text(errors="replace")[-2000:] for p in sorted(self.folder.glob("*.log")))
            raise RuntimeError(f"{what} does not come up: {logs}")

    def said(self, *words):
        return subprocess.run(words, env={"PATH": PATH, **self.env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=30).stdout

    def is_idle(self):
        return not self.said("squeue", "-h", "-o", "%A").split()

    def _kill_rest(self):
        """What its nodes have started and not ended knows our configuration; nobody else does."""
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    os.kill(int(path.name), signal.SIGKILL)
            except OSError:
                pass

    def stop(self):
        if self.daemons[1:]:
            self.said("scancel", "-u", "root")
            self.wait_until(self.is_idle, 10)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._kill_rest()
        shutil.rmtree(self.folder, ignore_errors=True)
