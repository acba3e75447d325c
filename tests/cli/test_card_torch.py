"""The bill of a card of torch itself, as Debian has it: modules, gradients, optimizers and storages are its own. Its build is for CPUs: what it
lacks of a card is put there (tests/targets/card_of_cpu.py)."""
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons
from test_card import Card

MIB = 1 << 20


def with_torch():
    """A Python that has it; None."""
    for python in [pythons.SYSTEM, *pythons.supported().values()]:
        try:
            if subprocess.run([python, "-c", "import torch"], capture_output=True, timeout=120).returncode == 0:
                return python
        except OSError:
            pass
    return None


PYTHON = None


class Torch(Card):
    @classmethod
    def setUpClass(cls):
        global PYTHON
        PYTHON = PYTHON or with_torch()
        if not PYTHON:
            raise unittest.SkipTest("no torch here: Debian's package is python3-torch")

    def setUp(self):
        super().setUp()
        self.python = PYTHON
        self.env["PYTHONPATH"] = str(lab.ROOT / "tests" / "targets")
        self.env["OMP_NUM_THREADS"] = "1"

    def bill(self, text):
        """Of a script that prints what it should come to, in bytes: weights, gradients, optimizer, buffers."""
        head = "import warnings\nwarnings.simplefilter('ignore')\nimport card_of_cpu, torch\nnn = torch.nn\ncard_of_cpu.open_card()\n"
        done = self.record(text, model=head, status=0)
        expected = [float(n) / MIB for n in done.stdout.split()]
        oom = self.only()
        for what, mib in zip(("weights", "gradients", "optimizer", "buffers"), expected):
            self.assertAlmostEqual(self.amount(oom, what), mib, delta=1e-6 + mib / 1e4, msg=what)
            self.assertEqual(oom["bill"][what][1], "-")
        self.assertAlmostEqual(self.amount(oom, "activations"), 3999 - sum(expected), delta=0.01)
        return oom

    def test_a_step_of_adam(self):
        oom = self.bill("""
            net = nn.Sequential(nn.Linear(500, 300), nn.BatchNorm1d(300), nn.ReLU(), nn.Linear(300, 10))
            opt = torch.optim.Adam(net.parameters())
            def step():
                net(torch.randn(8, 500)).pow(2).mean().backward()
                opt.step()
            step()
            weights = 4 * (500 * 300 + 300 + 2 * 300 + 300 * 10 + 10)
            print(weights, weights, 2 * weights + 6 * 4, 4 * 2 * 300 + 8)
            def forward():
                card_of_cpu.fail()
            forward()
        """)
        self.assertEqual(self.users(oom)[::-1], ["forward()", "card_of_cpu.fail()"])

    def test_tied_frozen_and_without_a_module(self):
        self.bill("""
            a, b = nn.Linear(400, 400, bias=False), nn.Linear(400, 400, bias=False)
            b.weight = a.weight
            frozen = nn.Embedding(1000, 64)
            frozen.weight.requires_grad_(False)
            own = torch.zeros(5000, requires_grad=True)
            opt = torch.optim.SGD([{"params": [a.weight]}, {"params": [own]}], lr=.1, momentum=.9)
            (b(a(torch.randn(2, 400))).sum() + own.sum()).backward()
            opt.step()
            square, table = 4 * 400 * 400, 4 * 1000 * 64
            print(square + table, square + 20000, square + 2 * 20000, 0) # what no module has is the optimizer's
            card_of_cpu.fail()
        """)

    def test_compiled_to_torchscript(self):
        """Such a module keeps its parameters in C++."""
        self.bill("""
            net = torch.jit.script(nn.Sequential(nn.Linear(300, 300), nn.BatchNorm1d(300)))
            traced = torch.jit.trace(nn.Linear(200, 100, bias=False), torch.randn(1, 200))
            net(torch.randn(4, 300)).sum().backward()
            weights = 4 * (300 * 300 + 300 + 2 * 300)
            print(weights + 4 * 200 * 100, weights, 0, 4 * 2 * 300 + 8)
            card_of_cpu.fail()
        """)

    def test_other_containers(self):
        self.bill("""
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.list = nn.ParameterList([nn.Parameter(torch.zeros(1000)), nn.Parameter(torch.zeros(2000))])
                    self.dict = nn.ParameterDict({"a": nn.Parameter(torch.zeros(3000))})
                    self.norm = nn.utils.weight_norm(nn.Linear(100, 50, bias=False))
                    self.rnn = nn.LSTM(20, 30, 2)
                    self.register_buffer("mask", torch.zeros(700), persistent=False)
                    self.small = nn.Parameter(torch.zeros(500, dtype=torch.float16))
                    self.view = nn.Parameter(torch.zeros(6000)[:600])
            net = Net()
            lbfgs = torch.optim.LBFGS([net.small])
            lbfgs.state[net.small]["old_dirs"] = [torch.zeros(900)]
            lbfgs.state[net.small]["al"] = (torch.zeros(100), None)
            rnn = 4 * 30 * (20 + 30 + 2) + 4 * 30 * (30 + 30 + 2)
            print(4 * (6000 + 100 * 50 + 50 + rnn + 6000) + 2 * 500, 0, 4 * 1000, 4 * 700)
            card_of_cpu.fail()
        """)

    def test_very_many_modules(self):
        """A hundred thousand, and the program waits for seconds at most."""
        self.bill("""
            import time
            class Leaf(nn.Module):
                pass
            def leaf():
                made = Leaf()
                made.weight = nn.Parameter(torch.zeros(4))
                return made
            net = nn.Sequential(*[leaf() for _ in range(100000)])
            print(16 * 100000, 0, 0, 0)
            start = time.process_time()
            card_of_cpu.fail()
            assert time.process_time() - start < 5, time.process_time() - start
        """)

    def test_an_interrupt_meanwhile_is_the_programs(self):
        """Not a line of Python is run for the bill, and so no handler of a signal: it runs behind it."""
        self.bill("""
            import os, signal, time
            net = nn.Sequential(*[nn.Linear(2, 2, bias=False) for _ in range(20000)])
            print(16 * 20000, 0, 0, 0, flush=True)
            signal.signal(signal.SIGVTALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, 5e-3)
                card_of_cpu.fail()
                time.sleep(20)
                raise SystemExit("the interrupt was lost")
            except KeyboardInterrupt:
                pass
        """)


if __name__ == "__main__":
    lab.main()
