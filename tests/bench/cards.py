"""What it costs to wait for a card to have no memory left, and to read the snapshot that torch makes of it."""
import os
import random
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import pythons

# The least CPU seconds of some steps, the kernel's part included: what else runs disturbs those least.
TRAIN = """
import sys, time, types
import card_of_cpu, torch
for call, _ in torch.cuda._queued_calls:
    if isinstance(call, types.BuiltinFunctionType): call()
torch.set_num_threads(1)
nn = torch.nn
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt, x = torch.optim.Adam(net.parameters()), torch.randn(32, 64)
def steps(n):
    start = time.process_time()
    for i in range(n):
        opt.zero_grad(); net(x).pow(2).mean().backward(); opt.step()
    return time.process_time() - start
if sys.argv[1] == "steps":
    steps(int(sys.argv[2]))
else:
    steps(50)
    print(min(steps(40) for _ in range(int(sys.argv[1]))), len(card_of_cpu.observers))
"""


def prepare(bench, env):
    """The script, and its environment; None where there is no torch, or no card to pretend."""
    if not env or subprocess.run([pythons.SYSTEM, "-c", "import torch"], capture_output=True).returncode != 0:
        return None
    script = Path(bench.file("train.py"))
    script.write_text(TRAIN)
    return str(script), {**env, "PYTHONPATH": str(ROOT / "tests" / "targets"), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
                         "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def torch_loop(bench, env):
    """A training of torch on the CPU, in whose build what a card lacks is put: bare, sampled, and with the observer attached."""
    prepared = prepare(bench, env)
    if not prepared:
        return
    script, env = prepared
    words = [pythons.SYSTEM, script, "40"]
    run = [bench.mprof_c, "run", "-q", "-o", bench.file("train.dat")]
    cases = {"bare": words, "off": [*run, "--gpu=off", *words], "outside": [*run, "--gpu=outside", *words], "watched": [*run, *words]}
    taken = {name: [] for name in cases}
    for _ in range(bench.rounds(12, 3)):
        for name, command in cases.items():
            seconds, observers = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()
            assert int(observers) == (name == "watched")
            taken[name].append(float(seconds))
    bare, off, outside, watched = (min(values) for values in taken.values())
    bench.row("a training of torch on the CPU, its CPU time while recorded, against bare", f"{watched / bare:.3f}x", "≤ 1.02x",
              watched / bare <= 1.02, f"`--gpu=off` {off / bare:.3f}x, `--gpu=outside` {outside / bare:.3f}x")
    bench.row("of that, waiting for a card without memory, against `--gpu=outside`", f"{watched / outside:.3f}x", "", None)


def instructions(bench, env):
    """What waiting costs without the noise of a machine: instructions of two hundred steps more, as callgrind counts them. It takes minutes."""
    prepared = prepare(bench, env)
    if not prepared or not shutil.which("valgrind"):
        return
    script, env = prepared
    taken = {}
    for run in [], [bench.mprof_c, "run", "-q", "-o", bench.file("train.dat"), "env"]:
        for n in "20", "220":
            words = [*run, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", pythons.SYSTEM, script, "steps", n]
            said = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stderr
            taken[bool(run), n] = int(re.search(r"Collected : (\d+)", said)[1])
    bare, watched = (taken[how, "220"] - taken[how, "20"] for how in (False, True))
    bench.row("instructions of a step of torch while a card is waited for, against bare", f"{watched / bare:.4f}x", "≤ 1.005x", watched / bare <= 1.005,
              f"importing torch {taken[True, '20'] / taken[False, '20']:.3f}x")


class Pickle:
    """A snapshot as torch.cuda.memory._dump_snapshot() pickles it, by the opcode: no tree of so many objects is made."""
    def __init__(self, path):
        self.out, self.bytes, self.memo, self.n = open(path, "wb"), bytearray(b"\x80\x04"), {}, 0

    def new(self, opcodes):
        """A container, or a text: its number in the memo."""
        self.bytes += opcodes + b"\x94"
        self.n += 1
        return self.n - 1

    def get(self, number):
        self.bytes += b"h" + bytes([number]) if number < 256 else b"j" + struct.pack("<I", number)

    def put(self, value):
        if isinstance(value, str):
            if value in self.memo:
                self.get(self.memo[value])
            else:
                self.memo[value] = self.new(b"\x8c" + bytes([len(value.encode())]) + value.encode())
        elif 0 <= value < 256:
            self.bytes += b"K" + bytes([value])
        elif -2**31 <= value < 2**31:
            self.bytes += b"J" + struct.pack("<i", value)
        else:
            self.bytes += b"\x8a\x08" + struct.pack("<q", value)

    def fields(self, **fields):
        for name, value in fields.items():
            self.put(name)
            self.put(value)

    def frames(self, stack, frames):
        """A list of frames, of which each is written out once."""
        self.put("frames")
        number = self.new(b"]")
        self.bytes += b"("
        for frame in stack:
            if frame in self.memo:
                self.get(self.memo[frame])
                continue
            self.memo[frame] = self.new(b"}")
            self.bytes += b"("
            self.fields(**frames[frame])
            self.bytes += b"u"
        self.bytes += b"e"
        return number

    def size(self):
        if len(self.bytes) > 1 << 20:
            self.out.write(self.bytes)
            self.bytes = bytearray()
        return self.out.tell() + len(self.bytes)


def history(p, size, dice, stacks, frames):
    live, n, address = [], 0, 1 << 46
    while p.size() < size:
        for action in ("alloc",) if len(live) < 10000 or dice.random() < .5 else ("free_requested", "free_completed"):
            if action == "alloc":
                address += 1 << 16
                block = [address, 512 * dice.randrange(1, 4096), None]
                live.append(block)
            elif action == "free_requested":
                block = live.pop(dice.randrange(len(live)))
            p.bytes += b"(" * (n % 1000 == 0)
            p.new(b"}")
            p.bytes += b"("
            p.fields(action=action, addr=block[0], size=block[1], stream=0, time_us=1700000000000000 + n, compile_context="N/A", user_metadata="")
            if block[2] is None:
                block[2] = p.frames(dice.choice(stacks), frames)
            else:
                p.put("frames")
                p.get(block[2])
            n += 1
            p.bytes += b"u" + b"e" * (n % 1000 == 0)
    p.bytes += b"e" * (n % 1000 != 0)


def write_snapshot(path, size):
    dice, p = random.Random(1), Pickle(path)
    frames = [{"name": f"f{dice.randrange(700)}", "filename": f"/home/me/model/part{dice.randrange(40)}.py", "line": dice.randrange(1, 3000)}
              for _ in range(20000)]
    stacks = [[dice.randrange(len(frames)) for _ in range(dice.randrange(15, 45))] for _ in range(8000)]
    p.new(b"}")
    p.bytes += b"("
    p.put("segments")
    p.new(b"]")
    p.put("device_traces")
    p.new(b"]")
    p.new(b"]")
    history(p, size, dice, stacks, frames)
    p.out.write(p.bytes + b"au.")
    p.out.close()


def snapshot(bench):
    size = 100_000_000 if bench.quick else 1_000_000_000
    path = bench.file("snapshot.pickle")
    write_snapshot(path, size)
    taken, most = [], 0
    for _ in range(bench.rounds(5, 3)):
        child = subprocess.Popen([bench.mprof_c, "report", path], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        taken.append((usage.ru_utime + usage.ru_stime) * 1e9 / size)
        most = usage.ru_maxrss / 1024
    os.unlink(path)
    bench.row("a snapshot of torch of 1 GB, CPU", f"{min(taken):.2f} s", "≤ 2 s", min(taken) <= 2)
    bench.row("the memory that takes", f"{most:.0f} MiB", "≤ 100 MB", most <= 95)
