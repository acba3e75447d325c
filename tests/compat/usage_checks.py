"""memory_usage beside memory_profiler's, call by call: test_memory_usage.py runs this where both can be imported."""
import io
import subprocess
import sys
import time
import unittest

import memory_profiler
import mprof_c

THEIRS, OURS = memory_profiler.memory_usage, mprof_c.memory_usage


def shape(value):
    """What kind of thing it is; a list is told by the kinds of its elements."""
    if isinstance(value, list):
        return [sorted({repr(shape(element)) for element in value})]
    if isinstance(value, tuple):
        return tuple(shape(element) for element in value)
    return type(value).__name__


def highest(value):
    """The highest MiB in whatever was returned."""
    if isinstance(value, float):
        return value
    if isinstance(value, tuple):
        return highest(value[0])
    return max(highest(element) for element in value)


def hold(mib=40, seconds=0.3, result="x"):
    memory = bytearray(mib << 20)
    memory[::4096] = b"x" * len(memory[::4096])
    time.sleep(seconds)
    return result


class Calls(unittest.TestCase):
    def same(self, *args, least=1, delta=12, make=None, **kw):
        """Calls both, and compares what they return."""
        results = []
        for function in (THEIRS, OURS):
            proc = make() if make else None
            try:
                results.append(function(*((proc,) if make else args), **kw))
            finally:
                if proc:
                    proc.communicate(b"\n")
        theirs, ours = results
        self.assertEqual(shape(ours), shape(theirs))
        self.assertAlmostEqual(highest(ours), highest(theirs), delta=delta)
        if isinstance(ours, list):
            self.assertGreaterEqual(len(ours), least)
        return theirs, ours

    def test_functions(self):
        for proc in (hold, (hold,), (hold, (30,)), (hold, (), {"mib": 50}), [hold, (30, 0.3), {"result": None}]):
            with self.subTest(proc=proc):
                self.same(proc, interval=0.02, least=5)

    def test_figures_of_a_function(self):
        theirs, ours = self.same((hold, (60, 0.5)), interval=0.05)
        self.assertAlmostEqual(len(ours), len(theirs), delta=6)
        for figures in (theirs, ours):
            self.assertGreater(max(figures) - figures[0], 45)
            self.assertLess(figures[0], max(figures))

    def test_what_a_function_returns(self):
        for kw in (dict(), dict(max_usage=True), dict(timestamps=True), dict(max_usage=True, timestamps=True)):
            with self.subTest(kw=kw):
                for result in (7, None, [1], "text"):
                    theirs, ours = self.same((hold, (20, 0.2, result)), interval=0.02, retval=True, **kw)
                    self.assertEqual((ours[1], theirs[1]), (result, result))

    def test_options_of_a_function(self):
        for kw in (dict(max_usage=True), dict(timestamps=True), dict(include_children=True), dict(multiprocess=True),
                   dict(backend="psutil"), dict(timeout=1), dict(max_iterations=1), dict(max_usage=True, include_children=True),
                   dict(backend="psutil_uss"), dict(backend="psutil_pss", max_usage=True)):
            with self.subTest(kw=kw):
                # Theirs forks itself, and counts that as well.
                self.same((hold, (30, 0.25)), interval=0.02, delta=80 if kw.get("include_children") else 25, **kw)

    def test_moments_are_of_the_epoch(self):
        for _, at in OURS((time.sleep, (0.1,)), interval=0.02, timestamps=True):
            self.assertAlmostEqual(at, time.time(), delta=30)

    def test_this_process(self):
        self.same(-1)
        self.same()
        for kw in (dict(timestamps=True), dict(max_usage=True), dict(timeout=0.3), dict(timeout=0.3, max_usage=True),
                   dict(timeout=0.2, timestamps=True), dict(multiprocess=True), dict(multiprocess=True, timestamps=True)):
            with self.subTest(kw=kw):
                theirs, ours = self.same(-1, interval=0.05, **kw)
                if isinstance(ours, list):
                    self.assertEqual(len(ours), len(theirs))

    def child(self, seconds=None):
        code = "import sys; x = b'x' * (50 << 20); print(1, flush=True); sys.stdin.readline()"
        if seconds:
            code = f"import time; x = b'x' * (50 << 20); print(1, flush=True); time.sleep({seconds})"
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        return child

    def parent(self):
        code = ("import subprocess, sys\n"
                "c = subprocess.Popen([sys.executable, '-c', 'import sys; x = b\"x\" * (30 << 20); print(1, flush=True); "
                "sys.stdin.readline()'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
                "c.stdout.readline(); print(1, flush=True); sys.stdin.readline(); c.communicate()")
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        return child

    def test_another_process(self):
        for kw in (dict(), dict(timeout=0.3), dict(timeout=0.3, max_usage=True), dict(timestamps=True),
                   dict(include_children=True), dict(multiprocess=True), dict(multiprocess=True, timestamps=True)):
            with self.subTest(kw=kw):
                child = self.parent()
                try:
                    theirs, ours = self.same(child.pid, interval=0.05, delta=2, **kw)
                    if isinstance(ours, list):
                        self.assertEqual(len(ours), len(theirs))
                finally:
                    child.communicate(b"\n")

    def test_a_popen(self):
        for kw in (dict(timeout=0.3), dict(timeout=0.3, max_usage=True), dict(timeout=0.3, timestamps=True),
                   dict(timeout=0.3, include_children=True), dict(timeout=0.3, multiprocess=True),
                   dict(timeout=0.3, multiprocess=True, timestamps=True)):
            with self.subTest(kw=kw):
                self.same(make=self.parent, interval=0.05, delta=2, **kw)

    def test_a_popen_until_it_ends(self):
        self.same(make=lambda: self.child(0.5), interval=0.02, delta=2, max_usage=True)
        child = self.child(0.5)
        figures = OURS(child, interval=0.02)
        child.communicate()
        self.assertGreater(len(figures), 5)
        self.assertGreater(max(figures), 50)

    def test_streams(self):
        for kw in (dict(timeout=0.2), dict(timeout=0.2, multiprocess=True), dict(timeout=0.2, include_children=True)):
            streams = []
            for function in (THEIRS, OURS):
                child, stream = self.parent(), io.StringIO()
                self.assertIsNone(function(child, interval=0.05, stream=stream, **kw))
                child.communicate(b"\n")
                streams.append([line.split() for line in stream.getvalue().splitlines()])
            theirs, ours = streams
            self.assertEqual([(row[0], len(row)) for row in ours], [(row[0], len(row)) for row in theirs])
            self.assertEqual({len(field.partition(".")[2]) for row in ours for field in row[-1:]}, {4})

    def test_exceptions(self):
        for proc, kind in (((int, ("x",)), ValueError), ((hold, (), {}, 1), ValueError), ((lambda: 1 / 0,), ZeroDivisionError)):
            for function in (THEIRS, OURS):
                with self.assertRaises(kind):
                    function(proc, interval=0.02)
        for function in (THEIRS, OURS):
            with self.assertRaises(KeyError):
                function(-1, backend="none")
            with self.assertRaises(RuntimeError):
                function(hold, backend="tracemalloc")

    def test_their_arguments_in_their_order(self):
        self.same((hold, (20, 0.2)), 0.02, None, True)


if __name__ == "__main__":
    unittest.main()
