"""What a recording comes to, from the file alone: ten ways to die, what is held, what grows, and why a card had no memory left.
Programs that each hold on to memory in a way of their own: test_heap_python."""
import json
import os
import resource
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made
from made import head, memory, moment, text

HOG = "x = [bytearray(1 << 20) for i in range(5000)]"
BAD = {"": 1, "hello\n": 1, "\0\1\2": 1, "MEM 1.0": 1, "{}\n": 1}


class Base(lab.Lab):
    def ask(self, name="a.dat", status=0):
        """The JSON, after the text and its bounds have been looked at."""
        said = self.mprof("why", name, status=status)
        lines = said.stdout.splitlines()
        self.assertLessEqual(len(lines), 24, said.stdout)
        self.assertLessEqual(max(map(len, lines)), 100, said.stdout)
        self.assertEqual(sum(line.startswith("next ") for line in lines), 1, said.stdout)
        self.first = "\n".join(lines[1:3])
        out = self.mprof("why", "--json", name, status=status, text=False).stdout
        self.assertLessEqual(len(out), 1536)
        return json.loads(out)

    def made(self, *parts, name="a.dat"):
        self.write(name, text(*parts))
        return self.ask(name)


class Deaths(Base):
    """The first line is right in each."""

    def dies(self, *words, status, kind, says, options=(), **kw):
        self.mprof("run", "-q", "-T", "0.02", "-o", "a.dat", *options, *words, status=status, **kw)
        why = self.ask()
        self.assertEqual(why["end"]["kind"], kind, why)
        self.assertIn(says, " ".join(self.first.split()))
        return why

    def test_exit(self):
        why = self.dies("sh", "-c", "sleep 0.1; exit 3", status=3, kind="exit", says="ended exited with 3 (exact")
        self.assertEqual(why["status"], 3)

    def test_clean(self):
        self.dies("sleep", "0.1", status=0, kind="clean", says="ended exited with 0 (exact")

    def test_a_bad_access(self):
        self.dies("sh", "-c", "sleep 0.1; kill -SEGV $$", status=-signal.SIGSEGV, kind="signal",
                  says="ended killed by SIGSEGV: a bad memory access")

    def test_a_clock_that_was_set_meanwhile(self):
        mock = {"LD_PRELOAD": str(lab.BUILD / "tests" / "libmock-clock.so"), "AHEAD_FROM": str(self.folder / "set")}
        for ahead, says in (("3600", "moved forward by 60 min 0"), ("-7", "moved back by 7.0"), ("0", None)):
            (self.folder / "set").unlink(missing_ok=True)
            why = self.dies("sh", "-c", "sleep 0.1; touch set; sleep 0.1", status=0, kind="clean", says="exited with 0",
                            env={**mock, "AHEAD": ahead})
            words = [word.partition("=") for line in self.recording() for word in line[1:]]
            moved = [float(value) for key, _, value in words if key == "clock_moved"]
            odd = [o["words"] for o in why["odd"] if o["kind"] == "clock"]
            if says:
                self.assertAlmostEqual(moved[0], float(ahead), delta=0.1)
                self.assertIn(f"the wall clock {says}", odd[0])
            else:
                self.assertEqual((moved, odd), ([], []))

    def test_our_own_threshold(self):
        self.dies(lab.target("spend"), "60", "9", options=["--at", "40M:kill"], status=-signal.SIGKILL, kind="at", says="ended killed by --at (exact")

    def test_somebody_else(self):
        self.dies("sh", "-c", "sleep 0.1; kill -9 $$", status=-signal.SIGKILL, kind="killed",
                  says="ended killed by SIGKILL; who sent it is not known")

    def test_a_timeout(self):
        self.dies("timeout", "0.3", "sleep", "9", status=124, kind="timeout", says="ended exited with 124: timeout ended it after 0.30 s")

    def test_a_memory_error(self):
        script = self.write("hog.py", HOG)
        why = self.dies("sh", "-c", f"ulimit -v 400000; exec {sys.executable} {script}", status=1, kind="memoryerror",
                        says="ended exited with 1; probably a MemoryError: RLIMIT_AS allows 390.6 MiB")
        self.assertEqual(why["end"]["known"], "estimate")

    def test_words_of_a_card_are_no_card(self):
        script = self.write("cuda.py", "raise SystemExit('RuntimeError: CUDA out of memory. Tried to allocate 20.00 GiB')")
        why = self.dies(sys.executable, script, status=1, kind="exit", says="ended exited with 1 (exact")
        self.assertEqual((why["cause"], why["card"]), (None, None))

    def test_a_full_disk(self):
        limit = (6000, resource.RLIM_INFINITY)
        self.dies("sh", "-c", "sleep 1; exit 3", options=["-T", "0.002"], status=3, kind="exit", stderr=subprocess.DEVNULL,
                  says="ended exited with 3; its file might not be larger (RLIMIT_FSIZE), and ",
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        self.assertEqual(self.recording()[-1][:2], ["EXIT", "3"])
        self.assertLessEqual((self.folder / "a.dat").stat().st_size, 6000)

    def test_the_kernel(self):
        self.write("a.dat", made.killed())
        self.assertEqual(self.ask()["end"]["kind"], "oom")
        self.assertIn("killed: out of memory (its control group allows 512.0 MiB)", self.first)

    def test_the_recorder(self):
        with subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.02", "-o", "a.dat", "sleep", "9"], cwd=self.folder, env=self.env) as run:
            path = self.folder / "a.dat"
            self.assertTrue(self.wait_for(lambda: path.exists() and "\nMEM" in path.read_text()))
            self.assertEqual(self.ask()["end"]["kind"], "running")
            run.kill()
        self.assertEqual(self.ask()["end"]["kind"], "interrupted")
        os.kill(int(dict(w.split("=") for r in self.recording() if r[0] == "META" for w in r[1:] if w.count("=") == 1)["pid"]), signal.SIGKILL)


class Held(Base):
    FRAMES = ["PATH 1 /srv/cache.py", "FRAME 1 0 1 88 put", "FRAME 2 0 1 9 export"]

    def heap(self, *records, last=120):
        return self.made(head("./serve.py", heap=262144, interval=1), self.FRAMES, memory([20, 140, last], 1), records, [f"EXIT 0 {moment(2.5)} 140.0 3 0"])

    def test_at_the_end(self):
        why = self.heap(f"HEAP 100 1 90.0 0 360 22.5 {moment(1)}", f"HEAP 100 2 20.0 80.0 80 5.0 {moment(1)}")
        self.assertEqual(why["lines"]["kind"], "held")
        self.assertTrue(why["lines"]["words"].startswith("held at the end, of 110.0 MiB: cache.py:88 put 90.0 MiB (± 9.5 MiB), cache.py:9 export 20"), why)
        self.assertEqual(why["next"], "mprof-c report --heap a.dat")

    def test_what_was_given_back_in_the_end(self):
        why = self.heap(f"HEAP 100 1 90.0 0 360 22.5 {moment(1)}", f"HEAP 100 1 -89.0 89.0 -356 -22.0 {moment(2)}", last=30)
        self.assertTrue(why["lines"]["words"].startswith("held at 1.00 s, of 90.0 MiB: cache.py:88 put 90.0 MiB"), why)

    def test_memory_that_stayed_is_asked_after(self):
        why = self.heap(f"HEAP 100 1 4.0 0 16 1.0 {moment(1)}", f"HEAP 100 2 90.0 0 360 22.5 {moment(1)}",
                        f"HEAP 100 2 -90.0 90.0 -360 -22.5 {moment(2)}")
        self.assertIn("cache.py:88 put 4.0 MiB (± 2.0 MiB); its memory was 120.0 MiB then: the rest is kept free", why["lines"]["words"])

    def test_what_is_in_no_figure(self):
        why = self.heap(f"HEAP 100 1 4.0 0 16 1.0 {moment(1)}", f"HEAP 100 2 90.0 0 360 22.5 {moment(1)}",
                        f"HEAP 100 2 -90.0 90.0 -360 -22.5 {moment(2)}", "META heap_seen=1 heap_lacks=room,confined")
        self.assertIn("; in no figure of that: what was taken after a program had confined itself (seccomp)", why["lines"]["words"])
        self.assertNotIn("the rest is kept free", why["lines"]["words"])

    def test_what_was_not_written(self):
        why = self.heap(f"HEAP 100 1 90.0 0 360 22.5 {moment(1)}", "META dropped=9 unwritten=full")
        self.assertTrue(why["lines"]["words"].startswith("held at 1.00 s, when last written, of 90.0 MiB: "), why)

    def test_what_was_not_touched(self):
        why = self.heap(f"HEAP 100 1 400.0 0 4 0.25 {moment(1)}", "META heap_seen=1")
        self.assertIn("; more than was in RAM: not all of it was touched", why["lines"]["words"])

    def test_a_heap_that_was_not_seen_is_not_asked_for_again(self):
        grow = [f"GROW 100.000000 {moment(1)} 120.000000 100 100 1 fault", "META heap_seen=1 heap_lacks=allocator"]
        why = self.made(head("./serve.py", heap=262144, interval=1), self.FRAMES, memory([20, 140, 20], 1), grow,
                        [f"EXIT 1 {moment(2.5)} 140.0 3 0"])
        self.assertIn("its heap was not sampled: its program has a malloc of its own", why["lines"]["by"])
        self.assertNotIn("run --heap", json.dumps(why))

    def test_what_only_grew(self):
        grow = [f"GROW 100.000000 {moment(1)} 120.000000 100 100 1 fault"]
        why = self.made(head("./serve.py", interval=1), self.FRAMES, memory([20, 140, 120], 1), grow, [f"EXIT -9 {moment(2.5)} 140.0 3 0"])
        self.assertEqual(why["lines"]["words"], "grew most: cache.py:88 put 100.0 MiB")
        self.assertIn("who holds it is not known without run --heap", why["lines"]["by"])

    def test_what_grew_without_a_line_of_the_users_is_no_less(self):
        grow = [f"GROW 10.000000 {moment(1)} 30.000000 100 100 1 fault", f"GROW 90.000000 {moment(1)} 120.000000 100 100 0 polled"]
        why = self.made(head("./serve.py", interval=1), self.FRAMES, memory([20, 140, 120], 1), grow, [f"EXIT -9 {moment(2.5)} 140.0 3 0"])
        self.assertEqual(why["lines"]["words"], "grew most: cache.py:88 put 10.0 MiB, of your own lines")

    def test_growth(self):
        curve = [200 + i * 0.1 + i % 7 for i in range(3600)]
        why = self.made(head("./serve.py"), memory(curve, 1), ["META limit=4096 limit_kind=cgroup", f"EXIT 0 {moment(3600)} 600.0 3600 0"])
        growth = why["growth"]
        self.assertEqual(growth["kind"], "grows")
        self.assertTrue(growth["low"] <= 360 <= growth["high"] and 9 < growth["reached_h"] < 11, growth)
        self.assertIn("at this rate the 4.00 GiB allowed are reached in", self.mprof("why", "a.dat").stdout.replace("\n          ", " "))

    def test_kept_free(self):
        bill = [f"BILL {name} {mib}.0 {moment(2)}" for name, mib in (("used", 20), ("kept", 90), ("program", 10))]
        why = self.made(head("./serve.py", interval=1), memory([20, 140, 120], 1), bill, [f"EXIT 0 {moment(2.5)} 140.0 3 0"])
        self.assertEqual([(odd["kind"], odd["words"][:57]) for odd in why["odd"]],
                         [("kept-free", "at 2.00 s, 90.0 MiB of 120.0 MiB are kept free by malloc,")])


class Card(Base):
    BILL = {"total": 81920, "free": 300, "allocated": 80000, "reserved": 80500, "weights": 20000, "gradients": 20000, "optimizer": 39000,
            "buffers": 1, "activations": 999, "unused": 500, "outside": 800, "neighbour": 0, "rest": 320}
    FRAMES = ["PATH 1 /srv/train.py", "PATH 2 /usr/lib/python3/site-packages/torch/optim/adam.py", "FRAME 1 0 1 43 main", "FRAME 2 1 2 99 Adam.step"]

    def oom(self, pid, at, wanted=512, frame=2):
        return [f"OOM {pid} 0 {wanted}.000000 {moment(at)} {frame} torch 2.11.0",
                *[f"OWED {pid} 0 {name} {mib}.000000 -" for name, mib in self.BILL.items()]]

    def gpu(self, n=20):
        return [f"GPU 0 {min(4000 * i, 81000)}.000000 {moment(i)} tree" for i in range(n)]

    def card(self, *records, status=1, end=20.5, **settings):
        return self.made(head("./train.py", **settings), self.FRAMES, memory([900] * 20, 1), self.gpu(),
                         ["META gpu0=A100 gpu0_total=81920"], *records, [f"EXIT {status} {moment(end)} 900.0 20 0"])

    def test_the_cause(self):
        why = self.card(self.oom(100, 20))
        self.assertEqual((why["cause"], why["end"]["kind"], why["next"]), ("optimizer-state", "card", "mprof-c plot a.dat"))
        self.assertEqual(why["end"]["known"], "estimate")  # nobody tells what ended it
        self.assertIn("exited with 1: GPU 0 had no memory left (model: the optimizer's state)", self.first)
        self.assertIn("512.0 MiB more was wanted at train.py:43 main", why["card"]["words"])

    def test_one_that_was_survived(self):
        why = self.card(self.oom(100, 10), status=0)
        self.assertEqual((why["cause"], why["end"]["kind"]), ("survived", "clean"))

    def test_one_long_before_the_end(self):
        why = self.card(self.oom(100, 10), end=600)
        self.assertEqual((why["end"]["kind"], why["end"]["words"]), ("exit", "exited with 1"))
        why = self.card(self.oom(100, 15.5))
        self.assertEqual((why["end"]["kind"], why["end"]["known"], why["end"]["words"]),
                         ("exit", "unknown", "exited with 1; 5.0 s earlier GPU 0 had no memory left; whether for that is not known"))

    def test_a_process_beside_the_program(self):
        why = self.card(self.oom(101, 10), status=0)
        self.assertIn("and the program went on; what became of process 101 is not known", why["card"]["words"])

    def test_of_very_many_the_last(self):
        many = [line for i in range(300) for line in self.oom(100, 5 + i / 100, frame=0)]
        why = self.card(many, self.oom(100, 20, wanted=77))
        self.assertIn("77.0 MiB more was wanted at train.py:43 main", why["card"]["words"])
        self.assertIn("it failed at least 301 times in all", why["card"]["by"])

    def test_the_first_rank_names_it(self):
        ranks = [f"PROC {pid} 100 {moment(0)} python" for pid in (101, 102)]
        why = self.card(ranks, self.oom(102, 19), self.oom(101, 20), [f"GONE {pid} {moment(20.2)} 900.0 1" for pid in (101, 102)], children=1)
        self.assertEqual(why["cause"], "optimizer-state")
        self.assertIn("first in process 102 python of 2", why["card"]["words"])
        self.assertEqual(why["ranks"], [{"pid": 101, "device": "0", "cause": "optimizer-state", "later_s": 1.0}])
        screen = self.mprof("why", "a.dat").stdout
        self.assertIn("beside it: process 101 python on GPU 0, 1.00 s later (model: the optimizer's state; 512.0", screen)
        report = self.mprof("report", "a.dat").stdout.splitlines()
        self.assertIn("first for process 102 python of 2, at 19.0 s (model: the optimizer's state). The card held", report[0])
        self.assertIn("GPU 0 had no memory left for process 101 python, 1.00 s later (model: the optimizer's state). The card held", report[1])
        cards = json.loads(self.mprof("report", "--json", "a.dat").stdout)["cards"]
        self.assertEqual([(c["pid"], c["cause"]) for c in cards], [(102, "optimizer-state"), (101, "optimizer-state")])
        for card in cards:
            self.assertAlmostEqual(sum(v for v in card["bill"]["rows"].values() if v), card["bill"]["total_mib"])

    def test_one_that_went_on_is_not_what_the_others_died_of(self):
        why = self.card([f"PROC {pid} 100 {moment(0)} python" for pid in (101, 102)], self.oom(101, 19), self.oom(102, 20),
                        [f"GONE 101 {moment(20.4)} 900.0 0", f"GONE 102 {moment(20.2)} 900.0 1"], children=1)
        self.assertEqual((why["cause"], why["ranks"]), ("optimizer-state", [{"pid": 101, "device": "0", "cause": "survived", "later_s": -1.0}]))
        self.assertNotIn("went on", why["card"]["words"])

    def test_the_bill_has_the_same_rows_everywhere(self):
        self.card(self.oom(100, 20))
        report, peak = (self.mprof(command, "a.dat").stdout for command in ("report", "peak"))
        table = [line.strip() for line in report[report.index("What held the card"):].splitlines()]
        table = table[:table.index(next(line for line in table if line.startswith("wanted beside"))) + 1]
        self.assertIn("all of the card                81920.0", table)
        for line in table:
            self.assertIn(line.replace("GPU 0", "").strip(), peak)
        rows = [line.rsplit(None, 1) for line in table[3:-2]]
        self.assertEqual(sum(float(value) for _, value in rows), 81920)

    def test_without_a_stack_it_is_not_data_or_model(self):
        self.assertNotIn(self.card(self.oom(100, 20, frame=0))["cause"],
                         ("model", "optimizer-state", "second-model", "first-batch", "one-batch", "varying-sizes"))

    def test_without_a_word_of_it(self):
        why = self.card()
        self.assertEqual((why["cause"], why["card"], why["end"]["kind"]), ("cannot-tell", None, "exit"))
        self.assertIn("whether it ended for that cannot be told", why["odd"][0]["words"])
        self.assertEqual(self.card(["META card_watched=torch"])["cause"], "none")
        self.assertEqual(self.card(status=0)["cause"], "cannot-tell")

    def test_where_nobody_was_there_who_would_tell_it_is_told_how(self):
        self.assertEqual(self.card()["next"], "mprof-c run ./train.py")
        for rest in ({"status": 0}, {"status": -9}):
            self.assertNotIn("mprof-c run", self.card(**rest)["next"])
        for said in ("card_watched=torch", "card_watched=torch card_lacks=old-torch", "gpu0_gone=1 card_lacks=bare-torch"):
            self.assertNotIn("mprof-c run", self.card([f"META {said}"])["next"])

    def test_where_torch_was_watched_and_none_failed(self):
        why = self.card(["META card_watched=torch"])
        self.assertEqual((why["cause"], why["card"], why["end"]["kind"]), ("none", None, "exit"))
        self.assertIn("no allocation of torch's failed", why["odd"][0]["words"])
        why = self.card(["META card_watched=torch card_lacks=old-torch"])
        self.assertEqual(why["cause"], "cannot-tell")
        self.assertIn("it takes torch 2.1 or later", why["odd"][0]["words"])

    def test_the_report_begins_with_it(self):
        grow = [f"GROW 900.000000 {moment(1)} 900.000000 100 100 1 fault"]
        self.write("a.dat", text(head("./train.py"), self.FRAMES, memory([900] * 20, 1), grow, self.gpu(), self.oom(100, 20)))
        self.assertIn("GPU 0 had no memory left (model: the optimizer's state). The card held weights ", self.mprof("report", "a.dat", status=0).stdout.splitlines()[1])


class Bad(Base):
    def test_what_is_no_recording(self):
        for content, status in BAD.items():
            self.write("bad.dat", content)
            self.refuses("why", "bad.dat", status=status)
        self.refuses("why", "none.dat", status=1)

    def test_a_file_cut_anywhere(self):
        whole = made.killed().encode()
        for n in range(200, len(whole), 97):
            self.write("a.dat", whole[:n])
            self.assertEqual(self.ask()["end"]["kind"], "oom" if b"killed_pid=100" in whole[:n] else "interrupted", n)

    def test_every_kind_of_recording(self):
        for name, make in made.ALL.items():
            with self.subTest(name):
                self.write("a.dat", make() if callable(make) else make)
                self.ask()


if __name__ == "__main__":
    lab.main()
