"""Whose memory of a GPU changed, and at which line: VRAM records, against a library that answers as NVIDIA's would."""
import json
import re
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import lab
import made
from test_gpu import Driver
from test_growth import MAY_READ, ONE


class Vram(Driver):
    def changes(self, name="a.dat"):
        """(pid, MiB, the functions of its stack from the innermost) of each VRAM record."""
        frames, found = {"0": []}, []
        for f in self.recording(name):
            if f[0] == "FRAME":
                frames[f[1]] = [" ".join(f[5:])] + frames.get(f[2], [])
            if f[0] == "VRAM":
                found.append((f[4], float(f[2]), frames[f[5]]))
        return found

    TAKES = """
import os, time
def answer(*lines):
    path = os.environ["MPROF_MOCK_NVML"]
    with open(path + ".new", "w") as file:
        file.write("".join(line + "\\n" for line in lines))
    os.rename(path + ".new", path)
def hold(mib, seconds):
    answer(f"device 0 81559 {mib + 500} H100", f"process 0 c {os.getpid()} {mib}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
def load():
    hold(1000, 1)
def step():
    hold(3000, 1)
"""

    INSTANCE = """
def hold(mib, seconds):
    answer("device 0 81559 900 H100", "instance 16 20000 100 H100 MIG 2g.20gb", f"instance 17 10000 {mib + 50} H100 MIG 1g.10gb",
           f"process 17 c {os.getpid()} {mib}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
"""
    AMD = """
folder = f"{os.environ['MPROF_SYSROOT']}/proc/{os.getpid()}"
os.makedirs(folder + "/fd")
os.makedirs(folder + "/fdinfo")
os.symlink("/dev/dri/renderD128", folder + "/fd/7")
def hold(mib, seconds):
    with open(folder + "/new", "w") as file:
        file.write(f"pos:\\t0\\ndrm-driver:\\tamdgpu\\ndrm-pdev:\\t0000:03:00.0\\ndrm-client-id:\\t5\\ndrm-memory-vram:\\t{mib << 10} KiB\\n")
    os.rename(folder + "/new", folder + "/fdinfo/7")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
"""

    def takes(self, rest, *options):
        (self.folder / "takes.py").write_text(self.TAKES + rest)
        return self.mprof("run", "-q", "-o", "a.dat", *options, ONE, "takes.py", status=0)

    def told_of(self, device):
        for _ in range(3):  # the line is the one that stands there when the driver is asked, on a machine at rest
            self.takes(self.kind + "load(); step(); hold(500, .5)\n")
            told = [f[1] for f in self.recording() if f[0] == "VRAM"]
            stacks = [stack[:2] for _, _, stack in self.changes()[:3]]
            if stacks == [["hold", "load"], ["hold", "step"], ["hold", "<module>"]]:
                break
        self.assertEqual((set(told), stacks), ({device}, [["hold", "load"], ["hold", "step"], ["hold", "<module>"]]))
        self.assertEqual([mib for _, mib, _ in self.changes()][:3], [1000, 2000, -2500])
        self.assertIn(f"Where the memory of GPU {device} grew: 3000.0 MiB in all", self.mprof("report", "a.dat", status=0).stdout)

    @unittest.skipUnless(ONE and MAY_READ, "no Python here can be looked into from outside")
    def test_the_line_that_took_it_of_an_instance(self):
        self.kind = self.INSTANCE
        self.answer("device 0 81559 900 H100", "instance 16 20000 100 H100 MIG 2g.20gb", "instance 17 10000 50 H100 MIG 1g.10gb")
        self.told_of("1")

    @unittest.skipUnless(ONE and MAY_READ, "no Python here can be looked into from outside")
    def test_the_line_that_took_it_of_amd(self):
        for name in "dev/nvidiactl", "libnvidia-ml.so.1":
            (self.root / name).unlink(missing_ok=True)
        (self.root / "dev" / "dri").mkdir()
        device = self.root / "sys" / "devices" / "0000:03:00.0"
        device.mkdir(parents=True)
        for name, text in dict(vendor="0x1002", product_name="Radeon RX 7900", mem_info_vram_total=24 << 30, mem_info_vram_used=100 << 20).items():
            (device / name).write_text(f"{text}\n")
        card = self.root / "sys" / "class" / "drm" / "card0"
        card.mkdir(parents=True)
        (card / "device").symlink_to("../../../devices/0000:03:00.0")
        self.kind = self.AMD
        self.told_of("0")

    @unittest.skipUnless(ONE and MAY_READ, "no Python here can be looked into from outside")
    def test_the_line_that_took_it(self):
        self.takes("load(); step(); hold(500, .5)\n")
        changes = self.changes()
        self.assertEqual([mib for _, mib, _ in changes][:3], [1000, 2000, -2500])
        self.assertEqual({pid for pid, _, _ in changes}, {self.settings()["pid"]})
        self.assertEqual([stack[:2] for _, _, stack in changes[:3]], [["hold", "load"], ["hold", "step"], ["hold", "<module>"]])
        text = self.mprof("report", "a.dat", status=0).stdout
        self.assertIn("Where the memory of GPU 0 grew: 3000.0 MiB in all", text)
        self.assertRegex(text, r"\n +\+500\.0 +3000\.0 +3  takes\.py:\d+ hold")
        told = json.loads(self.mprof("report", "--json", "a.dat", status=0).stdout)["vram"]
        self.assertEqual([(gpu["device"], gpu["how"], gpu["grew_mib"]) for gpu in told], [("0", "sampled", 3000)])

    @unittest.skipUnless(ONE, "no CPython here")
    def test_nobody_is_looked_into_where_that_is_not_wanted(self):
        self.takes("load()\n", "--where=off")
        self.assertEqual([(mib, stack) for _, mib, stack in self.changes()][:1], [(1000, [])])

    def test_each_process_of_a_tree(self):
        script = "sh -c '" + self.say(self.H100 % 1500, "process 0 c $$ 700", "process 0 c $PPID 50") + "sleep 0.6'; true"
        self.record(script)
        self.assertEqual(sorted(mib for _, mib, _ in self.changes())[-2:], [50, 700])

    def test_nobody_is_named_where_nobody_is_told_apart(self):
        self.record(self.open_device() + "sleep 0.3; " + self.say(self.H100 % 2500) + "sleep 1.2")
        self.assertEqual(self.figures()[-1][2], "device")
        self.assertEqual(self.changes(), [])

    def open_device(self, device="/dev/nvidia0"):
        return f'mkdir -p "$ROOT/proc/$$/fd" && ln -s {device} "$ROOT/proc/$$/fd/9"; '

    def test_what_a_file_tells_is_read(self):
        """Made by hand: two devices, a frame that is not known, and one that nobody told."""
        self.write("b.dat", "CMDLINE a\nMEM 10.0 1.0\nPATH 1 /a/train.py\nFRAME 1 0 1 5 main\nFRAME 2 1 1 41 step\n"
                   "GROW 5.0 1.5 15.0 7 7 2 fault\nVRAM 0 1000.0 2.0 7 2\nVRAM 0 500.0 3.0 7 0\nVRAM 1 10.0 3.0 7 99\nVRAM 0 -200.0 4.0 7 1\nMEM 10.0 5.0\n")
        text = self.mprof("report", "b.dat", status=0).stdout
        self.assertIn("GPU 0 grew: 1500.0 MiB in all, 1300.0 held when last seen", text)
        self.assertIn("GPU 1 grew: 10.0 MiB in all, 10.0 held when last seen", text)
        self.assertRegex(text, r"\n   \+1000\.0     1000\.0      1  train\.py:41 step\n")


    def test_a_program_that_grew_nowhere_else(self):
        self.write("b.dat", made.card())
        self.assertIn("GPU 0 grew: 60500.0 MiB in all", self.mprof("report", "b.dat", status=0).stdout)
        json.loads(self.mprof("report", "--json", "b.dat", status=0).stdout)
        self.refuses("report", "--folded", "b.dat", status=1, says="no growth of Python lines")


class Honest(Driver):
    """What is told where the driver tells less than all: each row a machine, and what the recording must say of it."""
    MEMINFO = "MemTotal:       131072000 kB\\nMemFree: 5 kB\\nMemAvailable:   100352000 kB"
    NO_MEMORY = ("answer nvmlDeviceGetMemoryInfo_v2 3", "answer nvmlDeviceGetMemoryInfo 3")
    FOREIGN = "process 0 c 99999998 %s"  # no such process here

    def opens(self, device, n=9):
        return f'mkdir -p "$ROOT/proc/$$/fd" && ln -s {device} "$ROOT/proc/$$/fd/{n}"; '

    def machines(self):
        """name: (what the program does, options, (last MiB, scope) or None, META, changes)"""
        say, h = self.say, self.H100
        uvm, dxg = self.opens("/dev/nvidia-uvm"), self.opens("/dev/dxg")
        late = "sleep 0.4; "
        memory = f'mkdir -p "$ROOT/proc"; printf "{self.MEMINFO}\\n" > "$ROOT/proc/meminfo"; '
        return {
            "numbers of the host, one new process": (uvm + late + say(h % 2500, self.FOREIGN % 2000), (2000, "tree"), {"gpu0_whose": "elimination"}, [2000]),
            "one more, which came later": (uvm + late + say(h % 2500, self.FOREIGN % 2000) + late
                                           + say(h % 4500, self.FOREIGN % 2000, "process 0 c 99999997 2000"), (4500, "device"), {"gpu0_whose": "elimination"}, [2000]),
            "two at once": (uvm + late + say(h % 4500, self.FOREIGN % 2000, "process 0 c 99999997 2000"), (4500, "device"), {}, []),
            "nobody who computes": (self.opens("/dev/nvidia0") + late + say(h % 2500, self.FOREIGN % 2000), (2500, "device"), {}, []),
            "only the tree's, and it is found": (uvm + late + say(h % 2500, self.FOREIGN % 2000), (2000, "tree"), {"gpu0_whose": "elimination"}, [2000], "--gpu=tree"),
            "only the tree's, and it is not": (uvm + late + say(h % 4500, self.FOREIGN % 2000, "process 0 c 99999997 2000"), None, {}, [], "--gpu=tree"),
            "WSL: nobody's figure": (dxg + late + say(h % 2500, "process 0 c $$ -1"), (2500, "device"), {}, []),
            "WSL: nobody is listed": (dxg + late + say(h % 2500), (2500, "device"), {}, []),
            "unified, with figures of processes": (memory + say(h % 0, *self.NO_MEMORY, "process 0 c $$ 700"), (700, "tree"),
                                                   {"gpu0_memory": "unified", "gpu0_total": "128000.000000"}, [700]),
            "unified, without": (memory + uvm + late + say(h % 0, *self.NO_MEMORY, "process 0 c $$ -1"), (30000, "device"),
                                 {"gpu0_memory": "unified", "gpu0_total": "128000.000000"}, []),
        }

    def test_each(self):
        for name, (script, last, settings, changes, *options) in self.machines().items():
            with self.subTest(name):
                shutil.rmtree(self.root / "proc", ignore_errors=True)
                self.answer(self.H100 % 500)
                if name.startswith("unified"):
                    (self.root / "proc").mkdir()
                    (self.root / "proc" / "meminfo").write_text(self.MEMINFO.replace("\\n", "\n") + "\n")
                    self.answer(self.H100 % 500, *self.NO_MEMORY)
                done = self.record(script + "sleep 0.9", *options)
                self.assertEqual(done.stderr, "")
                figures = self.figures()
                self.assertEqual(figures[-1][::2] if figures else None, last)
                told = self.settings()
                self.assertEqual({key: told[key] for key in told if key in ("gpu0_whose", "gpu0_memory") or key in settings}, settings)
                if settings:
                    said = {"elimination": "by elimination", "unified": "of the machine's own memory"}
                    text = self.mprof("peak", "a.dat", status=0).stdout
                    for word in settings.values():
                        self.assertEqual(said.get(word, "GPU") in text, word != "unified" or last[1] == "device")
                self.assertEqual([float(f[2]) for f in self.recording() if f[0] == "VRAM"][:len(changes) or None], changes)

    def test_a_driver_that_answers_no_more(self):
        held = self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.5; "
        stuck = self.say(self.H100 % 1500, "process 0 c $$ 1000", "hang nvmlDeviceGetMemoryInfo_v2") + "sleep 4.5; exit 3"
        done = self.record(held + stuck, status=3)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: GPU memory is not recorded to the end: the driver had not answered for [^\n]+\n\Z")
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "3"])


class Failure(lab.Lab):
    """A picture of a card that had no memory left."""

    def drawn(self, text, *options):
        self.write("c.dat", text)
        self.mprof("plot", "c.dat", "-o", "c.svg", *options, status=0)
        return (self.folder / "c.svg").read_text()

    def test_what_held_it_and_when(self):
        svg = self.drawn(made.card())
        for words in ("GPU 0 had no memory left (data: one batch)", "context", "weights", "forward", "backward", "optimizer", "OOM",
                      "wanted beside that", "30.00 GiB, 18.12 GiB free", "activations, batches", "18.46 GiB"):
            self.assertIn(f">{words}<" if "GPU" not in words else words, svg)

    def test_more_than_fits_is_cut_and_says_so(self):
        svg = self.drawn(made.card().replace("OOM 42 0 30720.0", "OOM 42 0 3072000.0"))
        self.assertIn("2.93 TiB, 18.12 GiB free, not to scale", svg)

    def test_what_the_process_may_have(self):
        svg = self.drawn(made.card().replace("OWED 42 0 total", "OWED 42 0 allowed 61440.0 -\nOWED 42 0 total"))
        self.assertIn("60.00 GiB allowed", svg)

    def test_a_program_that_went_on(self):
        text = made.card().replace("EXIT 1", "EXIT 0")
        at = text.index("OOM 42")
        svg = self.drawn(text[:at] + "OOM 42 0 ? 1700000030.0 0 torch 2.11.0\n" * 3 + text[at:])
        self.assertIn("GPU 0 had no memory left 4 times, and it went on", svg)

    def test_another_process_failure_is_not_the_programs(self):
        text = made.card().replace("EXIT 1", "EXIT 0").replace("pid=42", "pid=41")
        for gone, words in (("", "GPU 0 had no memory left in worker 42 (data: one batch)"),
                            (f"GONE 42 {made.moment(60)} 1900.0 1\n", "GPU 0 had no memory left in worker 42 (data: one batch)"),
                            (f"GONE 42 {made.moment(60)} 1900.0 0\n", "GPU 0 had no memory left in worker 42, which went on")):
            svg = self.drawn(text.replace("OOM 42", f"PROC 42 41 {made.moment(1)} worker\n{gone}OOM 42", 1))
            self.assertIn(words, svg)
            self.assertNotIn("and it went on", svg)

    def test_a_class_has_one_colour_whatever_the_others_are(self):
        def colours(text):
            return set(re.findall(r'<rect [^>]*fill="(#\w+)" fill-opacity="0.8"', self.drawn(text)))
        whole, part = colours(made.card()), colours(re.sub(r"OWED 42 0 (weights|gradients|optimizer) .*\n", "", made.card()))
        self.assertLess(part, whole)

    def test_what_is_not_known_is_not_drawn(self):
        text = made.card()
        for bare, options in ((re.sub(r"OWED .*\n", "", text), []), (re.sub(r"GPU \d .*\n", "", text), []), (text, ["-w", "0,30"]),
                              (text.replace("OWED 42 0 total 81559.0", "OWED 42 0 total ?"), [])):
            svg = self.drawn(bare, *options)
            self.assertNotIn("wanted beside that", svg)
            self.assertIn("GPU 0 had no memory left", svg)


if __name__ == "__main__":
    lab.main()
