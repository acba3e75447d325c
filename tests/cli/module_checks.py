"""The Python module, checked from inside: test_module.py runs this under every Python that there is."""
import atexit
import builtins
import contextlib
import ctypes
import functools
import io
import mmap
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock

import mprof_c
from mprof_c._lines import LineProfiler, functions_of
from mprof_c._magics import UsageError

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
    """As much of IPython as the magics need."""

    def __init__(self):
        self.user_ns, self.magics = {}, {}

    def call(self, name, line, cell=None):
        """What it returns, and what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            returned = self.magics[name][1](line, cell)
        return returned, printed.getvalue()

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

    def test_what_memory_profilers_result_has(self):
        result = self.memit("-qoc -r2 -t 3 1")
        self.assertEqual((result.repeat, result.timeout, result.interval, result.include_children), (2, None, 0.01, True))
        self.assertFalse(result.exact)

    def test_bad_options(self):
        for line in ("-z 1", "-r", "-r abc 1", "-i 0 1", "-i nan 1"):
            with self.assertRaises(UsageError, msg=line):
                self.memit(line)
        self.assertIsNone(self.memit("-q -- -1"))


def grow(mib):
    kept = []
    for _ in range(2):
        kept.append(hold(mib // 2))
    spike = hold(20)
    spike.close()
    return kept


def first_line_of(function):
    return function.__code__.co_firstlineno


def down(n):
    kept = hold(4)
    return [kept, down(n - 1)] if n > 1 else [kept]


def each(n):
    for _ in range(n):
        yield hold(4)


class Things:
    @staticmethod
    def one():
        return 1

    @property
    def two(self):
        return hold(8)

    @functools.lru_cache()
    def three(self):
        return 3


class Lines(unittest.TestCase):
    def counted(self, things, statement, **kw):
        """{line, from 0 at its function's first: what was counted} of each function."""
        profiler = LineProfiler(**kw)
        for thing in things:
            profiler.add(thing)
        names = dict(globals())
        profiler.runctx(statement, names)
        tables = [{n - table.code.co_firstlineno: line for n, line in table.lines.items()} for table in profiler.tables]
        return profiler, tables

    def test_the_figures(self):
        profiler, (lines,) = self.counted([grow], "x = grow(30)")
        self.assertAlmostEqual(lines[3].increment, 30, delta=2)
        self.assertEqual([lines[n].occurrences for n in range(7)], [1, 1, 3, 2, 1, 1, 1])
        self.assertAlmostEqual(lines[4].increment, 20, delta=2)
        self.assertAlmostEqual(lines[5].increment, -20, delta=2)
        if profiler.peaks:
            self.assertAlmostEqual(lines[5].peak - lines[6].most, 20, delta=2)

    def test_a_short_peak_is_the_lines_and_its_callers(self):
        names = {"hold": hold}
        code = "def inner():\n    hold(40).close()\ndef outer():\n    inner()\n    return 1\n"
        exec(code, names)
        profiler = LineProfiler()
        profiler.add(names["inner"])
        profiler.add(names["outer"])
        profiler.runctx("outer()", names)
        if not profiler.peaks:
            self.skipTest("the high-water mark cannot be reset here")
        inner, outer = (table.lines for table in profiler.tables)
        for line in (inner[2], outer[4]):
            self.assertAlmostEqual(line.peak - line.most, 40, delta=2)
        self.assertLess(outer[5].peak - outer[5].most, 2)

    def test_recursion_and_generators_count_once(self):
        _, (lines, of_each) = self.counted([down, each], "x = down(5); y = list(each(3))")
        self.assertAlmostEqual(sum(line.increment for line in lines.values()), 20, delta=2)
        self.assertEqual(lines[1].occurrences, 5)
        self.assertAlmostEqual(of_each[2].increment, 12, delta=2)
        self.assertEqual((of_each[1].occurrences, of_each[2].occurrences), (4, 3))

    def test_whom_it_finds(self):
        self.assertEqual([name for _, name in functions_of(Things)], ["Things.one", "Things.two", "Things.three"])
        for thing in (Things().one, functools.partial(grow, 1), classmethod(grow)):
            self.assertEqual(len(list(functions_of(thing))), 1)
        self.assertEqual(list(functions_of(len)) + list(functions_of(3)), [])
        self.assertGreater(len(list(functions_of(textwrap))), 5)

    def test_threads_too(self):
        run = "t = threading.Thread(target=grow, args=(10,)); t.start(); t.join()"
        _, (lines,) = self.counted([grow], run)
        self.assertEqual(lines[3].occurrences, 2)

    def test_the_tracer_before_is_there_again(self):
        def tracer(frame, event, argument):
            return None
        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            with self.assertRaises(ZeroDivisionError):
                LineProfiler().runctx("1 / 0", {})
            self.assertIs(sys.gettrace(), tracer)
        finally:
            sys.settrace(before)

    def test_the_report(self):
        profiler, _ = self.counted([grow, down], "x = grow(10)", peaks=False)
        text = profiler.report(1)
        head = text.splitlines()[2]
        self.assertEqual(head.split(), ["Line", "#", "Mem", "usage", "Increment", "Occurrences", "Line", "Contents"])
        number = first_line_of(grow) + 3
        self.assertRegex(text, rf"(?m)^ *{number} +[\d.]+ MiB +[\d.]+ MiB +2           kept.append")
        self.assertTrue(text.endswith("never called: down\n"))

    def test_as_memory_profiler(self):
        try:
            import memory_profiler
        except ImportError:
            self.skipTest("no memory_profiler for this Python")
        theirs = memory_profiler.LineProfiler()
        theirs(grow)
        theirs.runctx("x = grow(40)", dict(globals()), {})
        (_, lines), = theirs.code_map.items()
        _, (ours,) = self.counted([grow], "x = grow(40)")
        seen = 0
        for number, figures in lines:
            at = number - first_line_of(grow)
            if figures and at > 0:
                seen += 1
                self.assertAlmostEqual(figures[0], ours[at].increment, delta=2)
                self.assertEqual(figures[2], ours[at].occurrences)
        self.assertEqual(seen, 6)


class Magics(unittest.TestCase):
    def setUp(self):
        self.shell = Shell()
        mprof_c.load_ipython_extension(self.shell)
        self.shell.user_ns.update(globals())

    def test_mprun(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "report")
            profiler, printed = self.shell.call("mprun", f"-r -f grow -f 'Things' -T {path} x = grow(10)")
            with open(path) as file:
                report = file.read()
        self.assertIn("kept.append", report)
        self.assertIn("never called: Things.one", report)
        self.assertIn(report.splitlines()[0], printed)
        self.assertIn("Profile printout saved to text file", printed)
        self.assertEqual(len(profiler.tables), 4)
        self.assertFalse(hasattr(builtins, "profile"))

    def test_mprun_of_what_is_marked_in_a_cell(self):
        returned, printed = self.shell.call("mprun", "-c", "@profile\ndef f():\n    return hold(8)\nx = f()\n")
        self.assertIsNone(returned)
        self.assertRegex(printed, r" 4 +[\d.]+ MiB +\d+\.\d+ MiB +1       return hold\(8\)")
        self.assertNotIn("Peak", printed)

    def test_mprun_prints_in_a_notebook(self):
        self.shell.kernel = self
        with unittest.mock.patch.dict(sys.modules, {"IPython.core.page": unittest.mock.Mock()}):
            _, printed = self.shell.call("mprun", "-f grow x = grow(2)")
        self.assertIn("kept.append", printed)

    def test_mprun_ends_and_faults(self):
        _, printed = self.shell.call("mprun", "-f grow grow(2); raise SystemExit")
        self.assertIn("kept.append", printed)
        self.assertIn("SystemExit exception caught", printed)
        with self.assertRaises(ZeroDivisionError):
            self.shell.call("mprun", "-f grow 1 / 0")
        for line in ("-f len 1", "-f nobody 1", "-m no.such.module 1", "-f", "-y 1"):
            with self.assertRaises(UsageError, msg=line):
                self.shell.call("mprun", line)
        _, printed = self.shell.call("mprun", "-m textwrap textwrap.dedent('a')")
        self.assertIn("def dedent", printed)
        _, printed = self.shell.call("mprun", "1")
        self.assertIn("no function was looked at", printed)

    def test_mprof(self):
        cell = "import time\nx = hold(30)\ndef f():\n    return hold(20)\ny = f()\n6 * 7\n"
        value, printed = self.shell.call("mprof", "", cell)
        self.assertEqual(value, 42)
        self.assertRegex(printed, r"peak [\d.]+ MiB \((exact|at least, from samples)\), [\d.]+ MiB above")
        self.assertRegex(printed, r"\+(2[89]|3[012])\.\d MiB  line 3  \| x = hold\(30\)")
        self.assertRegex(printed, r"\+(19|2[012])\.\d MiB  line 5  \| return hold\(20\)")
        self.assertNotIn("line 6", printed)  # it has been counted inside

    def test_mprof_returns_its_result(self):
        result, printed = self.shell.call("mprof", "-o -i 0.001 -f grow x = grow(30)")
        self.assertEqual(printed, "")
        self.assertGreater(result.increment, 25)
        self.assertEqual(result.peak, result.record.peak)
        self.assertEqual({place for _, place, _ in result.lines[:2]}, {"line 1", f"grow:{first_line_of(grow) + 3}"})
        data, sizes = result._repr_mimebundle_()
        self.assertEqual(list(data), ["text/plain", "text/html", "image/svg+xml", "image/png"])
        self.assertIn("<svg", data["image/svg+xml"])
        self.assertEqual(data["image/png"][:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", data["image/png"][16:24]), (2 * sizes["image/png"]["width"],
                                                                         2 * sizes["image/png"]["height"]))
        self.assertIn("x = grow(30)", data["text/plain"])
        self.assertEqual(list(result._repr_mimebundle_(include=["image/png"])[0]), ["image/png"])

    def test_mprof_without_lines_and_with_an_end(self):
        result, _ = self.shell.call("mprof", "-n -o 1")
        self.assertIsNone(result.lines)
        self.assertIn("not looked at", str(result))
        result, _ = self.shell.call("mprof", "-o 1")
        self.assertIn("no line added", str(result))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), self.assertRaises(ZeroDivisionError):
            self.shell.magics["mprof"][1]("", "x = hold(10)\n1 / 0\n")
        self.assertIn("x = hold(10)", printed.getvalue())
        with self.assertRaises(SyntaxError):
            self.shell.call("mprof", "", "1 +")

    def test_markup_is_text(self):
        result, _ = self.shell.call("mprof", "-o", "x = hold(5), '<script>&'\n")
        self.assertIn("&lt;script&gt;&amp;", result._repr_html_())
        self.assertNotIn("<script", result._repr_html_())

    def test_a_record_shows_itself(self):
        with mprof_c.record(0.001) as r:
            hold(10).close()
        self.assertTrue(r._repr_svg_().startswith("<svg"))
        self.assertIn("data:image/svg+xml;base64,", r._repr_html_())
        self.assertEqual(list(r._repr_mimebundle_()[0]), ["text/html", "image/svg+xml", "image/png"])
        empty = mprof_c.record()
        self.assertEqual((empty._repr_svg_(), empty._repr_html_(), empty._repr_mimebundle_()), (None, None, ({}, {})))

    def test_without_the_plotter_there_is_no_picture(self):
        with mprof_c.record(0.001) as r:
            pass
        with unittest.mock.patch("mprof_c._picture.find_plotter", side_effect=FileNotFoundError("no plotter")):
            self.assertIsNone(r._repr_svg_())
            self.assertIn("no picture: no plotter", r._repr_html_())
            self.assertEqual(list(r._repr_mimebundle_()[0]), ["text/html"])


class InIPython(unittest.TestCase):
    def setUp(self):
        try:
            from IPython.core.interactiveshell import InteractiveShell
        except ImportError:
            self.skipTest("no IPython for this Python")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.shell = InteractiveShell.instance(ipython_dir=folder.name)
        self.addCleanup(InteractiveShell.clear_instance)
        atexit.unregister(self.shell.atexit_operations)
        self.shell.history_manager.enabled = False
        self.shell.run_line_magic("load_ext", "mprof_c")

    def run_cell(self, text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            done = self.shell.run_cell(text)
        return done, printed.getvalue()

    def test_memit(self):
        result = self.shell.run_line_magic("memit", "-q -o x = bytearray(40 << 20)")
        self.assertGreater(result.increment, 30)

    def test_a_function_of_a_cell_line_by_line(self):
        self.run_cell("def f(n):\n    x = bytearray(n << 20)\n    return x\n")
        done, printed = self.run_cell("%mprun -r -f f x = f(40)")
        self.assertTrue(done.success, printed)
        self.assertIn("x = bytearray(n << 20)", done.result.report())
        self.assertGreater(done.result.tables[0].lines[2].increment, 30)

    def test_a_cell(self):
        done, printed = self.run_cell("%%mprof\nx = bytearray(50 << 20)\ny = !echo 3\ny[0]\n")
        self.assertEqual(done.result, "3", printed)
        self.assertRegex(printed, r"MiB  line 2  \| x = bytearray")
        done, printed = self.run_cell("%%mprof -y\n1\n")
        self.assertFalse(done.success)

    def test_what_is_handed_to_a_notebook(self):
        self.run_cell("import mprof_c\nwith mprof_c.record(0.001) as r:\n    pass\n")
        data, metadata = self.shell.display_formatter.format(self.shell.user_ns["r"])
        self.assertLessEqual({"text/plain", "text/html", "image/svg+xml", "image/png"}, set(data))
        self.assertEqual(metadata["image/png"]["width"], 900)
        self.assertTrue(data["text/plain"].startswith("<mprof_c.record"))
        self.shell.display_formatter.active_types = ["text/plain"]  # as in a terminal: nothing is drawn for nobody
        self.assertEqual(self.shell.user_ns["r"]._repr_mimebundle_(), ({}, {}))


if __name__ == "__main__":
    unittest.main()
