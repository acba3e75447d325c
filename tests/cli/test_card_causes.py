"""Programs that come to the end of a card's memory, or do not, each for one known reason: what is told of them, with torch watched and from outside."""
import json
import subprocess
import sys
import textwrap
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
from test_card import TRAIN, Card

NET = TRAIN + "    import time\n"
EMPTY = "    import time, torch\n    nn = torch.nn\n"
# name: (what it does, after which model, its status, what the rest of the card holds in MiB, causes that are right)
PROGRAMS = {
    "model": ("""
        nets = [nn.Linear(16384, 16384) for _ in range(9)]
        for net in nets:
            net.cuda()
            time.sleep(0.05)
        """, EMPTY, 1, 500, "model"),
    "optimizer": ("""
        net = nn.Sequential(*[nn.Linear(8192, 8192) for _ in range(10)]).cuda()
        opt = torch.optim.Adam(net.parameters())
        net(torch.randn(64, 8192, device="cuda")).backward()
        opt.step()
        """, EMPTY, 1, 500, "optimizer-state"),
    "first batch": ("""
        time.sleep(0.3)
        train(100000)
        """, NET, 1, 500, "first-batch"),
    # It may be over before the card was looked at between the model and the batch.
    "first batch at once": ("train(100000)", NET, 1, 500, "first-batch cannot-tell"),
    "first backward pass": ("""
        time.sleep(0.5)
        train(52600)
        """, NET, 1, 500, "first-batch"),
    "frozen": ("""
        net = nn.Sequential(*[nn.Linear(8192, 8192) for _ in range(26)]).cuda()
        time.sleep(0.3)
        for _ in range(10):
            loss = net(torch.randn(4096, 8192, device="cuda"))
        """, EMPTY, 1, 500, "model"),
    "one batch": ("""
        for i in range(40):
            train(100000 if i == 36 else 1024)
            time.sleep(0.1)
        """, NET, 1, 500, "one-batch"),
    "one batch of SGD": ("""
        opt = torch.optim.SGD(net.parameters())
        for i in range(40):
            train(100000 if i == 36 else 4096)
            opt.zero_grad()
            time.sleep(0.1)
        """, NET, 1, 500, "one-batch"),
    "kept graph": ("""
        kept = []
        while True:
            train(512)
            kept.append(net(torch.randn(1500, 4096, device="cuda")))
            time.sleep(0.08)
        """, NET, 1, 500, "growth"),
    "outputs": ("""
        kept = []
        time.sleep(1)
        while True:
            kept.append(net(torch.randn(12000, 4096, device="cuda")).detach())
            time.sleep(0.1)
        """, NET, 1, 500, "growth"),
    "fragments": ("""
        kept, small = [], []
        for _ in range(13):
            whole = torch.empty(140 << 20, device="cuda")  # 560 MiB
            del whole
            small.append(torch.empty(10 << 20, device="cuda"))
            kept.append(torch.empty(130 << 20, device="cuda"))
        del kept
        time.sleep(0.3)
        torch.empty(250 << 20, device="cuda")
        """, EMPTY, 1, 500, "fragmentation"),
    "neighbour": ("train(30000)", NET, 1, 6500, "neighbour"),
    "a pool beside torch": ("""
        import torch._C
        torch._C.CONTEXT = 6144 << 20  # as JAX's in the same process
        torch.empty(600 << 20, device="cuda")
        """, EMPTY, 1, 500, "pool"),
    "second model": ("""
        for i in range(25):
            train(1024)
            time.sleep(0.1)
        other = nn.Sequential(*[nn.Linear(16384, 16384) for _ in range(9)])
        other.cuda()
        """, NET, 1, 500, "second-model"),
    "curriculum": ("""
        for rows in range(8000, 200000, 8000):
            for _ in range(6):
                train(rows)
                time.sleep(0.1)
        """, NET, 1, 500, "growth one-batch varying-sizes cannot-tell"),
    "ordinary exception": ("""
        held = torch.empty(1600 << 20, device="cuda")
        time.sleep(0.5)
        raise ValueError("a label is missing")
        """, NET, 1, 500, "none"),
    "killed on the host": ("""
        import os, signal
        held = torch.empty(1600 << 20, device="cuda")
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
        """, NET, -9, 500, "none"),
    "halved": ("""
        rows = 400000
        while True:
            try:
                train(rows)
                break
            except torch.OutOfMemoryError:
                rows //= 2
        """, NET, 0, 500, "survived"),
    "caught, and ended by another": ("""
        try:
            train(400000)
        except torch.OutOfMemoryError:
            pass
        raise ValueError("a label is missing")
        """, NET, 1, 500, "survived"),
    "healthy": ("""
        opt = torch.optim.SGD(net.parameters())
        for _ in range(5):
            train(2048)
            time.sleep(0.1)
        """, NET, 0, 500, "none"),
}


@unittest.skipIf(lab.SANITIZED, "moments mean nothing there")
class Causes(Card):
    def told(self, name, option):
        """The causes of a program: what `why` says of its recording."""
        text, model, status, neighbour, _ = PROGRAMS[name]
        folder = self.folder / f"{name} {option}".replace(" ", "_")
        folder.mkdir(exist_ok=True)
        answers = folder / "answers"
        answers.write_text(f"device 0 8192 {neighbour + 9} Pretended Card\nprocess 0 c 1 {neighbour}\n")
        (folder / "train.py").write_text(textwrap.dedent(model) + textwrap.dedent(text))
        env = dict(self.env, MPROF_MOCK_NVML=str(answers))
        self.mprof("run", "-q", "-T", "0.05", option, "-o", "a.dat", self.python, "train.py", status=status, cwd=folder, env=env)
        return json.loads(self.mprof("why", "--json", folder / "a.dat").stdout)

    def of_all(self, option):
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(PROGRAMS, pool.map(lambda name: self.told(name, option), PROGRAMS)))

    def test_each_is_told_by_its_reason(self):
        for name, told in self.of_all("--gpu=tree").items():
            with self.subTest(name):
                for _ in range(3):  # a machine that stands still bends a curve
                    if told["cause"] in PROGRAMS[name][4].split():
                        break
                    told = self.told(name, "--gpu=tree")
                self.assertIn(told["cause"], PROGRAMS[name][4].split(), told)

    def test_from_outside_neither_data_nor_model_is_told(self):
        for name, told in self.of_all("--gpu=outside").items():
            with self.subTest(name):
                self.assertIn(told["cause"], [None, "cannot-tell", "none" if PROGRAMS[name][2] == 0 else None], told)

    def bench(self, *names):
        """What is meant for a card's machine, here."""
        script = lab.ROOT / "tests" / "bench" / "gpu" / "gpu.py"
        self.answers.write_text("device 0 8192 9 Pretended Card\n")
        done = subprocess.run([self.python, script, "--build", lab.BUILD, "--keep", self.folder, *names], env=self.env, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_the_bench_has_a_card_to_try(self):
        told = self.bench("optimizer", "fragments", "exception", "outlived")
        self.assertIn("driver: 1 GiB more is told ", told)
        self.assertIn("4 of 4 right", told)
        self.assertRegex(told, r"optimizer: \S+ told, \S+ true, [+-]0\.0\d %")

    def test_the_bench_leaves_nobody(self):
        self.assertIn("not over, ended after", self.bench("--no-driver", "--longest", "1.5", "outputs"))
        lines = (self.folder / "outputs.dat").read_text()
        pid = next(word[4:] for word in lines.split() if word.startswith("pid="))
        self.wait_for(lambda: not Path("/proc", pid, "exe").exists())
        self.assertFalse(Path("/proc", pid, "exe").exists())


if __name__ == "__main__":
    lab.main()
