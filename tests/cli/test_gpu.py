"""GPU memory, against a library that answers as NVIDIA's would and a pretend /sys and /proc: no GPU is needed, and none seen."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

LOOK = 0.1  # seconds between two readings


class Gpu(lab.Lab):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        (self.root / "dev").mkdir(parents=True)
        self.env["MPROF_SYSROOT"] = str(self.root)

    def record(self, script, *options, status=0, name="a.dat", **kw):
        """Records a shell script; `$ROOT` is the pretend root."""
        return self.mprof("run", "-q", "-o", name, *options, "sh", "-c", script, status=status, env={"ROOT": str(self.root)}, **kw)

    def figures(self, device="0", name="a.dat"):
        """(MiB, moment, scope) of each GPU record of a device."""
        return [(float(f[2]), float(f[3]), f[4]) for f in self.recording(name) if f[0] == "GPU" and f[1] == device]

    def devices(self):
        return {f[1] for f in self.recording() if f[0] == "GPU"}

    def text(self, name="a.dat"):
        return (self.folder / name).read_text()

    def settings(self):
        """What META says, as far as the values hold no blank."""
        return dict(re.findall(r"(\w+)=(\S+)", " ".join(line for line in self.text().splitlines() if line.startswith("META "))))


class Driver(Gpu):
    """With NVIDIA's library."""
    library = "mock-nvml"

    def setUp(self):
        super().setUp()
        (self.root / "dev" / "nvidiactl").touch()
        self.install(self.library)
        self.answers = self.folder / "answers"
        self.env["MPROF_MOCK_NVML"] = str(self.answers)
        self.answer("device 0 81559 500 NVIDIA H100 80GB HBM3")

    def install(self, name):
        shutil.copy(lab.BUILD / "tests" / f"lib{name}.so", self.root / "libnvidia-ml.so.1")

    def answer(self, *lines):
        self.answers.write_text("".join(line + "\n" for line in lines))

    def say(self, *lines):
        """Shell words by which the recorded program changes what the driver answers; $$ is its number."""
        text = "\\n".join(lines)
        return f'printf "{text}\\n" > "$MPROF_MOCK_NVML.new"; mv "$MPROF_MOCK_NVML.new" "$MPROF_MOCK_NVML"; '

    def loaded(self):
        return Path(str(self.answers) + ".log").exists()

    H100 = "device 0 81559 %s NVIDIA H100 80GB HBM3"


class Nvidia(Driver):
    def test_what_the_program_holds(self):
        script = self.say(self.H100 % 1500, "process 0 c $$ 1000", "process 0 c 1 400") + "sleep 0.6; "
        script += self.say(self.H100 % 3500, "process 0 c $$ 3000", "process 0 c 1 400") + "sleep 0.6; "
        script += self.say(self.H100 % 500, "process 0 c 1 400") + "sleep 0.4"
        done = self.record(script)
        self.assertEqual(done.stderr, "")
        values = [mib for mib, _, scope in self.figures()]
        self.assertEqual({scope for _, _, scope in self.figures()}, {"tree"})
        self.assertLessEqual(set(values), {0, 1000, 3000})
        self.assertEqual(max(values), 3000)
        self.assertEqual(values[-1], 0)
        self.assertIn("META gpu0='NVIDIA H100 80GB HBM3' gpu0_total=81559.000000\n", self.text())

    def test_a_program_that_ends_before_it_is_looked_at(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.send(b"not for the recorder")
            for _ in range(20):
                done = self.mprof("run", "-q", "-b", "pss", "-o", "a.dat", "/bin/true", status=0, stdin=ours)
                self.assertEqual(done.stderr, "")
            self.assertEqual(ours.recv(100, socket.MSG_DONTWAIT), b"not for the recorder")

    def test_a_threshold_on_its_memory(self):
        script = self.say(self.H100 % 50500, "process 0 c $$ 50000") + "sleep 0.6; "
        script += self.say(self.H100 % 75500, "process 0 c $$ 75000") + "sleep 0.6"
        self.record(script, "--at", "gpu:90%:mark", "--at", "gpu:40G:run=echo $MPROF_MIB", "--at=60G:kill")
        marks = [line.split(" ", 3)[3] for line in self.text().splitlines() if line.startswith("MARK ")]
        self.assertEqual(marks, ["above gpu:40G: run=echo $MPROF_MIB", "above gpu:90%: mark"])
        done = self.record(script, "--at", "gpu:70G:kill", status=-signal.SIGKILL)
        self.assertEqual(done.stderr, "")

    def test_a_threshold_without_a_gpu(self):
        self.refuses("run", "--gpu=off", "--at", "gpu:1G:mark", "true", status=2, says="exclude each other")
        (self.root / "dev" / "nvidiactl").unlink()
        self.refuses("run", "--at", "gpu:1G:mark", "true", status=1, says="no GPU here")

    def test_moments_lie_in_the_run_and_rise(self):
        self.record(self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.8")
        moments = [at for _, at, _ in self.figures()]
        self.assertGreater(len(moments), 1)
        self.assertEqual(moments, sorted(moments))
        self.assertGreaterEqual(moments[0], float(self.settings()["start"]))
        ended = next(float(f[2]) for f in self.recording() if f[0] == "EXIT")
        self.assertLessEqual(moments[-1], ended)

    def test_nothing_is_loaded_without_a_device(self):
        (self.root / "dev" / "nvidiactl").unlink()
        done = self.record("sleep 0.3")
        self.assertFalse(self.loaded())
        self.assertEqual(self.devices(), set())
        self.assertEqual(done.stderr, "")

    def test_nothing_is_loaded_when_it_is_off(self):
        self.record(self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.4", "--gpu=off")
        self.assertFalse(self.loaded())
        self.assertNotIn("gpu0", self.text())

    def test_a_program_that_uses_none_has_no_series(self):
        self.record("sleep 0.5")
        self.assertTrue(self.loaded())
        self.assertNotIn("gpu0", self.text())

    def test_a_machine_without_is_refused_before_the_program_starts(self):
        (self.root / "dev" / "nvidiactl").unlink()
        for mode in ("on", "tree", "device"):
            done = self.mprof("run", f"--gpu={mode}", "-o", "a.dat", "touch", "started", status=1)
            self.assertRegex(done.stderr, r"\Amprof-c: there is no GPU here [^\n]+\n\Z")
        self.assertEqual(sorted(os.listdir(self.folder)), ["answers", "root"])

    def test_nonsense_is_a_usage_error(self):
        self.refuses("run", "--gpu=some", "true", says="--gpu takes auto, on, tree, device, off or outside, not 'some'")

    def test_several_devices_keep_their_numbers(self):
        script = self.say("device 0 81559 500 A", "device 1 81559 700 B", "device 2 24564 700 NVIDIA L4",
                          "process 0 c 1 300", "process 1 c $$ 100", "process 2 c $$ 200") + "sleep 0.6"
        self.answer("device 0 81559 500 A", "device 1 81559 600 B", "device 2 24564 500 NVIDIA L4")
        self.record(script)
        self.assertEqual(self.devices(), {"1", "2"})
        self.assertEqual(max(self.figures("1"))[0], 100)
        self.assertEqual(max(self.figures("2"))[0], 200)
        self.assertIn("gpu2='NVIDIA L4' gpu2_total=24564.000000", self.text())

    def test_children_count_without_their_option_too(self):
        script = "sh -c '" + self.say(self.H100 % 1500, "process 0 c $$ 700", "process 0 c $PPID 50") + "sleep 0.6'; true"
        self.record(script)
        self.assertEqual(max(self.figures())[0], 750)

    def test_orphans_count_where_they_stay_in_the_tree(self):
        inner = self.say(self.H100 % 1500, "process 0 c $$ 700") + "sleep 0.6"
        self.record(f"(setsid sh -c '{inner}' &) ; sleep 0.8", "-C")
        self.assertEqual(max(self.figures())[0], 700)

    def test_a_process_in_two_lists_counts_once(self):
        self.record(self.say(self.H100 % 1500, "process 0 c $$ 700", "process 0 g $$ 700", "process 0 m $$ 700") + "sleep 0.6")
        self.assertEqual(max(self.figures())[0], 700)

    def test_hundreds_of_processes(self):
        others = [f"process 0 c {100000 + i} 1" for i in range(300)]
        self.record(self.say(self.H100 % 1500, *others, "process 0 c $$ 700") + "sleep 0.8")
        self.assertEqual(max(self.figures())[0], 700)

    def test_a_process_that_is_listed_late_is_still_told_apart(self):
        script = self.open_device() + self.say(self.H100 % 1500) + "sleep 0.15; "
        script += self.say(self.H100 % 1500, "process 0 c $$ 900") + "sleep 0.6"
        self.record(script)
        self.assertEqual(self.figures()[-1][::2], (900, "tree"))

    def open_device(self, device="/dev/nvidia0"):
        return f'mkdir -p "$ROOT/proc/$$/fd" && ln -s {device} "$ROOT/proc/$$/fd/9"; '

    def test_other_process_numbers_give_the_figure_of_the_device(self):
        script = self.open_device() + "sleep 0.3; " + self.say(self.H100 % 2500, "process 0 c 1 2000") + "sleep 1.2"
        self.record(script)
        figures = self.figures()
        self.assertEqual({scope for _, _, scope in figures}, {"device"})
        self.assertEqual(figures[0][0], 500)
        self.assertEqual(figures[-1][0], 2500)

    def test_a_container_that_lists_nobody_does_too(self):
        self.record(self.open_device() + "sleep 0.3; " + self.say(self.H100 % 2500) + "sleep 1.2")
        self.assertEqual(self.figures()[-1][::2], (2500, "device"))

    def test_a_container_where_all_was_taken_before_the_first_look(self):
        self.answer(self.H100 % 2500, "process 0 c 99999999 2000")  # no such process here
        self.record(self.open_device() + "sleep 2")
        self.assertEqual(self.figures()[-1][::2], (2500, "device"))

    def test_what_others_do_elsewhere_is_not_ours_where_we_are_told_apart(self):
        script = self.open_device() + self.say(self.H100 % 1500, "device 1 100000 600 B", "process 0 c $$ 100") + "sleep 0.4; "
        script += self.say(self.H100 % 1500, "device 1 100000 90000 B", "process 0 c $$ 100") + "sleep 0.8"
        self.answer(self.H100 % 500, "device 1 100000 20 B")
        self.record(script, "--gpu=on")
        self.assertEqual(self.devices(), {"0"})

    def test_the_use_of_others_is_not_ours(self):
        (self.root / "proc").mkdir()
        self.record("sleep 0.3; " + self.say(self.H100 % 2500, "process 0 c 1 2000") + "sleep 1")
        self.assertEqual(self.devices(), set())

    def test_only_the_tree_where_it_is_asked_for(self):
        self.record(self.open_device() + "sleep 0.3; " + self.say(self.H100 % 2500, "process 0 c 1 2000") + "sleep 1", "--gpu=tree")
        self.assertEqual(self.devices(), set())

    def test_a_process_without_a_figure_gives_that_of_the_device(self):
        self.record(self.say(self.H100 % 2500, "process 0 c $$ -1") + "sleep 0.6")
        self.assertEqual(self.figures()[-1][::2], (2500, "device"))

    def test_the_whole_device_where_it_is_asked_for(self):
        self.answer(self.H100 % 500, "device 1 81559 80 B")
        self.record("sleep 0.5", "--gpu=device")
        self.assertEqual(self.figures()[0][::2], (500, "device"))
        self.assertEqual(self.figures("1")[0][::2], (80, "device"))

    def test_instances_are_devices(self):
        both = ("device 0 81559 900 H100", "instance 16 20000 100 H100 MIG 2g.20gb", "instance 17 10000 50 H100 MIG 1g.10gb")
        self.answer(*both)
        self.record(self.say(*both, "process 17 c $$ 40") + "sleep 0.6")
        self.assertEqual(self.devices(), {"1"})
        self.assertIn("gpu1='H100 MIG 1g.10gb' gpu1_total=10000.000000", self.text())

    def test_a_terminal_is_told_the_peaks(self):
        master, slave = terminals.open_pair()
        self.mprof("run", "-o", "a.dat", "sh", "-c", self.say(self.H100 % 3500, "process 0 c $$ 3072") + "sleep 0.5", status=0, stderr=slave)
        os.close(slave)
        said = os.read(master, 4096).decode()
        os.close(master)
        self.assertIn("mprof-c: GPU 0: sampled peak 3.00 GiB of 79.65 GiB\r\n", said)

    def test_a_process_that_runs_already(self):
        target = subprocess.Popen(["sh", "-c", self.say(self.H100 % 1500, "process 0 c $$ 1000") + "echo; sleep 2"], env=self.env,
                                  stdout=subprocess.PIPE)
        target.stdout.readline()
        self.mprof("attach", "-q", "-o", "a.dat", "-t", "0.6", target.pid, status=0)
        target.communicate()
        self.assertEqual({mib for mib, _, _ in self.figures()}, {1000})

    def test_nothing_is_recorded_after_the_time_that_was_asked_for(self):
        self.record(self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 1.5", "-t", "0.5")
        last = self.figures()[-1][1] - float(self.settings()["start"])
        self.assertGreater(last, 0)
        self.assertLessEqual(last, 0.51)

    # ---- faults ----

    def mem(self):
        return [f for f in self.recording() if f[0] == "MEM"]

    def test_a_device_that_is_lost_ends_its_series_only(self):
        held = self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.5; "
        lost = self.say(self.H100 % 1500, "answer nvmlDeviceGetMemoryInfo_v2 15", "answer nvmlDeviceGetMemoryInfo 15") + "sleep 0.8; exit 7"
        done = self.record(held + lost, status=7)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: GPU 0 is recorded only for the first [^\n]+: GPU is lost\n\Z")
        last = self.figures()[-1]
        self.assertEqual(last[0], 1000)
        self.assertGreater(float(self.mem()[-1][2]), last[1] + 0.3)
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "7"])

    def test_a_device_that_is_lost_unused_is_no_news(self):
        lost = self.say(self.H100 % 500, "answer nvmlDeviceGetMemoryInfo_v2 15", "answer nvmlDeviceGetMemoryInfo 15") + "sleep 0.5"
        self.assertEqual(self.record(lost).stderr, "")
        self.answer(self.H100 % 500)
        self.assertIn("GPU is lost", self.record(lost, "--gpu=tree").stderr)

    def test_a_passing_error_ends_nothing(self):
        held = self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.4; "
        slip = self.say(self.H100 % 1500, "answer nvmlDeviceGetComputeRunningProcesses_v3 999", "process 0 c $$ 1000") + "sleep 0.11; "
        more = self.say(self.H100 % 1500, "process 0 c $$ 2000") + "sleep 0.5"
        done = self.record(held + slip + more)
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.figures()[-1][0], 2000)

    def test_a_driver_that_refuses_is_told_when_it_was_asked_for(self):
        self.answer("answer nvmlInit_v2 18")
        self.assertEqual(self.record("sleep 0.4").stderr, "")
        done = self.record("sleep 0.4", "--gpu=tree")
        self.assertEqual(done.stderr, "mprof-c: warning: no GPU was recorded: Driver/library version mismatch\n")

    def test_a_library_that_is_missing(self):
        (self.root / "libnvidia-ml.so.1").unlink()
        self.assertEqual(self.record("sleep 0.3").stderr, "")
        done = self.record("sleep 0.4; exit 5", "--gpu=device", status=5)
        self.assertEqual(done.stderr, "mprof-c: warning: no GPU was recorded: libnvidia-ml.so.1 cannot be loaded\n")

    def test_a_library_that_is_none(self):
        (self.root / "libnvidia-ml.so.1").write_text("not a library")
        self.assertEqual(self.record("sleep 0.3; exit 5", status=5).stderr, "")

    def test_a_driver_that_hangs_holds_nobody_back(self):
        for function in ("nvmlInit_v2", "nvmlDeviceGetComputeRunningProcesses_v3"):
            self.answer(self.H100 % 500, f"hang {function}", "accounting 0 1 5")
            begin = time.monotonic()
            done = self.record("sleep 0.5; exit 3", "-T", "0.02", status=3)
            self.assertLess(time.monotonic() - begin, 10, function)
            self.assertEqual(done.stderr, "")
            self.assertGreater(len(self.mem()), 5, function)

    def test_nobody_waits_for_our_end_of_a_pipe(self):
        self.answer(self.H100 % 500, "hang nvmlInit_v2")
        done = self.record("echo hello; sleep 0.2", timeout=20)  # the pipe of stdout is read to its end
        self.assertEqual(done.stdout, "hello\n")

    def test_a_slow_driver_costs_no_sample(self):
        self.answer(self.H100 % 500, "slow nvmlDeviceGetComputeRunningProcesses_v3 300")
        self.record("sleep 1", "-T", "0.05")
        moments = [float(f[2]) for f in self.mem()]
        self.assertGreater(len(moments), 10)

    def test_a_library_that_crashes_takes_nobody_along(self):
        held = self.say(self.H100 % 1500, "process 0 c $$ 1000") + "sleep 0.5; "
        done = self.record(held + self.say(self.H100 % 1500, "crash nvmlDeviceGetMemoryInfo_v2") + "sleep 0.6; exit 9", status=9)
        self.assertRegex(done.stderr, r"\Amprof-c: warning: GPU memory is not recorded to the end: [^\n]+\n\Z")
        self.assertEqual(self.figures()[-1][0], 1000)
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "9"])

    def test_a_crash_in_a_tree_is_nobodys_child(self):
        self.answer(self.H100 % 500, "crash nvmlInit_v2")
        self.record("sleep 0.5", "-C", "-M")
        born = [f[4] for f in self.recording() if f[0] == "PROC"]
        self.assertNotIn("mprof-c-gpu", born)
        target = self.settings()["pid"]
        self.assertEqual({f[1] for f in self.recording() if f[0] == "GONE"} - {target}, {f[1] for f in self.recording() if f[0] == "PROC"})

    def test_the_helper_dies_with_a_recorder_that_is_killed(self):
        recorder = subprocess.Popen([lab.MPROF, "run", "-q", "-o", "a.dat", "sleep", "2"], env=self.env, cwd=self.folder)
        log = Path(str(self.answers) + ".log")
        for _ in range(200):
            if log.exists():
                break
            time.sleep(0.05)
        helper = int(log.read_text().split()[1])
        recorder.send_signal(signal.SIGKILL)
        recorder.wait()
        for _ in range(200):
            if not self.is_alive(helper):
                return
            time.sleep(0.05)
        self.fail("the helper lives on")

    @staticmethod
    def is_alive(pid):
        try:
            return " Z " not in Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False

    def test_nonsense_figures_stay_readable(self):
        self.record(self.say("device 0 -1 -5 Bad\\tname", "process 0 c $$ 9000000000000") + "sleep 0.6")
        self.assertEqual(self.mprof("peak", "a.dat", status=0).stderr, "")

    # ---- exact peaks ----

    def test_the_driver_keeps_an_exact_peak(self):
        self.answer(self.H100 % 500, "accounting 0 1 5")
        self.record(self.say(self.H100 % 1500, "process 0 c $$ 1000", "accounting 0 $$ 4321") + "sleep 0.5")
        self.assertEqual(self.settings()["gpu0_peak"], "4321.000000")
        self.assertNotIn("gpu0_peak_sum", self.settings())

    def test_the_peaks_of_several_processes_are_a_bracket(self):
        self.answer(self.H100 % 500, "accounting 0 1 5")
        inner = self.say(self.H100 % 1500, "process 0 c $$ 700", "process 0 c $PPID 50", "accounting 0 $$ 800", "accounting 0 $PPID 60")
        self.record(f"sh -c '{inner} sleep 0.6'; true")
        found = self.settings()
        self.assertEqual((found["gpu0_peak"], found["gpu0_peak_sum"], found["gpu0_peak_processes"]), ("800.000000", "860.000000", "2"))


class OldNvidia(Driver):
    """Libraries whose lists of processes have other shapes."""
    library = "mock-nvml-old"

    def holds(self):
        self.record(self.say(self.H100 % 1500, "process 0 c 1 5", "process 0 c $$ 1000", "process 0 c 2 7") + "sleep 0.6")
        return max(self.figures())[0]

    def test_the_oldest(self):
        self.assertEqual(self.holds(), 1000)

    def test_the_one_with_a_field_more(self):
        self.install("mock-nvml-wide")
        self.assertEqual(self.holds(), 1000)


class Kernel(Gpu):
    """AMD and Intel, by what the kernel tells."""

    def setUp(self):
        super().setUp()
        (self.root / "dev" / "dri").mkdir()

    def card(self, number, address, vendor, **files):
        device = self.root / "sys" / "devices" / address
        device.mkdir(parents=True)
        (device / "vendor").write_text(vendor + "\n")
        for name, text in files.items():
            (device / name).write_text(f"{text}\n")
        card = self.root / "sys" / "class" / "drm" / f"card{number}"
        card.mkdir(parents=True)
        (card / "device").symlink_to(f"../../../devices/{address}")
        return device

    def amd(self, number=0, address="0000:03:00.0", used=100 << 20):
        return self.card(number, address, "0x1002", product_name="Radeon RX 7900", mem_info_vram_total=24 << 30, mem_info_vram_used=used)

    def opens(self, fd, *lines, pid="$$"):
        """Shell words by which the recorded program has a GPU open."""
        text = "\\n".join(("pos:\\t0", *lines))
        folder = f"$ROOT/proc/{pid}"
        return (f'mkdir -p {folder}/fd {folder}/fdinfo; printf "{text}\\n" > {folder}/fdinfo/{fd}; '
                f"ln -sf /dev/dri/renderD128 {folder}/fd/{fd}; ")

    AMD = ("drm-driver:\\tamdgpu", "drm-pdev:\\t0000:03:00.0")

    def test_amd_vram_of_the_program(self):
        self.amd()
        self.record(self.opens(7, *self.AMD, "drm-client-id:\\t5", "drm-memory-vram:\\t2048 KiB", "drm-memory-gtt: 900 MiB") + "sleep 0.6")
        self.assertEqual(self.figures()[-1][::2], (2, "tree"))
        self.assertIn("META gpu0='Radeon RX 7900' gpu0_total=24576.000000\n", self.text())

    def test_a_client_counts_once(self):
        self.amd()
        client = (*self.AMD, "drm-client-id:\\t5", "drm-resident-vram:\\t30 MiB")
        child = "sh -c '" + self.opens(7, *client) + self.opens(9, *self.AMD, "drm-client-id:\\t6", "drm-resident-vram:\\t12 MiB") + "sleep 0.7'; true"
        self.record(self.opens(7, *client) + self.opens(8, *client) + child)
        self.assertEqual(max(self.figures())[0], 42)

    def test_a_device_whose_clients_tell_nothing_has_its_own_figure(self):
        device = self.amd()
        script = self.opens(7, *self.AMD, "drm-client-id:\\t5") + "sleep 0.3; "
        script += f"echo {900 << 20} > {device}/mem_info_vram_used; sleep 1.2"
        self.record(script)
        self.assertEqual(self.figures()[-1][::2], (900, "device"))
        self.assertEqual(self.figures()[0][0], 100)

    def test_a_card_that_goes_away(self):
        device = self.amd()
        script = self.opens(7, *self.AMD, "drm-client-id:\\t5", "drm-memory-vram:\\t64 MiB") + "sleep 0.5; "
        done = self.record(script + f"rm {device}/mem_info_vram_used; sleep 0.5")
        self.assertRegex(done.stderr, r"\Amprof-c: warning: GPU 0 is recorded only for the first [^\n]+\n\Z")
        self.assertEqual(self.figures()[-1][0], 64)

    def test_two_cards_in_their_order(self):
        self.amd(1, "0000:83:00.0")
        self.amd(0, "0000:03:00.0")
        self.record(self.opens(7, "drm-driver: amdgpu", "drm-pdev: 0000:83:00.0", "drm-client-id: 5", "drm-memory-vram: 3 MiB") + "sleep 0.6")
        self.assertEqual(self.devices(), {"1"})

    def test_intel_is_known_by_its_clients(self):
        self.card(0, "0000:03:00.0", "0x8086")
        self.record(self.opens(7, "drm-driver: xe", "drm-pdev: 0000:03:00.0", "drm-client-id: 5", "drm-total-system: 0",
                               "drm-total-vram0: 900 MiB", "drm-resident-vram0: 10 MiB", "drm-resident-vram1: 2048 KiB",
                               "drm-resident-gtt: 77 MiB") + "sleep 0.6")
        self.assertEqual(self.figures()[-1][::2], (12, "tree"))
        self.assertIn("META gpu0='Intel GPU 0000:03:00.0'\n", self.text())

    def test_the_memory_of_an_integrated_one_is_the_machines(self):
        self.card(0, "0000:00:02.0", "0x8086")
        done = self.record("true", "--gpu=tree", status=1)
        self.assertIn("there is no GPU here", done.stderr)

    def test_a_virtual_card_is_none(self):
        self.card(0, "0000:00:01.0", "0x1af4")
        self.record("true", "--gpu=tree", status=1)

    def test_both_kinds_in_one_machine(self):
        self.amd()
        (self.root / "dev" / "nvidiactl").touch()
        shutil.copy(lab.BUILD / "tests" / "libmock-nvml.so", self.root / "libnvidia-ml.so.1")
        answers = self.folder / "answers"
        answers.write_text("device 0 100 5 A\ndevice 1 100 5 B\n")
        self.env["MPROF_MOCK_NVML"] = str(answers)
        self.record(self.opens(7, *self.AMD, "drm-client-id: 5", "drm-memory-vram: 64 MiB")
                    + 'echo "process 1 c $$ 20" >> "$MPROF_MOCK_NVML"; sleep 0.6')
        self.assertEqual(self.devices(), {"1", "2"})
        self.assertEqual(self.figures("1")[-1][0], 20)
        self.assertEqual(self.figures("2")[-1][0], 64)


if __name__ == "__main__":
    lab.main()
