"""A card without memory left: who asked for more, and what held it, of a torch that is one in its modules, texts and figures alone."""
import json
import os
import shutil
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

TORCH = lab.ROOT / "tests" / "targets" / "fake_torch"
TRAIN = """
    import torch
    nn = torch.nn
    net = nn.Sequential(*[nn.Sequential(nn.Linear(4096, 4096), nn.BatchNorm1d(4096)) for _ in range(4)])
    net.cuda()
    opt = torch.optim.Adam(net.parameters())
    def train(batch):
        loss = net(torch.randn(batch, 4096, device="cuda"))
        loss.backward()
        opt.step()
"""
WEIGHTS = 4 * (4096 * 4096 + 3 * 4096) * 4 / (1 << 20)
PARTS = {"free", "weights", "gradients", "optimizer", "buffers", "activations", "unused", "outside", "neighbour", "rest"}


class Card(lab.Lab):
    @classmethod
    def setUpClass(cls):
        if not pythons.supported():
            raise unittest.SkipTest("no CPython 3.9 or later here")

    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        (self.root / "dev").mkdir(parents=True)
        (self.root / "dev" / "nvidiactl").touch()
        shutil.copy(lab.BUILD / "tests" / "libmock-nvml.so", self.root / "libnvidia-ml.so.1")
        self.answers = self.folder / "answers"
        self.env.update(MPROF_SYSROOT=str(self.root), MPROF_MOCK_NVML=str(self.answers), LD_LIBRARY_PATH=str(self.root),
                        PYTHONPATH=str(self.folder / "site-packages"), PYTHONDONTWRITEBYTECODE="1")
        (self.folder / "site-packages").symlink_to(TORCH)
        self.python = list(pythons.supported().values())[-1]
        self.fill()

    def fill(self, neighbour=500):
        """The card as it is before the program begins."""
        self.answers.write_text(f"device 0 8192 {neighbour + 9} Pretended Card\nprocess 0 c 1 {neighbour}\n")

    def script(self, text, model=TRAIN):
        return self.write("train.py", textwrap.dedent(model) + textwrap.dedent(text))

    def record(self, text, *options, status=1, model=TRAIN, **kw):
        self.script(text, model)
        return self.mprof("run", *(options or ("-q",)), "-o", "a.dat", self.python, "train.py", status=status, **kw)

    def ooms(self):
        """Each failure: its fields, its bill, and its stack, the innermost first, as (file, line, function)."""
        paths, frames, found = {}, {}, []
        for r in self.recording():
            if r[0] == "PATH":
                paths[r[1]] = " ".join(r[2:])
            elif r[0] == "FRAME":
                frames[r[1]] = (r[2], r[3], int(r[4]), " ".join(r[5:]))
            elif r[0] == "OOM":
                stack, at = [], r[5]
                while at in frames:
                    caller, path, line, function = frames[at]
                    stack.append((paths[path], line, function))
                    at = caller
                found.append({"pid": int(r[1]), "device": r[2], "wanted": None if r[3] == "?" else float(r[3]), "at": float(r[4]), "who": " ".join(r[6:]), "stack": stack,
                              "bill": {}})
            elif r[0] == "OWED":
                self.assertEqual(int(r[1]), found[-1]["pid"])
                found[-1]["bill"][r[3]] = (None if r[4] == "?" else float(r[4]), " ".join(r[5:]))
        return found

    def only(self):
        found = self.ooms()
        self.assertEqual(len(found), 1, found)
        return found[0]

    def users(self, oom):
        """Lines of the program's own, by their text."""
        text = (self.folder / "train.py").read_text().splitlines()
        return [text[line - 1].strip() for file, line, _ in oom["stack"] if file.endswith("train.py")]

    def amount(self, oom, what):
        return oom["bill"][what][0]


class Bill(Card):
    def test_what_it_took_last_is_of_the_line_that_failed(self):
        for _ in range(5):  # the driver is asked ten times a second, on a machine at rest
            self.fill()
            self.record("import time\ntry:\n    train(100000)\nexcept torch.OutOfMemoryError:\n    time.sleep(.5)\n", status=0)
            records = [line.split(" ") for line in (self.folder / "a.dat").read_text().splitlines()]
            failed = next(f for f in records if f[0] == "OOM")
            taken = [f for f in records if f[0] == "VRAM"]
            self.assertEqual({f[4] for f in taken}, {failed[1]})
            if failed[5] in [f[5] for f in taken]:
                return
        self.fail(str(taken))

    def test_adds_up_to_the_card_and_changes_nothing(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                text = "train(512)\ntrain(512)\nprint('fine')\ntrain(100000)\n"
                self.script(text)
                self.fill()
                bare = subprocess.run([path, "train.py"], cwd=self.folder, env=self.env, capture_output=True, text=True)
                self.fill()
                done = self.record(text)
                self.assertEqual((done.stdout, done.stderr, done.returncode), (bare.stdout, bare.stderr, bare.returncode))
                self.assertIn("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.53 GiB.", bare.stderr)
                oom = self.only()
                self.assertEqual((oom["device"], oom["wanted"], oom["who"]), ("0", 1564, "torch 2.11.0+cu130"))
                self.assertEqual(self.users(oom)[::-1], ["train(100000)", 'loss = net(torch.randn(batch, 4096, device="cuda"))'])
                self.assertTrue(any(file.endswith("torch/nn/modules/linear.py") for file, *_ in oom["stack"]), oom["stack"])
                for what, times in (("weights", 1), ("gradients", 1), ("optimizer", 2)):
                    self.assertAlmostEqual(self.amount(oom, what), times * WEIGHTS, delta=0.02)
                self.assertAlmostEqual(self.amount(oom, "buffers"), 0.125, delta=0.001)
                self.assertAlmostEqual(self.amount(oom, "activations"), 4 * 100000 * 4096 * 4 / (1 << 20), delta=2)
                self.assertEqual(oom["bill"]["outside"][0], 300)
                self.assertEqual(oom["bill"]["neighbour"][0], 500)
                self.assertTrue(oom["bill"]["neighbour"][1].startswith("1 "), oom["bill"])
                self.assertAlmostEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192, delta=1)
                self.assertNotIn("allowed", oom["bill"])

    def test_what_is_allowed_is_told_where_it_is_less(self):
        self.record("torch.cuda.set_per_process_memory_fraction(0.25)\ntrain(512)\ntrain(100000)\n")
        oom = self.only()
        self.assertEqual((self.amount(oom, "total"), self.amount(oom, "allowed")), (8192, 2048))
        self.assertAlmostEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192, delta=1)

    def test_weights_that_are_shared_count_once(self):
        self.record("""
            class Tied(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a, self.b = nn.Linear(4096, 4096), nn.Linear(4096, 4096)
                    self.b.weight = self.a.weight
            tied, copy = Tied().cuda(), net
            torch.randn(1 << 40, device="cuda")
        """)
        oom = self.only()
        self.assertAlmostEqual(self.amount(oom, "weights"), WEIGHTS + 64 + 2 * 4096 * 4 / (1 << 20), delta=0.02)

    def test_bare_tensors_are_an_optimizers(self):
        self.record("""
            import torch
            w = torch.zeros(1 << 20, device="cuda", requires_grad=True)
            opt = torch.optim.SGD([w])
            torch.zeros(1 << 40, device="cuda")
        """, model="")
        self.assertAlmostEqual(self.amount(self.only(), "weights"), 4, delta=0.01)

    def test_a_history_that_the_program_keeps_is_not_read(self):
        done = self.record("""
            torch._C._cuda_isHistoryEnabled = lambda: True
            torch._C._cuda_memorySnapshot = lambda *_: print("read")
            train(512)
            torch.randn(1 << 40, device="cuda")
        """)
        self.assertEqual(done.stdout, "")
        oom = self.only()
        for what, times in (("weights", 1), ("gradients", 1), ("optimizer", 2)):
            self.assertAlmostEqual(self.amount(oom, what), times * WEIGHTS, delta=0.02)
        self.assertAlmostEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192, delta=1)

    def test_a_pool_that_is_empty(self):
        self.record('torch.randn(1 << 40, device="cuda")', model="import torch\n")
        oom = self.only()
        self.assertEqual((self.amount(oom, "allocated"), self.amount(oom, "weights"), self.amount(oom, "outside")), (0, 0, 300))

    def test_objects_that_answer_for_others_are_not_asked(self):
        done = self.record("""
            class Lazy:
                @property
                def __class__(self):
                    print("asked")
                    raise ValueError
            class Broken(nn.Module):
                def __init__(self):
                    pass
                def __getattribute__(self, name):
                    print("asked", name)
                    raise ValueError
            lazy, broken = [Lazy() for _ in range(3)], Broken()
            odd = nn.Module()
            odd.__dict__["_parameters"] = {1: None, "x": [odd, "y"]}
            torch.randn(1 << 40, device="cuda")
        """)
        self.assertEqual(done.stdout, "")
        self.assertAlmostEqual(self.amount(self.only(), "weights"), WEIGHTS, delta=0.02)

    @unittest.skipIf(lab.SANITIZED, "timings mean nothing there")
    def test_takes_less_than_two_seconds_of_very_many_blocks(self):
        done = self.record("""
            import time
            net.cuda()
            blocks = [dict(address=1 << 40, size=512, requested_size=512, state="active_allocated", frames=[]) for _ in range(100000)]
            own = torch._C._cuda_memorySnapshot(None)["segments"]
            more = dict(own[0], address=1 << 40, total_size=512 * 100000, allocated_size=512 * 100000, blocks=blocks)
            torch._C._cuda_memorySnapshot = lambda pool: dict(segments=own + [more])
            objects = [[] for _ in range(300000)]
            began = time.time()
            try:
                torch.randn(1 << 40, device="cuda")
            except torch.OutOfMemoryError:
                print(time.time() - began)
        """, status=0)
        self.assertLess(float(done.stdout), 2)
        self.assertAlmostEqual(self.amount(self.only(), "weights"), WEIGHTS, delta=0.02)


class Failures(Card):
    def test_one_that_is_caught_is_told_as_well(self):
        done = self.record("""
            for batch in (100000, 80000, 512):
                try:
                    train(batch)
                    print("fits")
                except torch.OutOfMemoryError:
                    pass
        """, status=0)
        self.assertEqual(done.stdout, "fits\n")
        found = self.ooms()
        self.assertEqual(len(found), 2)
        self.assertGreater(found[1]["at"], found[0]["at"])
        self.assertTrue(found[0]["bill"])

    def test_very_many_are_told_of_at_first(self):
        self.record("""
            for _ in range(300):
                try:
                    torch.randn(1 << 40, device="cuda")
                except torch.OutOfMemoryError:
                    pass
        """, status=0)
        self.assertIn(len(self.ooms()), range(64, 80))

    def test_in_a_thread(self):
        self.record("""
            import threading
            thread = threading.Thread(target=train, args=(100000,), name="loader")
            thread.start()
            thread.join()
        """, status=0)
        self.assertEqual(self.users(self.only()), ['loss = net(torch.randn(batch, 4096, device="cuda"))'])

    def test_one_thread_beside_another_that_is_told_of(self):
        """torch lets go of the GIL while it asks the driver: the second is told behind it, without a bill of its own."""
        done = self.record("""
            import threading, time
            asked = threading.Event()
            def slow(device, tell=torch._C._cudart.cudaMemGetInfo):
                if threading.current_thread() is first:
                    asked.set()
                    time.sleep(.5)
                return tell(device)
            torch._C._cudart.cudaMemGetInfo = staticmethod(slow)
            net.cuda()
            first = threading.Thread(target=train, args=(100000,))
            first.start()
            asked.wait()
            try:
                train(200000)
            except torch.OutOfMemoryError:
                print("second", first.is_alive())
            first.join()
            torch._C._cudart.cudaMemGetInfo = staticmethod(lambda device: (1 << 30, 8 << 30))
            time.sleep(1)
            try:
                train(300000)
            except torch.OutOfMemoryError:
                print("third")
        """, status=0)
        self.assertEqual(done.stdout, "second True\nthird\n")
        told = {oom["wanted"]: set(oom["bill"]) for oom in self.ooms()}
        self.assertEqual((list(told), told[3126]), ([1564, 3126, 4688], set()))
        self.assertIn("weights", told[1564])

    def test_in_processes_that_multiprocessing_makes(self):
        for way in "fork", "spawn", "forkserver":
            with self.subTest(way):
                self.fill()
                done = self.record(f"""
                    import multiprocessing
                    def work():
                        net = torch.nn.Linear(4096, 4096).cuda()
                        torch.randn(1 << 40, device="cuda")
                    if __name__ == "__main__":
                        child = multiprocessing.get_context("{way}").Process(target=work)
                        child.start()
                        child.join()
                        print(child.pid, child.exitcode)
                """, status=0, model="import torch\n")
                oom, (pid, code) = self.only(), done.stdout.split()
                self.assertEqual((str(oom["pid"]), code), (pid, "1"))
                self.assertAlmostEqual(self.amount(oom, "weights"), 64, delta=1)
                self.assertIn('torch.randn(1 << 40, device="cuda")', self.users(oom))

    def test_in_a_backward_pass_it_is_the_line_that_waits(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                self.fill(neighbour=7400)
                self.record("train(64)\n")
                oom = self.only()
                self.assertEqual(self.users(oom)[::-1], ["train(64)", "loss.backward()"])
                self.assertTrue(any("apply" in function for _, _, function in oom["stack"]))

    def test_in_a_process_of_its_own(self):
        done = self.record("""
            import os, sys
            net = None
            if not os.fork():
                torch.randn(1 << 40, device="cuda")
            print(os.wait()[0])
        """, status=0, model="import torch\n")
        oom = self.only()
        self.assertEqual(oom["pid"], int(done.stdout))
        self.assertEqual(self.users(oom), ['torch.randn(1 << 40, device="cuda")'])

    def test_where_torch_is_imported_late(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                self.record("""
                    import time
                    def work():
                        import importlib
                        torch = importlib.import_module("torch")
                        torch.randn(1 << 40, device="cuda")
                    time.sleep(0.1)
                    work()
                """, model="")
                self.assertEqual(self.users(self.only())[-1], "work()")

    def test_the_programs_own_observer_is_called_as_before(self):
        done = self.record("""
            torch._C._cuda_attach_out_of_memory_observer(lambda *figures: print("told", figures[0], figures[1] >> 40))
            torch.randn(1 << 40, device="cuda")
        """)
        self.assertEqual(done.stdout, "told 0 4\n")
        self.only()

    def test_one_that_raises_is_the_programs(self):
        done = self.record("""
            def own(*figures):
                raise ValueError("own")
            torch._C._cuda_attach_out_of_memory_observer(own)
            torch.randn(1 << 40, device="cuda")
        """)
        self.assertIn("ValueError: own", done.stderr)
        self.only()

    def test_a_torch_that_answers_nonsense_harms_nobody(self):
        for what in ("None", "1 / 0", "{}", "{'segments': 3}", "{'segments': [None]}", "{'segments': [{'device': 0}]}",
                     "{'segments': [{'device': 0, 'total_size': 5, 'address': 1, 'blocks': [{}]}]}",
                     "{'segments': [{'device': 0, 'total_size': 5, 'address': 1, 'blocks': [{'size': 1 << 99}]}]}"):
            with self.subTest(what):
                done = self.record(f"""
                    torch._C._cuda_memorySnapshot = lambda *_: {what}
                    torch.randn(1 << 40, device="cuda")
                """)
                self.assertIn("torch.OutOfMemoryError", done.stderr.splitlines()[-1])
                self.assertIn("total", self.only()["bill"])


class Texts(Card):
    """Failures that torch does not tell of: what ends the program says it."""

    def test_a_torch_that_is_old(self):
        self.env["FAKE_TORCH_VERSION"] = "2.0.1"
        self.record("""
            net.cuda()
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB (GPU 0; 8.00 GiB total capacity; 256.00 MiB already "
                                         "allocated; 7.00 GiB free; 260.00 MiB reserved in total by PyTorch)")
        """)
        oom = self.only()
        self.assertEqual((oom["wanted"], oom["who"], self.amount(oom, "total"), self.amount(oom, "free")), (20480, "torch 2.0.1", 8192, 7168))
        self.assertAlmostEqual(self.amount(oom, "weights"), WEIGHTS, delta=0.02)

    def test_torches_that_are_older_still(self):
        """Of 1.13 a storage has another name; of 1.10 it does not tell where it lies, and what is in use is not divided."""
        for version, error in (("1.13.1", "torch.OutOfMemoryError"), ("1.12.0", "RuntimeError"), ("1.10.2", "RuntimeError")):
            with self.subTest(version=version):
                self.env["FAKE_TORCH_VERSION"] = version
                self.fill()
                self.record(f"""
                    train(512)
                    raise {error}("CUDA out of memory. Tried to allocate 20.00 GiB (GPU 0; 8.00 GiB total capacity; 1.00 GiB already "
                                  "allocated; 6.00 GiB free; 1.10 GiB reserved in total by PyTorch)")
                """)
                oom = self.only()
                self.assertEqual((oom["wanted"], oom["who"]), (20480, f"torch {version}"))
                bill = json.loads(self.mprof("report", "--json", "a.dat", status=0).stdout)["cards"][0]["bill"]
                self.assertAlmostEqual(sum(mib for mib in bill["rows"].values() if mib), 8192, delta=1)
                if version == "1.10.2":
                    self.assertNotIn("weights", oom["bill"])
                    self.assertAlmostEqual(bill["rows"]["used"], 4 * WEIGHTS, delta=34)
                    self.assertIn("in use, undivided", self.mprof("report", "a.dat", status=0).stdout)
                    continue
                for what, times in (("weights", 1), ("gradients", 1), ("optimizer", 2)):
                    self.assertAlmostEqual(self.amount(oom, what), times * WEIGHTS, delta=0.02)

    def test_a_library_beside_its_pool(self):
        self.record("""
            net.cuda()
            raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")
        """)
        oom = self.only()
        self.assertEqual((oom["wanted"], oom["who"]), (None, "torch 2.11.0+cu130"))
        self.assertAlmostEqual(self.amount(oom, "weights"), WEIGHTS, delta=0.02)
        self.assertAlmostEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192, delta=1)
        why = json.loads(self.mprof("why", "--json", "a.dat").stdout)
        self.assertEqual((why["end"]["kind"], why["end"]["known"]), ("card", "exact"))

    def test_what_others_beside_torch_say_of_the_driver(self):
        for raised in ("RuntimeError('CUDA driver error: out of memory')", "RuntimeError('Triton Error [CUDA]: out of memory')",
                       "type('DistBackendError', (RuntimeError,), {'__module__': 'torch.distributed'})(\"Last error: Cuda failure 2 'out of memory'\")"):
            with self.subTest(raised):
                self.fill()
                self.record(f"net.cuda()\nraise {raised}\n")
                oom = self.only()
                self.assertEqual((oom["wanted"], oom["who"]), (None, "torch 2.11.0+cu130"))
                self.assertAlmostEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192, delta=1)
                self.assertEqual(json.loads(self.mprof("why", "--json", "a.dat").stdout)["end"]["kind"], "card")

    def test_other_texts_are_none(self):
        self.record("raise RuntimeError('CUDA error: device-side assert triggered')\n")
        self.assertEqual(self.ooms(), [])


class Driver(Card):
    HANGS = """
        import os, threading, time
        net.cuda()
        torch._C._post = lambda held: 0
        with open(os.environ["MPROF_MOCK_NVML"], "a") as answers:
            print("hang nvmlInit_v2", file=answers)
        for _ in range(2):
            began = time.time()
            try:
                torch.randn(1 << 40, device="cuda")
            except torch.OutOfMemoryError:
                print(time.time() - began, threading.active_count())
    """

    def test_one_that_hangs_is_not_waited_for(self):
        done = self.record(self.HANGS, status=0)
        (first, threads), (second, _) = (line.split() for line in done.stdout.splitlines())
        self.assertLess(float(first), 5)
        self.assertLess(float(second), 1.5)
        self.assertEqual(threads, "1")
        oom = self.ooms()[0]
        self.assertAlmostEqual(self.amount(oom, "weights"), WEIGHTS, delta=0.02)
        self.assertEqual((self.amount(oom, "total"), self.amount(oom, "outside")), (8192, None))
        self.assertIn("META card_lacks=driver\n", (self.folder / "a.dat").read_text().replace("card_watched=torch ", ""))
        self.assertIn("The driver did not answer: ", self.mprof("report", "a.dat").stdout)
        self.assertIn("and the driver did not answer", self.mprof("why", "a.dat").stdout.replace("\n          ", " "))


class Ends(Card):
    """What ended the program is told by its own exception, or is an estimate."""

    def end(self, text, status=1, **kw):
        self.record(text, status=status, **kw)
        why = json.loads(self.mprof("why", "--json", "a.dat").stdout)
        told = {k: v[1] for oom in self.ooms() for k, v in oom["bill"].items() if k in ("ended", "outlived")}
        return why, told

    def test_it_was_that(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                self.fill()
                why, told = self.end("train(100000)\n")
                self.assertEqual(told, {"ended": "torch.OutOfMemoryError"})
                self.assertEqual((why["end"]["kind"], why["end"]["known"]), ("card", "exact"))
                self.assertIn("torch.OutOfMemoryError", why["end"]["by"])

    def test_it_came_of_that(self):
        why, told = self.end("""
            import time
            try:
                train(100000)
            except torch.OutOfMemoryError as e:
                time.sleep(2.2)  # a checkpoint
                raise RuntimeError("given up") from e
        """)
        self.assertEqual(told, {"ended": "RuntimeError from torch.OutOfMemoryError"})
        self.assertEqual((why["end"]["kind"], why["end"]["known"]), ("card", "exact"))

    def test_it_was_caught_and_something_else_ended_it_at_once(self):
        why, told = self.end("""
            try:
                train(100000)
            except torch.OutOfMemoryError:
                pass
            raise ValueError("a label is missing")
        """)
        self.assertEqual(told, {"outlived": "ValueError"})
        self.mprof("plot", "-o", "a.svg", "a.dat", status=0)
        # In so short a run the cause may be no more than "cannot tell".
        self.assertRegex((self.folder / "a.svg").read_text(), r"GPU 0 had no memory left( \(data: the first batch\))?, which was caught")
        self.assertEqual((why["cause"], why["end"]["kind"], why["end"]["words"]), ("survived", "exit", "exited with 1"))
        self.assertIn("which was caught; what ended the process was ValueError", why["card"]["words"])

    def test_what_ended_it_is_not_told(self):
        why, told = self.end("""
            import os
            try:
                train(100000)
            except torch.OutOfMemoryError:
                os._exit(1)
        """)
        self.assertEqual((told, why["end"]["kind"], why["end"]["known"]), ({}, "card", "estimate"))

    def test_what_is_no_exception(self):
        _, told = self.end("""
            import sys
            try:
                train(100000)
            except torch.OutOfMemoryError:
                pass
            sys.audit("sys.excepthook", 1, 2, 3, 4)
            sys.audit("sys.excepthook", 1, None, None, None)
            sys.audit("sys.excepthook")
        """, status=0)
        self.assertEqual(told, {})


class Ranks(Card):
    def test_the_first_that_fails_names_the_cause(self):
        done = self.record("""
            import os, time
            child = os.fork()
            net = nn.Linear(4096, 4096).cuda()
            time.sleep(0.5 if child else 0)
            try:
                torch.randn(1 << 40, device="cuda")
            except torch.OutOfMemoryError:
                print(os.getpid(), flush=True)
                os._exit(1)
        """, model="import torch\nnn = torch.nn\n")
        first = done.stdout.split()[0]
        self.assertEqual(len(self.ooms()), 2)
        card = json.loads(self.mprof("why", "--json", "a.dat").stdout)["card"]["words"]
        self.assertIn(f"first in process {first}", card)
        self.assertRegex(card, rf"first in process {first}(?: \S+)? of 2 ")

    def test_a_bill_that_is_not_made_again_is_that_of_before(self):
        self.record("""
            for _ in range(2):
                try:
                    torch.randn(1 << 40, device="cuda")
                except torch.OutOfMemoryError:
                    net.cuda()
            torch.randn(1 << 40, device="cuda")
        """)
        found = self.ooms()
        self.assertEqual([len(oom["bill"]) > 5 for oom in found], [True, False, False])
        self.assertEqual(sorted(found[-1]["bill"]), ["allocated", "ended", "free", "reserved", "total"])
        self.assertAlmostEqual(self.amount(found[-1], "allocated"), WEIGHTS, delta=1)


class Pools(Card):
    """Libraries that have no observer: what ends the program is looked at."""

    def of(self, library, text, status=1):
        """As the program is bare, with its bill."""
        (self.folder / "site-packages").unlink()
        (self.folder / "site-packages").symlink_to(TORCH.with_name(f"fake_{library}"))
        self.script(text, "")
        bare = subprocess.run([self.python, "train.py"], cwd=self.folder, env=self.env, capture_output=True, text=True)
        done = self.record(text, status=status, model="")
        self.assertEqual((done.stdout, done.stderr, done.returncode), (bare.stdout, bare.stderr, bare.returncode))
        return done

    def test_jax(self):
        done = self.of("jax", """
            import sys
            import jax.numpy as jnp
            def work(kept):
                kept.append(jnp.zeros(1 << 30, "uint8"))
            kept = []
            while True:
                work(kept)
        """)
        self.assertIn("RESOURCE_EXHAUSTED", done.stderr)
        oom = self.only()
        self.assertEqual((oom["wanted"], oom["who"], oom["device"]), (1024, "jax 0.11.2", "0"))
        self.assertEqual(self.users(oom), ['kept.append(jnp.zeros(1 << 30, "uint8"))', "work(kept)"])
        self.assertEqual({k: v[0] for k, v in oom["bill"].items()}, dict(
            total=8192, free=1739, allowed=6144, allocated=6144, reserved=6144, activations=6144, unused=0, outside=300, rest=9, ended=None))
        self.assertEqual(json.loads(self.mprof("why", "--json", "a.dat").stdout)["cause"], "pool")

    def test_cupy(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                self.of("cupy", """
                    import cupy
                    held = cupy.zeros(1 << 30, "u1")
                    cupy.zeros(1 << 38, "u1")
                """)
                oom = self.only()
                self.assertEqual((oom["wanted"], oom["who"]), (262144, "cupy 14.2.0"))
                self.assertEqual(self.users(oom), ['cupy.zeros(1 << 38, "u1")'])
                self.assertEqual(self.amount(oom, "allocated"), 1024)
                self.assertEqual(sum(v[0] for k, v in oom["bill"].items() if k in PARTS), 8192)
        self.assertEqual(json.loads(self.mprof("why", "--json", "a.dat").stdout)["cause"], "cannot-tell")

    def test_tensorflow(self):
        done = self.of("tensorflow", """
            import tensorflow as tf
            held = tf.zeros([1024, 1024, 256])
            tf.zeros([16, 1024, 1024, 256])
        """)
        self.assertIn("OOM when allocating tensor with shape[16,1024,1024,256]", done.stderr)
        oom = self.only()
        self.assertEqual((oom["wanted"], oom["who"], oom["device"]), (16384, "tensorflow 2.19.0", "0"))
        self.assertEqual(self.users(oom)[-1], "tf.zeros([16, 1024, 1024, 256])")
        self.assertEqual(self.amount(oom, "allocated"), 1024)
        self.assertIn("in use, undivided", self.mprof("peak", "a.dat").stdout)
        self.assertEqual(json.loads(self.mprof("why", "--json", "a.dat").stdout)["end"]["known"], "exact")

    def test_one_that_is_raised_on_as_anothers(self):
        for end in ("raise ValueError('given up') from e", "raise ValueError('given up')", "open('/nowhere/log')"):
            with self.subTest(end):
                self.of("cupy", f"""
                    import cupy
                    def work():
                        cupy.zeros(1 << 38, "u1")
                    def attempt():
                        try:
                            work()
                        except cupy.cuda.memory.OutOfMemoryError as e:
                            {end}
                    attempt()
                """)
                oom = self.only()
                self.assertEqual((oom["wanted"], oom["who"]), (262144, "cupy 14.2.0"))
                self.assertEqual(self.users(oom), ['cupy.zeros(1 << 38, "u1")', "work()"])
                self.assertRegex(oom["bill"]["ended"][1], r"\A(ValueError|FileNotFoundError) from cupy\.cuda\.memory\.OutOfMemoryError\Z")

    def test_the_hosts_memory_is_no_cards(self):
        self.of("tensorflow", "import tensorflow as tf\ntf.zeros([64, 1024, 1024, 256], device='CPU:0')\n")
        self.assertEqual(self.ooms(), [])

    def test_in_a_thread(self):
        for version, path in pythons.supported().items():
            with self.subTest(python=version):
                self.python = path
                self.of("cupy", """
                    import threading
                    import cupy
                    thread = threading.Thread(target=lambda: cupy.zeros(1 << 38, "u1"), name="worker")
                    thread.start()
                    thread.join()
                """, status=0)
                oom = self.only()
                self.assertEqual((oom["wanted"], oom["who"]), (262144, "cupy 14.2.0"))
                self.assertEqual(self.users(oom), ['thread = threading.Thread(target=lambda: cupy.zeros(1 << 38, "u1"), name="worker")'])
                self.assertNotIn("ended", oom["bill"])
        self.assertEqual(json.loads(self.mprof("why", "--json", "a.dat").stdout)["cause"], "survived")

    def test_a_hook_for_threads_of_the_programs_own(self):
        done = self.of("cupy", """
            import sys, threading
            import cupy
            threading.excepthook = lambda ended: print(ended.exc_type.__name__, ended.thread.name)
            def work(what):
                what()
            for what in (lambda: cupy.zeros(1 << 38, "u1"), sys.exit, lambda: 1 / 0):
                thread = threading.Thread(target=work, args=(what,), name="worker")
                thread.start()
                thread.join()
        """, status=0)
        self.assertEqual(done.stdout, "OutOfMemoryError worker\nSystemExit worker\nZeroDivisionError worker\n")

    def test_what_threads_raise_else_is_printed_as_ever(self):
        self.of("cupy", """
            import sys, threading
            import cupy
            for what in (sys.exit, lambda: 1 / 0):
                thread = threading.Thread(target=what, name="worker")
                thread.start()
                thread.join()
            for arguments in ((), (1,), (1, 2), ((1, 2, 3, 4),)):
                try:
                    threading.excepthook(*arguments)
                except TypeError as e:
                    print("TypeError")
        """, status=0)
        self.assertEqual(self.ooms(), [])

    def test_a_hook_of_the_programs_own(self):
        done = self.of("cupy", """
            import cupy, sys, gc
            sys.excepthook = lambda kind, value, traceback: print(kind.__name__, gc.isenabled(), traceback.tb_lineno)
            cupy.zeros(1 << 38, "u1")
        """)
        self.assertEqual(done.stdout, "OutOfMemoryError True 4\n")
        self.only()

    def test_other_ends_are_none(self):
        for error in ("ValueError(3)", "cupy.cuda.memory.OutOfMemoryError", "type('OutOfMemoryError', (Exception,), {'__module__': 3})()"):
            with self.subTest(error):
                self.of("cupy", f"import cupy\ncupy.cuda.memory.OutOfMemoryError.__init__ = lambda *_: None\nraise {error}\n")
                found = self.ooms()
                self.assertEqual([(oom["wanted"], oom["who"]) for oom in found], [(None, "cupy 14.2.0")] if "cuda" in error else [])


class Refusals(Card):
    FAILS = """
        import builtins, os
        print(os.environ.get("LD_PRELOAD"), hasattr(builtins, "profile"), open("/proc/self/maps").read().count("libmprof-python") > 0)
        torch.randn(1 << 40, device="cuda")
    """

    def seen(self, *options, wait=0, **kw):
        done = self.record(self.FAILS, "-q", *options, model=f"import time, torch\ntorch.cuda._lazy_init()\ntime.sleep({wait})\n", **kw)
        self.assertTrue(done.stdout.startswith("None False "), done.stdout)
        inside = done.stdout.endswith("True\n")
        self.assertEqual(inside, bool(self.ooms()))
        return inside

    def test_by_the_option(self):
        self.assertTrue(self.seen())
        self.assertTrue(self.seen("--gpu=tree"))
        for wait in range(10):  # a quick program may end before its card is looked at
            self.assertFalse(self.seen("--gpu=outside", wait=wait / 4))
            if "GPU 0" in (self.folder / "a.dat").read_text():
                break
        self.assertIn("GPU 0", (self.folder / "a.dat").read_text())
        self.assertFalse(self.seen("--gpu=off"))

    def test_without_a_card(self):
        (self.root / "dev" / "nvidiactl").unlink()
        self.assertFalse(self.seen())
        (self.root / "dev" / "kfd").touch()
        self.assertTrue(self.seen())

    def test_a_script_that_starts_python(self):
        self.script(self.FAILS, "import torch\n")
        self.mprof("run", "-q", "-o", "a.dat", "sh", "-c", f"{self.python} train.py; exit 3", status=3)
        self.only()

    def test_a_torch_that_would_stand_still(self):
        self.env["FAKE_TORCH_VERSION"] = "2.0.1"
        done = self.record(self.FAILS, "--where=off", model="import torch\n")
        self.assertEqual(self.amount(self.only(), "total"), 8192)  # what ended it said so
        self.assertIn("it takes torch 2.1 or later", done.stderr)
        self.record("try:\n    torch.randn(1 << 40, device='cuda')\nexcept torch.OutOfMemoryError:\n    pass\n", model="import torch\n", status=0)
        self.assertEqual(self.ooms(), [])
        self.assertIn("META card_lacks=old-torch\n", (self.folder / "a.dat").read_text())

    def test_a_torch_that_cannot_be_watched(self):
        self.env["FAKE_TORCH_BLIND"] = "1"
        done = self.record(self.FAILS, "--where=off", model="import torch\n")
        self.assertEqual(self.amount(self.only(), "total"), 8192)  # what ended it said so
        self.assertIn("has nothing to watch it with", done.stderr)
        self.record("try:\n    torch.randn(1 << 40, device='cuda')\nexcept torch.OutOfMemoryError:\n    pass\n", model="import torch\n", status=0)
        self.assertEqual(self.ooms(), [])
        self.assertIn("META card_lacks=bare-torch\n", (self.folder / "a.dat").read_text())

    def test_beside_what_is_asked_for(self):
        done = self.record("""
            @profile
            def work():
                torch.randn(1 << 40, device="cuda")
            work()
        """, "-q", "--python")
        self.assertIn("torch.OutOfMemoryError", done.stderr)
        self.only()
        self.assertTrue([r for r in self.recording() if r[0] in ("FUNC", "ENTER")])


if __name__ == "__main__":
    lab.main()
