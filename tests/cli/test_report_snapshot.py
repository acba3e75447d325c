"""report of a memory snapshot of torch: every layout that torch has written, and what is none."""
import collections
import gzip
import io
import json
import os
import pickle
import random
import resource
import struct
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

MIB = 1 << 20
TORCH = "/venv/lib/python3.12/site-packages/torch"
START = 1_700_000_000_000_000


def frame(path, line, name):
    return {"name": name, "filename": path, "line": line}


LOAD = [frame("/home/me/train.py", 12, "load"), frame("/home/me/train.py", 40, "main")]
WEIGHTS = [frame(TORCH + "/nn/modules/module.py", 1340, "convert"), frame(TORCH + "/nn/modules/module.py", 900, "_apply"),
           frame("/home/me/train.py", 30, "main")]
STEP = [frame("??", 0, "c10::cuda::alloc()"), frame(TORCH + "/optim/adam.py", 150, "_init_group"),
        frame(TORCH + "/optim/optimizer.py", 500, "wrapper"), frame("/home/me/train.py", 44, "main")]
BACKWARD = [frame(TORCH + "/autograd/graph.py", 820, "_engine_run_backward"), frame(TORCH + "/_tensor.py", 640, "backward"),
            frame("/home/me/train.py", 43, "main")]


def block(size, state="active_allocated", frames=(), requested=None, address=0):
    return {"address": address, "size": size, "requested_size": size if requested is None else requested, "state": state,
            "frames": list(frames)}


def segment(*blocks, device=0, pool=(0, 0)):
    return {"device": device, "address": 1 << 40, "total_size": sum(b["size"] for b in blocks), "allocated_size": 0,
            "active_size": 0, "requested_size": 0, "stream": 0, "segment_type": "large", "segment_pool_id": pool,
            "is_expandable": False, "frames": [], "blocks": list(blocks)}


class Trace(list):
    """The history of a device; plain() of what holds some is fit to be pickled."""
    def add(self, action, size, addr=0, frames=(), **more):
        self.append({"action": action, "addr": addr, "size": size, "stream": 0, "time_us": START + 1000 * len(self), "compile_context": "N/A",
                     "user_metadata": "", "frames": list(frames), **more})
        if action == "oom":
            del self[-1]["addr"]
        return self


def plain(value):
    if isinstance(value, dict) and "device_traces" in value:
        value["device_traces"] = [list(trace) for trace in value["device_traces"]]
    return value


def whole():
    """200 MiB held before, then 100 and 300 at the peak, of which 100 are left; an out of memory behind it."""
    trace = Trace().add("segment_alloc", 400 * MIB).add("alloc", 100 * MIB, 1 << 33, WEIGHTS).add("alloc", 300 * MIB, 2 << 33, BACKWARD)
    trace.add("free_requested", 300 * MIB, 2 << 33).add("free_completed", 300 * MIB, 2 << 33).add("segment_free", 300 * MIB)
    trace.add("free_requested", 50 * MIB, 7 << 33).add("oom", 4096 * MIB, frames=STEP, device_free=17 * MIB).add("snapshot", 0)
    segments = [segment(block(100 * MIB, frames=WEIGHTS, requested=100 * MIB), block(60 * MIB, "inactive"), block(4 * MIB, "inactive")),
                segment(block(150 * MIB, frames=LOAD)), segment(block(8 * MIB, "active_pending_free"), pool=(1, 0))]
    return {"segments": segments, "device_traces": [list(trace), []], "allocator_settings": {"expandable_segments": False, "x": {"1": 0}},
            "external_annotations": [{"device": 0, "name": "step", "stage": "START", "time_us": START}]}


def of_jit(value):
    """The bytes that torch's own pickler in C++ makes: protocol 2, whole lists at once, BINPUT behind a container."""
    out, memo, kept = io.BytesIO(), {}, []

    def put(thing, key):
        kept.append(thing)
        memo[key] = len(memo)
        out.write(b"r" + struct.pack("<I", memo[key]))

    def push(v):
        key = ("text", v) if isinstance(v, str) else id(v)
        if key in memo and not isinstance(v, (int, tuple)):
            out.write(b"j" + struct.pack("<I", memo[key]))
        elif isinstance(v, bool):
            out.write(b"\x88" if v else b"\x89")
        elif isinstance(v, int):
            out.write(b"K" + bytes([v]) if 0 <= v < 256 else b"\x8a\x08" + struct.pack("<q", v))
        elif isinstance(v, str):
            out.write(b"X" + struct.pack("<I", len(v.encode())) + v.encode())
            put(v, key)
        elif isinstance(v, tuple):
            out.write(b"(")
            for one in v:
                push(one)
            out.write(b"t")
        else:
            items = [x for pair in v.items() for x in pair] if isinstance(v, dict) else v
            out.write(b"}(" if isinstance(v, dict) else b"](")
            for one in items:
                push(one)
            out.write(b"u" if isinstance(v, dict) else b"e")
            put(v, key)
    push(value)
    return b"\x80\x02" + out.getvalue() + b"."


class ReportSnapshot(lab.Lab):
    def keep(self, value, name="a.pickle", protocol=4):
        (self.folder / name).write_bytes(value if isinstance(value, bytes) else pickle.dumps(plain(value), protocol))
        return name

    def told(self, value, *words, **how):
        return json.loads(self.mprof("report", "--json", *words, self.keep(value, **how), status=0).stdout)

    def device(self, value, *words, **how):
        return self.told(value, *words, **how)["devices"][0]

    def refused(self, content, says, status=1):
        (self.folder / "bad.pickle").write_bytes(content)
        self.refuses("report", "bad.pickle", status=status, says=says)

    # ---- what is told ----

    def test_every_protocol_and_pickler(self):
        first = self.told(whole())
        for protocol in (2, 3, 4, 5):
            with self.subTest(protocol=protocol):
                self.assertEqual(self.told(whole(), protocol=protocol), first)
                slow = io.BytesIO()
                pickle._Pickler(slow, protocol).dump(whole())
                self.assertEqual(self.told(slow.getvalue()), first)
        self.assertEqual(self.told(of_jit(whole())), first)

    def test_what_is_held(self):
        now = self.device(whole())
        self.assertEqual([now[k + "_mib"] for k in ("reserved", "allocated", "awaiting_free", "unused", "largest_unused", "private_pools")],
                         [322, 250, 8, 64, 60, 8])
        self.assertEqual((now["segments"], now["blocks"], now["unused_blocks"]), (3, 2, 2))

    def test_the_peak_by_line(self):
        told = self.device(whole())
        self.assertEqual(told["history"]["at_start_mib"], 200)
        self.assertEqual((told["history"]["peak_mib"], told["history"]["peak_at_s"]), (600, 0.002))
        self.assertEqual(told["history"]["peak_reserved_mib"], 622)
        self.assertEqual([(p["name"], p["at_peak_mib"], p["now_mib"]) for p in told["places"]],
                         [("train.py:43 main", 300, 0), ("train.py:12 load", 150, 150), ("train.py:30 main", 100, 100)])
        self.assertEqual(told["under_way_at_peak"], {"other_mib": 150, "forward_mib": 0, "backward_mib": 300, "optimizer_mib": 0, "module_mib": 100,
                                                     "no_python_mib": 0, "before_history_mib": 50})

    def test_out_of_memory(self):
        oom = self.device(whole())["history"]["oom"]
        self.assertEqual((oom["times"], oom["wanted_mib"], oom["free_mib"], oom["requested_mib"], oom["reserved_mib"]), (1, 4096, 17, 250, 322))
        self.assertEqual(oom["frame"], {"file": "/home/me/train.py", "line": 44, "function": "main", "own": True})
        text = self.mprof("report", self.keep(whole()), status=0).stdout
        self.assertIn("out of memory: 4.00 GiB wanted, 17.0 MiB free on the device, 250.0 MiB asked for and 322.0 MiB reserved then, "
                      "7.0 ms into the history, in train.py:44 main\n", text)
        self.assertRegex(text, r"\n +600\.0 +100\.0% +250\.0  in all\n")
        self.assertRegex(text, r"\n +50\.0 +8\.3% +0\.0  \(no stack: older than the history\)\n")

    def test_out_of_memory_in_pieces(self):
        value = {"segments": [segment(block(10 * MIB), block(20 * MIB, "inactive"), block(10 * MIB), block(20 * MIB, "inactive"))],
                 "device_traces": [Trace().add("oom", 30 * MIB, frames=LOAD, device_free=MIB)], "allocator_settings": {"expandable_segments": False}}
        self.assertTrue(self.device(value)["history"]["oom"]["in_pieces"])
        self.assertIn("expandable_segments:True keeps it whole", self.mprof("report", "a.pickle", status=0).stdout)
        value["allocator_settings"]["expandable_segments"] = True
        self.assertNotIn("expandable", self.mprof("report", self.keep(value), status=0).stdout)
        self.assertFalse(self.device(whole())["history"]["oom"]["in_pieces"])

    def test_one_event_is_no_history(self):
        """Where only the state is recorded, torch keeps the last event."""
        value = {"segments": [segment(block(MIB, frames=LOAD))], "device_traces": [Trace().add("alloc", MIB, 1, LOAD)]}
        self.assertIsNone(self.device(value)["history"])
        self.assertIn("It has no history", self.mprof("report", "a.pickle", status=0).stdout)

    def test_what_does_not_agree(self):
        value = {"segments": [segment(block(MIB))], "device_traces": [Trace().add("alloc", 9 * MIB, 1, LOAD).add("alloc", 9 * MIB, 2, LOAD)]}
        self.assertIn("do not agree", "".join(self.told(value)["notes"]))
        self.assertNotIn("do not agree", "".join(self.told(whole())["notes"]))

    def test_sums_that_cannot_be(self):
        for size in -5, 2**70, float("nan"), None:
            for where in "total_size", "size":
                value = {"segments": [segment(block(MIB), block(MIB))], "device_traces": []}
                of = value["segments"][0] if where == "total_size" else value["segments"][0]["blocks"][0]
                of[where] = size
                with self.subTest(size=size, where=where):
                    self.assertIn("figures do not agree", "".join(self.told(value)["notes"]))
                    self.assertIn("figures do not agree", self.mprof("report", "a.pickle", status=0).stdout)
        self.assertNotIn("figures", "".join(self.told(whole())["notes"]))

    def test_by_function_and_file(self):
        self.assertEqual([(p["name"], p["at_peak_mib"]) for p in self.device(whole(), "--by", "function")["places"]],
                         [("train.py main", 400), ("train.py load", 150)])
        self.assertEqual([(p["name"], p["at_peak_mib"]) for p in self.device(whole(), "--by", "file")["places"]], [("train.py", 550)])
        self.assertEqual(len(self.device(whole(), "--top", "1")["places"]), 1)

    def test_own(self):
        names = [p["name"] for p in self.device(whole(), "--own", "*/torch/optim", "--own", "*/torch/nn/*")["places"]]
        self.assertIn("torch/nn/modules/module.py:1340 convert", names)

    def test_several_devices(self):
        value = {"segments": [segment(block(MIB), device=3), segment(block(2 * MIB), device=1)],
                 "device_traces": [Trace(), Trace().add("alloc", 2 * MIB, 5, LOAD).add("snapshot", 0)]}
        self.assertEqual([(d["device"], d["reserved_mib"], d["history"] and d["history"]["events"]) for d in self.told(value)["devices"]],
                         [(1, 2, 2), (3, 1, None)])

    def test_without_history(self):
        told = self.told({"segments": [segment(block(MIB))], "device_traces": [[]]})
        self.assertIsNone(told["devices"][0]["history"])
        self.assertEqual(told["devices"][0]["places"], [])
        self.assertIn("_record_memory_history", "".join(told["notes"]))
        text = self.mprof("report", self.keep({"segments": [segment(block(MIB, frames=LOAD))], "device_traces": []}), status=0).stdout
        self.assertIn("\nHeld now, by your own code\n", text)
        self.assertIn("train.py:12 load", text)
        self.assertNotIn("at the peak, and now", text)

    def test_old_layouts(self):
        old = [{"device": 0, "address": 5, "total_size": 20 * MIB, "allocated_size": 1, "active_size": 1, "segment_type": "large",
                "blocks": [{"size": 6 * MIB, "state": "active_allocated"}, {"size": 14 * MIB, "state": "inactive"}]}]
        told = self.device(old)
        self.assertEqual((told["reserved_mib"], told["allocated_mib"], told["largest_unused_mib"]), (20, 6, 14))
        old[0]["blocks"][0]["history"] = [{"addr": 5, "real_size": 6 * MIB - 512, "frames": LOAD}, {"addr": 5, "real_size": 9, "frames": STEP}]
        for value in (old, {"segments": old, "device_traces": [Trace().add("alloc", 6 * MIB, 5, LOAD)]}):
            told = self.device(value)
            self.assertEqual([p["name"] for p in told["places"]], ["train.py:12 load"])
            self.assertEqual(told["requested_mib"], round(6 - 512 / MIB, 6))

    def test_as_reckoned_otherwise(self):
        """A thousand random events, and the same peak by the book."""
        for seed in range(4):
            dice = random.Random(seed)
            stacks = [[frame(TORCH + "/nn/functional.py", n, "f"), frame(f"/home/me/m{n % 3}.py", n, "g")] for n in range(9)] + [[]]
            live, trace, total, most, at_peak = {}, Trace(), 0, -1, {}
            for n in range(3000):
                if live and dice.random() < .48:
                    addr = dice.choice(list(live))
                    size, _ = live.pop(addr)
                    trace.add("free_requested", size, addr).add("free_completed", size, addr)
                    total -= size
                else:
                    size, stack = 512 * dice.randrange(1, 4096), dice.randrange(10)
                    live[n] = size, stack
                    trace.add("alloc", size, n, stacks[stack])
                    total += size
                if total > most:
                    most, at_peak = total, collections.Counter()
                    for size, stack in live.values():
                        at_peak[stack] += size
            blocks = [block(size, frames=stacks[stack]) for size, stack in live.values()]
            told = self.device({"segments": [segment(*blocks)], "device_traces": [trace]}, "--top", "20")
            self.assertEqual(round(told["history"]["peak_mib"] * MIB / 512) * 512, most)
            self.assertEqual({p["frame"]["line"]: round(p["at_peak_mib"] * MIB / 512) * 512 for p in told["places"] if p["at_peak_mib"]},
                             {n: size for n, size in at_peak.items() if n < 9})
            self.assertEqual(round(told["under_way_at_peak"]["no_python_mib"] * MIB / 512) * 512, at_peak[9])

    # ---- where it comes from, and where it goes ----

    def test_its_name_does_not_matter(self):
        self.assertIn("Memory snapshot of torch: ", self.mprof("report", self.keep(whole(), name="x.dat"), status=0).stdout)
        (self.folder / "y.bin").write_bytes(gzip.compress(pickle.dumps(whole())))
        self.assertIn("Memory snapshot of torch: ", self.mprof("report", "y.bin", status=0).stdout)
        self.assertIn("Memory snapshot of torch: ", self.mprof("report", "-", status=0, text=False, input=pickle.dumps(whole())).stdout.decode())

    def test_into_a_file(self):
        for words in ((), (), ("--json",), ("--json",)): # each is such a report, which the next may replace
            self.mprof("report", "-o", "out.txt", *words, self.keep(whole()), status=0)
        self.assertEqual(json.loads((self.folder / "out.txt").read_text())["kind"], "torch-memory-snapshot")
        self.refuses("report", "-o", "a.pickle", "a.pickle", says="is itself to be read")
        self.assertIn("reserved", self.mprof("report", "a.pickle", status=0).stdout)

    def test_options_that_mean_nothing_here(self):
        self.keep(whole())
        self.refuses("report", "--heap", "a.pickle", says="--heap is of a recording")
        self.refuses("report", "--folded", "a.pickle", says="--folded is of a recording")
        self.refuses("report", "--by", "module", "a.pickle", says="by line, function or file")

    def test_names_are_shown_safely(self):
        value = {"segments": [segment(block(MIB, frames=[frame("/home/me/a\x1b[2J.py", 1, "f\n")]))], "device_traces": []}
        text = self.mprof("report", self.keep(value), status=0).stdout
        self.assertIn("a\\x1b[2J.py:1 f\\n", text)

    # ---- what is none ----

    def test_cut_off_anywhere(self):
        content = pickle.dumps(whole())
        for n in range(2, len(content), 211):
            self.refused(content[:n], "cut off")

    def test_what_is_no_snapshot(self):
        for value in ([1, 2, 3], {"a": 1}, "text", 5, [{"a": 1}], [], {}, None):
            self.refused(pickle.dumps(value, 4), "no memory snapshot of torch")
        self.refused(pickle.dumps(collections.OrderedDict(a=1), 4), "STACK_GLOBAL")
        self.refused(pickle.dumps(collections.OrderedDict(a=1), 2), "GLOBAL at byte 2")
        self.refused(b"\x80\x04\xfe.", "damaged, or no pickle, at byte 2")
        self.refused(b"\x80\x04s.", "damaged")
        for value in {"segments": []}, whole()["segments"]:
            for protocol in 0, 1:
                self.refused(pickle.dumps(value, protocol), "protocol 0 or 1")
        self.refused(b"PK\x03\x04archive/data.pkl", "no recording")

    def test_nothing_is_executed(self):
        class Evil:
            def __reduce__(self):
                return os.system, (f"touch {os.getcwd()}/ran",)
        self.refused(pickle.dumps({"segments": [Evil()]}, 4), "nothing of it was executed")
        self.assertFalse(os.path.exists("ran"))

    def test_what_would_need_much(self):
        """In little memory, at once."""
        bombs = {
            "nested": b"\x80\x04" + b"](" * 100000,
            "lists": b"\x80\x04" + b"]" * 3000000,
            "memo": b"\x80\x04X\x01\0\0\0a" + b"".join(b"r" + struct.pack("<I", n * 4096) for n in range(300000)) + b".",
            "far": b"\x80\x04Nr\xff\xff\xff\xff.",
            "text": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62) + b"abc",
            "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 63) + b"abc",
            "long": b"\x80\x04\x8b\xff\xff\xff\xff",
            "frame": b"\x80\x04\x95" + b"\xff" * 8 + b"N.",
            "gets": b"\x80\x04](X\x01\0\0\0aq\0" + b"h\0" * 3000000,
            "device": pickle.dumps({"segments": [segment(block(1), device=1 << 40)]}),
        }
        limit = None if lab.SANITIZED else lambda: resource.setrlimit(resource.RLIMIT_AS, (700 * MIB, 700 * MIB))
        for name, content in bombs.items():
            with self.subTest(name):
                (self.folder / "bomb.pickle").write_bytes(content)
                done = subprocess.run([lab.MPROF, "report", "bomb.pickle"], cwd=self.folder, capture_output=True, text=True, timeout=60,
                                      preexec_fn=limit)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1))

    def test_many_blocks_take_little_memory(self):
        events = Trace()
        for n in range(60000):
            events.append({"action": "alloc" if n % 2 else "free_requested", "addr": n // 2 % 1000, "size": 512, "stream": 0, "time_us": n, "frames": []})
        name = self.keep({"segments": [segment(*[block(512)] * 3)] * 1, "device_traces": [events]})
        code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        done = subprocess.run([sys.executable, "-c", code, lab.MPROF, "report", name], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        if not lab.SANITIZED:
            self.assertLess(int(done.stdout), 32 << 10)


if __name__ == "__main__":
    lab.main()
