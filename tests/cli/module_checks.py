"""The Python module, checked from inside: test_module.py runs this under every Python that there is."""
import atexit
import ctypes
import io
import mmap
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest

import mprof_c

MIB = 1 << 20
try:
    import numpy
except ImportError:
    numpy = None


def hold(mib):
    """Touches memory that goes back to the system when it is closed."""
    memory = mmap.mmap(-1, mib * MIB)
    for _ in range(mib):
        memory.write(b"x" * MIB)
    return memory


class Recording(unittest.TestCase):
    def test_a_sort_in_two_lines(self):
        # In the place of a thread that appends psutil's rss to a list until a flag falls.
        with mprof_c.record(interval=0.01) as r:
            data = sorted(range(3_000_000, 0, -1))
        self.assertEqual(data[0], 1)
        self.assertGreater(len(r.samples), 5)
        self.assertGreater(r.increment, 20)
        self.assertGreaterEqual(r.peak, max(mib for _, mib in r.samples))
        self.assertEqual(r.baseline, r.samples[0][1])
        self.assertFalse(r.running)
        gaps = [b - a for (a, _), (b, _) in zip(r.samples, r.samples[1:])]
        self.assertGreater(min(gaps), 0)

    def test_the_gil_is_not_wanted(self):
        for _ in range(8):  # a busy machine may keep the thread waiting, but not again and again
            with mprof_c.record(interval=0.005) as r:
                begin = time.monotonic()
                while time.monotonic() - begin < 0.5:
                    3 ** 300000  # a C call that holds the GIL, again and again
            self.assertGreater(len(r.samples) + r.missed, 99)
            if len(r.samples) > 50:
                break
        self.assertGreater(len(r.samples), 50)

    def test_samples_are_a_buffer(self):
        with mprof_c.record(interval=0.001) as r:
            time.sleep(0.05)
        view = memoryview(r.samples)
        self.assertEqual((view.shape, view.format, view.itemsize, view.readonly), ((len(r.samples), 2), "d", 8, True))
        self.assertEqual([tuple(row) for row in view.tolist()], list(r.samples))
        self.assertEqual(len(bytes(r.samples)), 16 * len(r.samples))
        sink = io.BytesIO()
        self.assertEqual(sink.write(r.samples), 16 * len(r.samples))
        self.assertIs(r.samples, r.samples)
        samples = r.samples
        del r  # a buffer outlives its recorder
        self.assertEqual(samples[-1], tuple(view.tolist()[-1]))
        self.assertEqual(samples[1:3], list(samples)[1:3])
        self.assertEqual(samples[::-2], list(samples)[::-2])
        with self.assertRaises(IndexError):
            samples[len(samples)]
        with self.assertRaises(TypeError):
            samples["a"]
        with self.assertRaises((BufferError, TypeError)):
            (ctypes.c_char * 8).from_buffer(samples)

    @unittest.skipUnless(numpy, "no numpy for this Python")
    def test_numpy_copies_nothing(self):
        with mprof_c.record(interval=0.001) as r:
            time.sleep(0.02)
        one, two = numpy.asarray(r.samples), numpy.asarray(r.samples)
        self.assertEqual((one.shape, one.dtype.str[1:], one.base is None), ((len(r.samples), 2), "f8", False))
        self.assertTrue(numpy.shares_memory(one, two))

    def test_a_short_spike(self):
        hold(300).close()  # an older, higher mark
        with mprof_c.record(interval=1) as r:
            before = mprof_c.rss()
            spike = mmap.mmap(-1, 200 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x8000)  # MAP_POPULATE
            spike.close()
        if not r.exact:
            self.skipTest("the high-water mark cannot be reset here")
        # The kernel keeps both figures in batches of 32 pages a CPU: some 256 KiB apart on a small machine.
        self.assertAlmostEqual(r.peak, before + 200, delta=1)
        self.assertLess(max(mib for _, mib in r.samples), before + 100)

    def test_the_peak_is_getrusages(self):
        self.assertEqual(mprof_c.peak() * 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        self.assertLessEqual(mprof_c.rss(), mprof_c.peak() + 1)

    def test_it_can_be_looked_at_while_it_runs(self):
        r = mprof_c.record(0.002).start()
        seen = []
        for _ in range(5):
            time.sleep(0.02)
            self.assertTrue(r.running)
            seen.append(len(r.samples))
        self.assertIn("running", repr(r))
        r.stop()
        r.stop()
        self.assertEqual(seen, sorted(seen))
        self.assertGreater(seen[-1], seen[0])
        self.assertGreater(r.seconds, 0.09)
        self.assertAlmostEqual(r.start_time + r.seconds, time.time(), delta=60)

    def test_it_can_be_started_again(self):
        r = mprof_c.record(0.01)
        for _ in range(3):
            with r:
                self.assertEqual(len([r.samples]), 1)
                self.assertRaises(RuntimeError, r.start)
            self.assertLess(r.seconds, 5)

    def test_bounds(self):
        for bound in ("thin", "ring"):
            with mprof_c.record(0.0005, most=10, bound=bound) as r:
                time.sleep(0.1)
                self.assertLessEqual(len(r.samples), 13)
            self.assertLessEqual(len(r.samples), 10)

    def test_every_metric_and_children(self):
        child = subprocess.Popen([sys.executable, "-c", "x = b'x' * (60 << 20); print(1, flush=True); input()"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        for metric in ("rss", "pss", "uss"):
            try:
                with mprof_c.record(metric=metric) as alone:
                    pass
                with mprof_c.record(metric=metric, include_children=True) as tree:
                    pass
            except OSError as error:
                self.assertNotEqual(metric, "rss", error)
                continue
            self.assertGreater(tree.baseline, alone.baseline + 40)
            self.assertFalse(tree.exact)
        child.communicate(b"\n")

    def test_bad_arguments(self):
        for bad in (dict(interval=-1), dict(interval=float("nan")), dict(metric="vss"), dict(most=3),
                    dict(most=0), dict(most=-1), dict(bound="none")):
            with self.assertRaises(ValueError, msg=bad):
                mprof_c.record(**bad).start()
        with self.assertRaises(FileNotFoundError):
            mprof_c.record(path="/no/such/folder/a.dat").start()
        with self.assertRaises(RuntimeError):
            mprof_c.record().samples
        with self.assertRaises(ValueError):
            mprof_c.mark("a\0b")
        with self.assertRaises(TypeError):
            mprof_c.mark(3)

    def test_an_exception_passes_and_ends_it(self):
        r = mprof_c.record()
        with self.assertRaises(ZeroDivisionError):
            with r:
                1 / 0
        self.assertFalse(r.running)

    def test_a_forked_child_has_no_recorder(self):
        with mprof_c.record(0.001) as r:
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    self.assertFalse(r.running)
                    self.assertGreater(len(r.samples), 0)
                    with self.assertRaises(ProcessLookupError):
                        r.stop()
                    with self.assertRaises(ProcessLookupError):
                        r.save("never.dat")
                    with mprof_c.record() as own:
                        pass
                    self.assertGreater(own.peak, 1)
                    r.__exit__(None, None, None)
                    code = 0
                finally:
                    os._exit(code)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.assertTrue(r.running)

    def test_descriptors_that_are_the_programs_by_now(self):
        """Where ours stood, before the program closed all that it did not open: not written to, nor read, nor closed."""
        code = textwrap.dedent("""
            import mprof_c, os, time
            text = b"1 1 1\\nVmRSS: 1 kB\\n"
            for metric in ("rss", "swap"):
                memory, file = mprof_c.record(0.002, metric=metric), mprof_c.record(0.002, path="taken.dat", metric=metric)
                memory.start()
                file.start()
                time.sleep(0.02)
                os.closerange(3, 65536)
                mine = [os.open("mine", os.O_RDWR | os.O_CREAT | os.O_TRUNC)]
                mine += [os.dup(mine[0]) for _ in range(40)]
                os.write(mine[0], text)
                before = len(memory.samples)
                while len(memory.samples) < before + 5:
                    time.sleep(0.002)
                for act in (lambda: mprof_c.mark("here"), file.stop):
                    try:
                        act()
                    except OSError as error:
                        assert error.errno == 9, error
                memory.stop()
                with open("mine", "rb") as written:
                    assert written.read() == text
                assert [os.fstat(fd).st_size for fd in mine] == [len(text)] * 41
                assert metric != "rss" or min(mib for _, mib in memory.samples) > 1
                os.closerange(3, 65536)
            print("done")
        """)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder,
                                  timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b"done\n"))

    def test_many_threads(self):
        def work():
            for _ in range(20):
                with mprof_c.record(0.0005), mprof_c.call("work"):
                    mprof_c.mark("here")
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertNotIn("mprof", [thread.name for thread in threading.enumerate()])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def lines(self, name, *kinds):
        with open(os.path.join(self.folder, name)) as recording:
            return [line.split() for line in recording if line.split()[0] in kinds]

    def test_what_is_saved_and_what_is_written_at_once(self):
        path = os.path.join(self.folder, "now.dat")
        with mprof_c.record(0.01, path=path) as r, mprof_c.call("all of it"):
            mprof_c.mark("epoch 3")
            self.assertEqual(len(self.lines("now.dat", "MARK")), 1)
            self.assertRaises(KeyError, mprof_c.call("fails")({}.pop), "x")
            time.sleep(0.03)
        mprof_c.mark("too late")
        r.save(os.path.join(self.folder, "saved.dat"))
        for name in ("now.dat", "saved.dat"):
            self.assertEqual(len(self.lines(name, "MEM")), len(r.samples))
            self.assertEqual([line[3:] for line in self.lines(name, "MARK")], [["epoch", "3"]])
            self.assertEqual([(line[1], line[-1]) for line in self.lines(name, "FUNC")], [("fails", "1"), ("all_of_it", "0")])
        self.assertEqual(self.lines("saved.dat", "EXIT")[0][4], str(len(r.samples)))

    def test_any_path(self):
        for path in (os.path.join(os.fsencode(self.folder), b"\xff.dat"), os.path.join(self.folder, "\udcfe.dat"),
                     pathlib.Path(self.folder, "é.dat")):
            with mprof_c.record(path=path) as r:
                pass
            with open(path, "rb") as recording:
                written = recording.read()
            self.assertIn(b"\nMEM ", written)
            r.save(path)
            with open(path, "rb") as recording:
                self.assertIn(b"\nMEM ", recording.read())

    def test_plot(self):
        with mprof_c.record(0.001) as r:
            hold(20).close()
        path = os.path.join(self.folder, "a.png")
        r.plot(path)
        with open(path, "rb") as picture:
            self.assertEqual(picture.read(8), b"\x89PNG\r\n\x1a\n")
        r.plot(os.path.join(self.folder, "a.svg"), "-t", "a title", "--size", "400x300")
        with open(os.path.join(self.folder, "a.svg")) as picture:
            self.assertIn("a title", picture.read())
        with self.assertRaisesRegex(RuntimeError, "mprof-c"):
            r.plot(os.path.join(self.folder, "a.png"), "--no-such-option")


class Usage(unittest.TestCase):
    def test_a_function_is_called_once(self):
        calls = []
        figures, returned = mprof_c.memory_usage((calls.append, (1,)), retval=True)
        self.assertEqual((calls, returned), ([1], None))
        self.assertTrue(figures and all(isinstance(figure, float) for figure in figures))

    def test_its_peak_is_exact(self):
        before = mprof_c.rss()
        most = mprof_c.memory_usage((lambda: hold(150).close(),), max_usage=True)
        self.assertAlmostEqual(most, before + 150, delta=20)

    def test_an_exception_passes(self):
        with self.assertRaises(ZeroDivisionError):
            mprof_c.memory_usage(lambda: 1 / 0)
        with self.assertRaises(SystemExit):
            mprof_c.memory_usage(sys.exit)

    def test_a_stream(self):
        stream = io.StringIO()
        self.assertIsNone(mprof_c.memory_usage((time.sleep, (0.05,)), interval=0.01, stream=stream))
        rows = [line.split() for line in stream.getvalue().splitlines()]
        self.assertGreater(len(rows), 2)
        self.assertEqual({(row[0], len(row)) for row in rows}, {("MEM", 3)})

    def test_who_is_not_there(self):
        child = subprocess.Popen(["true"])
        child.wait()
        self.assertEqual(mprof_c.memory_usage(child), [])
        with self.assertRaises(ProcessLookupError):
            mprof_c.memory_usage(child.pid)
        with self.assertRaises(ValueError):
            mprof_c.memory_usage(backend="none")
        with self.assertRaises(ValueError):
            mprof_c.memory_usage((len, (), {}, 1))


class Shell:
    """As much of IPython as %memit needs."""

    def __init__(self):
        self.user_ns, self.magics = {}, {}

    def register_magic_function(self, function, kind, name):
        self.magics[name] = (kind, function)


class Memit(unittest.TestCase):
    def setUp(self):
        self.shell = Shell()
        mprof_c.load_ipython_extension(self.shell)
        self.kind, self.memit = self.shell.magics["memit"]

    def test_a_line(self):
        self.assertEqual(self.kind, "line_cell")
        result = self.memit("-q -o -r 2 -i 0.01 x = bytearray(30 << 20); y = 1")
        self.assertEqual(len(result.mem_usage), 2)
        self.assertEqual(len(self.shell.user_ns["x"]), 30 << 20)
        self.assertAlmostEqual(result.increment, 30, delta=35)
        self.assertGreater(result.increment, 25)
        self.assertRegex(str(result), r"^peak memory: \d+\.\d\d MiB, increment: \d+\.\d\d MiB$")

    def test_a_cell(self):
        result = self.memit("-qo x = bytearray(60 << 20)", "y = bytearray(x[:20 << 20])\ndel y\n")
        self.assertLess(result.increment, 50)
        self.assertIsNone(self.memit("-q 1"))

    def test_in_ipython_itself(self):
        try:
            from IPython.core.interactiveshell import InteractiveShell
        except ImportError:
            self.skipTest("no IPython for this Python")
        with tempfile.TemporaryDirectory() as folder:
            shell = InteractiveShell(ipython_dir=folder)
            atexit.unregister(shell.atexit_operations)
            shell.history_manager.enabled = False
            self.check_ipython(shell)

    def check_ipython(self, shell):
        shell.run_line_magic("load_ext", "mprof_c")
        result = shell.run_line_magic("memit", "-q -o x = bytearray(40 << 20)")
        self.assertGreater(result.increment, 30)


if __name__ == "__main__":
    unittest.main()
