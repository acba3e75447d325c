"""Where no page fault is told of, growth is polled: by each thread's own faults, and never on a line that sleeps."""
import json
import shutil
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

WITHOUT = [lab.target("without"), "perf"]
ONES = list(pythons.supported().values())


def may_poll():
    """As it is told by another Python's memory, read by a program of ours; and perf can be refused."""
    if not ONES or subprocess.run([*WITHOUT, "true"]).returncode != 0:
        return False
    sleeper = subprocess.Popen([ONES[0], "-c", "import time; print(1, flush=True); time.sleep(60)"], stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    done = subprocess.run([lab.target("stacks"), str(sleeper.pid)], stdout=subprocess.PIPE, text=True)
    sleeper.kill()
    sleeper.wait()
    sleeper.stdout.close()
    return "\nT " in done.stdout


@unittest.skipIf(lab.SANITIZED, "its pace says nothing")
@unittest.skipUnless(may_poll(), "no CPython from 3.9 on here whose memory may be read, or perf cannot be refused")
class Polled(lab.Lab):
    def program(self, text):
        text = textwrap.dedent(text).lstrip()
        self.path = self.write("target.py", text)
        self.marks = {i: line.split("# ")[1].split()[0] for i, line in enumerate(text.splitlines(), 1) if "# " in line}

    def run_once(self, python, *options):
        done = subprocess.run([*WITHOUT, lab.MPROF, "run", "-q", "-o", "a.dat", *options, python, str(self.path)], cwd=self.folder,
                              env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)

    def shares(self):
        """{mark: MiB} of the lines that have one."""
        report = json.loads(self.mprof("report", "--json", "--top", "1000", "a.dat", status=0).stdout)
        found = {"GROWS": 0, "RESTS": 0}
        for row in report["yours"]:
            frame = row["frame"]
            if frame and frame["file"] == str(self.path) and frame["line"] in self.marks:
                found[self.marks[frame["line"]]] += row["grew_mib"]
        return found

    def looked(self, text, grows, python=None, options=()):
        """A machine that had no time to look is given more chances; of a line that rests the truth is wanted each time."""
        self.program(text)
        for _ in range(4):
            self.run_once(python or ONES[-1], *options)
            found = self.shares()
            self.assertLess(found["GROWS"], grows * 1.25)
            if found["GROWS"] >= grows * 0.6:
                self.assertLess(found["RESTS"], found["GROWS"] / 2)
                return found
        self.fail(f"{found} of {grows} MiB")

    SLEEPS = """
        import time
        def fill(kept):
            for i in range(30):
                kept.append(bytearray(2 << 20))  # GROWS
                time.sleep(.02)  # RESTS
        fill([])
        """

    def test_a_sleep_made_nothing(self):
        for python in ONES:
            with self.subTest(python=python):
                self.looked(self.SLEEPS, 60, python)

    def test_outside_of_any_function(self):
        self.looked("""
            import threading
            ended, kept = threading.Event(), []
            for i in range(25):
                kept.append(bytearray(3 << 20))  # GROWS
                ended.wait(.02)  # RESTS
            """, 75)

    def test_a_callee_that_sleeps(self):
        self.looked("""
            import time
            def make(n):
                return bytearray(n)  # GROWS
            def pause():
                time.sleep(.02)  # RESTS
            def both(kept):
                for i in range(25):
                    kept.append(make(3 << 20))
                    pause()  # RESTS
            both([])
            """, 75)

    def test_a_line_that_only_takes_time(self):
        self.looked("""
            def busy(n):
                return sum(i & 3 for i in range(n))  # RESTS
            def fill(kept):
                for i in range(25):
                    kept.append(bytearray(4 << 20))  # GROWS
                    busy(150000)  # RESTS
            fill([])
            """, 100)

    def test_the_holder_of_the_lock_is_not_who_grew(self):
        self.looked("""
            import ctypes, threading
            libc = ctypes.CDLL(None)
            libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
            libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
            def fill():
                for i in range(6):
                    libc.memset(libc.malloc(32 << 20), 1, 32 << 20)  # GROWS
            def beat(thread):
                n = 0
                while thread.is_alive():  # RESTS
                    n += 1  # RESTS
            thread = threading.Thread(target=fill)
            thread.start()
            beat(thread)  # RESTS
            """, 192)

    def test_two_threads_have_their_own(self):
        found = self.looked("""
            import threading, time
            def one(kept):
                for i in range(25):
                    kept.append(bytes(3 << 20) + b"-")  # GROWS
                    time.sleep(.015)  # RESTS
            def other(kept):
                while len(kept) < 25:
                    time.sleep(.001)  # RESTS
            kept = []
            threads = [threading.Thread(target=one, args=(kept,)), threading.Thread(target=other, args=(kept,))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()  # RESTS
            """, 78)
        self.assertGreater(found["GROWS"], 40)

    def test_one_among_very_many(self):
        self.looked("""
            import threading, time
            ended = threading.Event()
            for i in range(150):
                threading.Thread(target=ended.wait).start()
            def fill(kept):
                for i in range(25):
                    kept.append(bytearray(3 << 20))  # GROWS
                    time.sleep(.02)  # RESTS
            thread = threading.Thread(target=fill, args=([],))
            thread.start()
            thread.join()  # RESTS
            ended.set()
            """, 75)

    @unittest.skipUnless(shutil.which("gcc"), "no gcc here")
    def test_a_thread_without_python(self):
        self.write("grow.c", "#include <pthread.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
                   "static pthread_t thread;\nstatic void *grow(void *x)\n{\n\tfor (int i = 0; i < 16; i++, usleep(20000))\n"
                   "\t\tmemset(malloc(8 << 20), 1, 8 << 20);\n\treturn x;\n}\n"
                   "void begin(void) { pthread_create(&thread, NULL, grow, NULL); }\nvoid end(void) { pthread_join(thread, NULL); }\n")
        subprocess.run(["gcc", "-w", "-shared", "-fPIC", "-pthread", "-o", "libgrow.so", "grow.c"], cwd=self.folder, check=True)
        self.program(f"""
            import ctypes, time
            lib = ctypes.CDLL("{self.folder}/libgrow.so")
            lib.begin()
            for i in range(40):
                time.sleep(.01)  # RESTS
            lib.end()  # RESTS
            """)
        self.run_once(ONES[-1])
        self.assertLess(self.shares()["RESTS"], 16)
        rows = [r for r in self.recording() if r[0] == "GROW" and r[6:7] == ["0"] and r[5] not in ("0", r[4])]
        self.assertGreater(sum(float(r[1]) for r in rows), 90)
        self.assertEqual({r[5] for r in rows}, {rows[0][5]})

    def test_all_of_it_is_marked(self):
        self.looked("""
            def fill(n):
                return [{"a": i, "b": str(i)} for i in range(n)]  # GROWS
            kept = fill(150000)
            """, 45)
        hows = {tuple(r[7:]) for r in self.recording() if r[0] == "GROW" and r[5] != "0"}
        self.assertEqual(hows, {("polled",)})

    def test_attached(self):
        self.program("import time\ntime.sleep(1)\n" + textwrap.dedent(self.SLEEPS))
        target = subprocess.Popen([ONES[-1], str(self.path)], cwd=self.folder, env=self.env)
        try:
            subprocess.run([*WITHOUT, lab.MPROF, "attach", "-q", "-o", "a.dat", str(target.pid)], cwd=self.folder,
                           env=self.env, stdin=subprocess.DEVNULL, timeout=60, check=True)
        finally:
            target.kill()
            target.wait()
        found = self.shares()
        self.assertGreater(found["GROWS"], 30)
        self.assertLess(found["RESTS"], found["GROWS"] / 2)


if __name__ == "__main__":
    lab.main()
