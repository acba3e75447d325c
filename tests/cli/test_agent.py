"""Inside Python: calls and lines, counted exactly, by every CPython at hand, and nothing else changed for the program."""
import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons
import terminals

MIB = 1 << 20


class Agent(lab.Lab):
    """`line` gives the lines of the report, by their text; `calls` the FUNC records."""

    @classmethod
    def setUpClass(cls):
        if not pythons.supported():
            raise unittest.SkipTest("no CPython 3.9 or later here")

    def setUp(self):
        super().setUp()
        self.env["MALLOC_MMAP_THRESHOLD_"] = "131072"  # what is freed goes back at once

    def script(self, text, name="script.py"):
        return self.write(name, textwrap.dedent(text).lstrip("\n"))

    def each(self, found=None):
        """Each Python in turn; where a test fails, it says with which."""
        for version, path in (found or pythons.supported()).items():
            self.env["MPROF_PYTHON"] = path
            passed = False
            try:
                yield version, path
                passed = True
            finally:
                if not passed:
                    print(f"# with CPython {pythons.named([version])}", flush=True)

    def line(self, *words, status=0, quiet=True, **kw):
        """The report as {source text, stripped: its row}; of a text that stands twice, the last."""
        done = self.mprof("line", "-q", "--recording", "a.dat", "-o", "report.json", "--json", *words, status=status, **kw)
        if quiet:
            self.assertEqual(done.stderr, "", done.stderr)
        self.out, self.err = done.stdout, done.stderr
        self.report = json.loads((self.folder / "report.json").read_text())
        return {row.get("source", "").strip(): row for function in self.report for row in function["lines"]}

    def run_agent(self, *words, status=0, quiet=True, **kw):
        done = self.mprof("run", "-q", "-o", "a.dat", *words, status=status, **kw)
        if quiet:
            self.assertEqual(done.stderr, "", done.stderr)
        self.out, self.err = done.stdout, done.stderr
        return done

    def calls(self):
        """(name, level, growth MiB, seconds) of each call, in the order of their ends."""
        return [(r[1], int(r[6]), float(r[4]) - float(r[2]), float(r[5]) - float(r[3]))
                for r in self.recording() if r[0] == "FUNC"]

    def left_open(self):
        ended = {(r[1], r[3], r[6]) for r in self.recording() if r[0] == "FUNC"}
        return [r[1] for r in self.recording() if r[0] == "ENTER" and (r[1], r[3], r[4]) not in ended]

    def talk(self, fd, words):
        """What a program at a terminal says, each word given to pdb when it asks."""
        said, deadline = "", time.monotonic() + 40
        while time.monotonic() < deadline:
            if select.select([fd], [], [], 1)[0]:
                try:
                    data = os.read(fd, 4096)
                except OSError:
                    break
                if not data:
                    break
                said += data.decode(errors="replace")
            if words and said.endswith("(Pdb) "):
                os.write(fd, words.pop(0).encode() + b"\n")
        os.close(fd)
        return said


GROWS = """
    import time

    @profile
    def grow(n):
        a = bytearray(n << 20)
        b = [b'x' * (n << 18) for _ in range(4)]
        len(a + a)
        del b
        return a

    keep = [grow(8) for _ in range(2)]
    grow(40)
"""


class Lines(Agent):
    def test_columns_are_memory_profilers_with_one_more(self):
        self.script(GROWS)
        done = self.mprof("line", "-q", "script.py", status=0)
        rows = done.stdout.splitlines()
        self.assertEqual(rows[0], f"Filename: {self.folder.resolve()}/script.py")
        self.assertEqual(rows[2], "Line #    Mem usage    Increment         Peak  Occurrences   Line Contents")
        self.assertEqual(rows[3], "=" * len(rows[2]))
        self.assertRegex(rows[4], r"^ {5}3 +\d+\.\d{3} MiB +-?\d+\.\d{3} MiB +\d+\.\d{3} MiB {11}3   @profile$")
        self.assertEqual(rows[5], " " * 5 + "4" + " " * 54 + "def grow(n):")
        self.assertEqual([row[:6].strip() for row in rows[4:11]], list("3456789"))
        self.assertEqual(done.stdout[-3:], "\n\n\n")

    def test_every_python_counts_the_same(self):
        pythons.announce()
        self.script(GROWS)
        for version, _ in self.each():
            rows = self.line("script.py")
            self.assertEqual(rows["@profile"]["occurrences"], 3)
            self.assertEqual(rows["return a"]["occurrences"], 3)
            self.assertAlmostEqual(rows["a = bytearray(n << 20)"]["increment"], 56, delta=1.5)
            self.assertAlmostEqual(rows["b = [b'x' * (n << 18) for _ in range(4)]"]["increment"], 56, delta=1.5)
            self.assertAlmostEqual(rows["del b"]["increment"], -56, delta=1.5)
            self.assertEqual(self.report[0]["function"], "__main__.grow")
            self.assertEqual(len(self.report[0]["processes"]), 1)

    def test_peak_shows_what_is_freed_in_the_line(self):
        self.script(GROWS)
        for _ in self.each():
            row = self.line("script.py")["len(a + a)"]
            self.assertLess(abs(row["increment"]), 1.5)
            self.assertAlmostEqual(row["peak"] - row["mib"], 80, delta=2)

    def test_peak_of_a_callee_is_its_callers_too(self):
        self.script("""
            def inner():
                return len(b'x' * (60 << 20))
            @profile
            def middle():
                return inner()
            @profile
            def outer():
                x = middle()
                return x
            outer()
        """)
        for _ in self.each():
            rows = self.line("script.py")
            for text in ("x = middle()", "return inner()"):
                self.assertAlmostEqual(rows[text]["peak"] - rows[text]["mib"], 60, delta=2)
            self.assertLess(rows["return x"]["peak"] - rows["return x"]["mib"], 2)

    def test_peak_before_a_call_is_the_calling_lines(self):
        self.script("""
            @profile
            def inner(n):
                return n
            @profile
            def outer():
                x = inner(len(b'x' * (60 << 20)))
                return x
            outer()
        """)
        for _ in self.each(pythons.one_of_each_way()):
            rows = self.line("script.py")
            for text, above in (("x = inner(len(b'x' * (60 << 20)))", 60), ("return n", 0), ("return x", 0)):
                self.assertAlmostEqual(rows[text]["peak"] - rows[text]["mib"], above, delta=2, msg=text)

    def test_recording_keeps_the_exact_peak(self):
        self.script(GROWS)
        self.line("script.py")
        exit_row = next(r for r in self.recording() if r[0] == "EXIT")
        gone = next(r for r in self.recording() if r[0] == "GONE")
        self.assertGreater(float(exit_row[3]), 40 * 4)
        self.assertGreater(float(gone[3]), 40 * 4)

    def test_increments_of_recursion_add_up(self):
        self.script("""
            kept = []
            @profile
            def down(n):
                if n:
                    down(n - 1)
                kept.append(bytearray(2 << 20))
            down(9)
        """)
        for _ in self.each():
            rows = self.line("script.py")
            own = rows["kept.append(bytearray(2 << 20))"]
            self.assertEqual(own["occurrences"], 10)
            self.assertAlmostEqual(own["increment"], 20, delta=1)
            self.assertEqual(rows["down(n - 1)"]["occurrences"], 9)
            self.assertAlmostEqual(rows["down(n - 1)"]["increment"], 0, delta=1)

    def test_increments_of_a_table_add_up_to_what_grew(self):
        self.script("""
            kept = []
            @profile
            def whole():
                def inner(n):
                    return b'x' * (n << 20)
                kept.append([b'x' * (2 << 20) for _ in range(5)])
                kept.append([inner(3), inner(4)])
                kept.extend(b'x' * (1 << 20) for _ in range(6))
                kept.append(other(8))
            @profile
            def other(n):
                return b'x' * (n << 20)
            whole()
        """)
        for _ in self.each():
            rows = self.line("script.py")
            sums = {f["function"]: sum(row["increment"] for row in f["lines"]) for f in self.report}
            self.assertAlmostEqual(sums["__main__.whole"], 10 + 7 + 6 + 8, delta=1.5)
            self.assertAlmostEqual(sums["__main__.other"], 8, delta=1)
            self.assertAlmostEqual(rows["kept.append([b'x' * (2 << 20) for _ in range(5)])"]["increment"], 10, delta=1)
            self.assertAlmostEqual(rows["kept.append([inner(3), inner(4)])"]["increment"], 0, delta=1)
            self.assertAlmostEqual(rows["return b'x' * (n << 20)"]["increment"], 8, delta=1)

    def test_short_lines_are_measured_together_or_each(self):
        self.script("""
            @profile
            def fill(n):
                kept = []
                for i in range(n):
                    kept.append(bytes(1000))
                return kept
            x = fill(30000)
        """)
        for _ in self.each(pythons.one_of_each_way()):
            for options in ((), ("--every-line",)):
                rows = self.line(*options, "script.py")
                self.assertEqual(rows["kept.append(bytes(1000))"]["occurrences"], 30000)
                # Of lines that are measured together any may be the last: how they share depends on the machine's haste.
                together = [rows["kept.append(bytes(1000))"]["increment"], rows["for i in range(n):"]["increment"]]
                self.assertAlmostEqual(sum(together) if not options else together[0], 30, delta=3)

    def test_options(self):
        self.script(GROWS)
        done = self.mprof("line", "-q", "--precision", "1", "-o", "r.txt", "script.py", status=0)
        self.assertEqual(done.stdout, "")
        self.assertRegex((self.folder / "r.txt").read_text(), r"(?m)^     3 +\d+\.\d MiB +-?\d+\.\d MiB +\d+\.\d MiB ")
        self.refuses("line", says="name the script")
        self.refuses("line", "--precision", "7", "script.py", says="0 to 6")
        self.refuses("line", "--break-at", "much", "script.py", says="a size")
        self.refuses("line", "--func", "", "script.py", says="a pattern")
        self.refuses("line", "-o", "/no/such/folder/r", "script.py", status=1, says="cannot write the report to")

    def test_a_recording_that_is_no_file(self):
        self.script(GROWS)
        os.mkfifo(self.folder / "pipe")
        for name in ("pipe", "/dev/null"):
            self.refuses("line", "--recording", name, "script.py", says="must be a file")

    def test_status_is_the_scripts(self):
        self.script("import sys\n@profile\ndef f(): sys.exit(7)\nf()\n")
        self.assertEqual(self.line("script.py", status=7)["def f(): sys.exit(7)"]["occurrences"], 1)

    def test_module(self):
        (self.folder / "pack").mkdir()
        self.write("pack/__init__.py", "")
        self.write("pack/__main__.py", "import sys\n@profile\ndef f(x):\n    print(x, __name__)\nf(sys.argv[1])\n")
        for _ in self.each(pythons.one_of_each_way()):
            self.assertEqual(self.line("-m", "pack", "-x")["print(x, __name__)"]["occurrences"], 1)
            self.assertEqual(self.out, "-x __main__\n")

    def test_a_script_that_is_not_there(self):
        done = self.mprof("line", "nosuch.py", status=2)
        self.assertIn("No such file", done.stderr)
        self.assertNotIn("looked at", done.stderr)

    def test_nothing_marked_is_told(self):
        self.script("print(1)\n")
        self.line("script.py", quiet=False)
        self.assertIn("no function was looked at: mark one with @profile", self.err)
        self.line("--func", "nosuch.*", "script.py", quiet=False)
        self.assertIn("no function was looked at: none that the program loaded", self.err)

    def test_names_and_paths_of_any_script(self):
        folder = self.folder / "ein Ordner ‘é’"
        folder.mkdir()
        name = folder / "größe: 12.py"
        name.write_text("@profile\ndef später(größe):\n    return bytes(größe << 20)\nspäter(3)\n")
        for _ in self.each(pythons.one_of_each_way()):
            rows = self.line(name)
            self.assertEqual(rows["return bytes(größe << 20)"]["occurrences"], 1)
            self.assertEqual((self.report[0]["file"], self.report[0]["function"]), (str(name), "__main__.später"))

    def test_a_relative_path_is_found_after_chdir(self):
        self.script("import os\n@profile\ndef f():\n    os.chdir('/')\nf()\n")
        self.assertIn("os.chdir('/')", self.line("script.py"))


TRUTH = """
    import asyncio, sys, threading

    def gen(n):
        for i in range(n):
            x = yield i
        return 5
    def use_gen():
        t = 0
        for a in gen(3):
            for b in gen(2):
                t += a + b
        return t
    async def co(k):
        s = 0
        for i in range(k):
            await asyncio.sleep(0)
            s += i
        return s
    async def agen(k):
        for i in range(k):
            yield i
    async def amain():
        async for x in agen(3):
            pass
        return await asyncio.gather(co(3), co(5), co(2))
    def thrower(n):
        if n == 0:
            raise ValueError("x")
        return thrower(n - 1)
    def catcher():
        c = 0
        for i in range(3):
            try:
                thrower(i)
            except ValueError:
                c += 1
            finally:
                c += 10
        return c
    def rec(n):
        if n <= 0:
            return 0
        a = rec(n - 1)
        b = rec(n - 2)
        return a + b
    def gthrow():
        g = gen(10)
        next(g)
        try:
            g.throw(KeyError)
        except KeyError:
            pass
        g2 = gen(10)
        next(g2)
        g2.close()
        g3 = gen(4)
        next(g3)
        del g3
        return 1
    class C:
        @property
        def p(self):
            return 4
        @staticmethod
        def s(a, b=2):
            with open('/dev/null') as f:
                f.read()
            return a + b
        @classmethod
        def c(cls):
            return (lambda q:
                    q + 1)(3)
    def thr():
        t = 0
        for i in range(500):
            t += i
        return t
    TARGETS = [gen, use_gen, co, agen, amain, thrower, catcher, rec, gthrow, C.p.fget, C.s, C.c.__func__, thr]
    def main():
        use_gen(); asyncio.run(amain()); catcher(); rec(6); gthrow(); C().p; C.s(1); C.c()
        ts = [threading.Thread(target=thr) for _ in range(4)]
        [t.start() for t in ts]; [t.join() for t in ts]
    if len(sys.argv) > 1:
        from collections import Counter
        n, codes = Counter(), set()
        def add(c):
            codes.add(c)
            for k in c.co_consts:
                if hasattr(k, 'co_code'): add(k)
        for f in TARGETS: add(f.__code__)
        def tracer(frame, event, arg):
            if frame.f_code not in codes: return None
            if event == 'line': n[frame.f_lineno] += 1
            return tracer
        threading.settrace(tracer); sys.settrace(tracer)
        main()
        sys.settrace(None)
        for k in sorted(n): print(k, n[k])
    else:
        main()
"""
NAMES = "gen use_gen co agen amain thrower catcher rec gthrow C.p C.s C.c thr".split()


class Truth(Agent):
    def test_occurrences_are_those_of_settrace(self):
        """Each line as often as a trace function sees it; the head of a function, as in memory_profiler, once a call."""
        script = self.script(TRUTH)
        globs = [word for name in NAMES for word in ("--func", name)]
        text = script.read_text().splitlines()
        for version, path in self.each():
            said = subprocess.run([path, script, "truth"], stdout=subprocess.PIPE, text=True, check=True, env=self.env)
            truth = dict(tuple(map(int, line.split())) for line in said.stdout.splitlines())
            self.line(*globs, "script.py")
            ours = {row["line"]: row["occurrences"] for f in self.report for row in f["lines"]}
            heads = {n for n in ours if re.match(r"\s*(async )?(def|@|return \(lambda)", text[n - 1])}
            self.assertEqual({n: c for n, c in ours.items() if n not in heads},
                             {n: c for n, c in truth.items() if n not in heads})
            self.assertGreater(len(truth), 40)
            calls = {text[n - 1].strip(): ours[n] for n in heads}
            self.assertEqual(calls["def rec(n):"], 41)
            self.assertEqual(calls["def thr():"], 4)
            self.assertEqual(calls["def gen(n):"], 7)
            self.assertEqual(calls["async def co(k):"], 3)


class Calls(Agent):
    def test_a_marked_script_needs_no_option(self):
        self.script("""
            import time
            @profile
            def inner(n):
                return bytearray(n << 20)
            @profile
            def outer():
                return [inner(4) for _ in range(3)]
            x = outer()
        """)
        for _ in self.each():
            self.run_agent("script.py")
            calls = self.calls()
            self.assertEqual([c[:2] for c in calls], [("__main__.inner", 1)] * 3 + [("__main__.outer", 0)])
            self.assertAlmostEqual(calls[-1][2], 12, delta=1)
            self.assertEqual(self.left_open(), [])
            self.assertNotIn("LINE", {r[0] for r in self.recording()})

    def test_a_recording_into_a_pipe(self):
        self.script("@profile\ndef f(n):\n    return n\nf(3)\n")
        for _ in self.each(pythons.one_of_each_way()):
            done = self.mprof("run", "-q", "-o", "/dev/stdout", "script.py", status=0)
            self.assertEqual(done.stderr, "")
            self.assertEqual([row.split()[1] for row in done.stdout.splitlines() if row.startswith("FUNC ")], ["__main__.f"])

    def test_not_one_of_many_calls_is_missing(self):
        """More than the buffer holds before the recorder has come."""
        self.script("@profile\ndef f(): pass\nfor i in range(20000): f()\n")
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("script.py")
            kinds = [r[0] for r in self.recording()]
            self.assertEqual((kinds.count("ENTER"), kinds.count("FUNC")), (20000, 20000))

    @unittest.skipUnless(shutil.which("unshare") and subprocess.run(["unshare", "-pf", "true"], stderr=subprocess.DEVNULL).returncode == 0,
                         "no pid namespace is to be had")
    def test_no_call_is_missing_where_pids_mean_something_else(self):
        """Its pid is nobody's outside: there it seems to have ended. /proc is still the one outside."""
        self.script("""
            import os
            import time

            while (pid := os.fork()) > 0:
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                if status != 9:
                    os._exit(status)
            if os.path.exists(f"/proc/{os.getpid()}"):
                os._exit(9)

            def f(): pass
            for i in range(20000):
                f()
                if i % 20 == 0:
                    time.sleep(0.0001)
        """)
        for _, path in self.each(pythons.one_of_each_way()):
            self.run_agent("-T", "0.001", "--func", "f", "unshare", "-pf", path, "script.py")
            kinds = [r[0] for r in self.recording()]
            self.assertEqual((kinds.count("ENTER"), kinds.count("FUNC")), (20000, 20000))

    def test_records_are_in_order_and_within_the_run(self):
        self.script("@profile\ndef f(n):\n    return n and f(n - 1)\nf(3)\n")
        self.run_agent("script.py")
        rows = self.recording()
        self.assertEqual([r[0] for r in rows[:2]], ["CMDLINE", "META"])
        enters = [r for r in rows if r[0] == "ENTER"]
        self.assertEqual([r[4] for r in enters], list("0123"))
        first = float(next(r for r in rows if r[0] == "MEM")[2])
        last = float(next(r for r in rows if r[0] == "EXIT")[2])
        for row in enters:
            self.assertTrue(first - 0.5 <= float(row[3]) <= last + 0.001, row)

    def test_an_imported_profile_is_not_ours_unless_asked(self):
        self.write("mine.py", "def profile(f):\n    print('mine')\n    return f\n")
        self.script("from mine import profile\n@profile\ndef f(): pass\nf()\n")
        self.run_agent("script.py")
        self.assertEqual((self.out, self.calls()), ("mine\n", []))
        self.run_agent("--nopython", "/bin/true")

    def test_nopython_loads_nothing(self):
        self.script("#!/usr/bin/env python3\nimport builtins\nprint(hasattr(builtins, 'profile'))\n"
                    "if hasattr(builtins, 'profile'):\n    @profile\n    def f(): pass\n").chmod(0o755)
        self.run_agent("script.py")
        self.assertEqual(self.out, "True\n")
        self.run_agent("--nopython", "script.py")
        self.assertEqual(self.out, "False\n")

    def test_every_kind_of_function(self):
        self.script("""
            import asyncio
            class C:
                @profile
                def method(self): return 1
                @staticmethod
                @profile
                def static(): return 2
                @profile
                @classmethod
                def of_class(cls): return 3
                @property
                @profile
                def prop(self): return 4
                @profile
                @property
                def outside(self): return 5
            @profile()
            def empty(): return 6
            @profile(precision=4)
            def precise(): return 7
            @profile
            def generator():
                yield 1
                yield 2
            @profile
            async def coroutine():
                await asyncio.sleep(0.05)
                return 8
            c = C()
            assert [c.method(), C.static(), C.of_class(), c.prop, c.outside, empty(), precise()] == [1, 2, 3, 4, 5, 6, 7]
            assert list(generator()) == [1, 2] and asyncio.run(coroutine()) == 8
            assert asyncio.iscoroutinefunction(coroutine) and empty.__name__ == "empty"
            with profile.timestamp("a block"):
                pass
        """)
        names = ["C.method", "C.static", "C.of_class", "C.prop", "C.outside", "empty", "precise", "generator", "coroutine"]
        for _ in self.each():
            self.run_agent("script.py")
            calls = self.calls()
            self.assertEqual([c[0] for c in calls], [f"__main__.{n}" for n in names] + ["a_block"])
            self.assertEqual({c[1] for c in calls}, {0})
            self.assertEqual(self.left_open(), [])
            self.assertGreater(dict((c[0], c[3]) for c in calls)["__main__.coroutine"], 0.045)

    def test_suspended_calls_interleave(self):
        self.script("""
            @profile
            def gen(n):
                for i in range(n):
                    yield i
            a, b = gen(3), gen(3)
            for x in zip(a, b):
                pass
            dropped = gen(2)
            next(dropped)
            del dropped
            never = gen(1)
            del never
        """)
        for _ in self.each():
            self.run_agent("script.py")
            self.assertGreaterEqual(len(self.calls()), 1)
            self.assertLessEqual(len(self.calls()) + len(self.left_open()), 4)
            self.assertEqual({c[1] for c in self.calls()}, {0})

    def test_exceptions_leave_no_level_behind(self):
        self.script("""
            @profile
            def thrower(n):
                if n == 0:
                    raise ValueError
                thrower(n - 1)
            @profile
            def after(): pass
            for i in range(3):
                try:
                    thrower(i)
                except ValueError:
                    pass
            after()
        """)
        for _ in self.each():
            self.run_agent("script.py")
            calls = self.calls()
            self.assertEqual(len(calls), 7)
            self.assertEqual(calls[-1][:2], ("__main__.after", 0))
            self.assertEqual(self.left_open(), [])

    def test_threads_have_levels_of_their_own(self):
        self.script("""
            import threading, time
            @profile
            def inner(): time.sleep(0.05)
            @profile
            def outer(): inner()
            ts = [threading.Thread(target=outer) for _ in range(4)]
            [t.start() for t in ts]; [t.join() for t in ts]
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("script.py")
            self.assertEqual(sorted(c[:2] for c in self.calls()), [("__main__.inner", 1)] * 4 + [("__main__.outer", 0)] * 4)
            self.assertEqual(len({r[5] for r in self.recording() if r[0] == "ENTER"}), 4)

    def test_functions_of_any_module_by_name(self):
        self.script("import textwrap, json\nprint(textwrap.fill('a b', 20), json.loads('[1]'))\n")
        for _ in self.each():
            self.run_agent("--func", "textwrap.TextWrapper.*", "--func", "json.decoder.JSONDecoder.decode", "script.py")
            names = {c[0] for c in self.calls()}
            self.assertTrue({"textwrap.TextWrapper.__init__", "textwrap.TextWrapper.wrap",
                             "json.decoder.JSONDecoder.decode"} <= names, names)
            self.assertFalse(any("raw_decode" in n or n == "textwrap.fill" for n in names))
            self.run_agent("--line", "textwrap.fill", "script.py")
            rows = [r for r in self.recording() if r[0] == "LINE"]
            self.assertEqual({r[2] for r in rows}, {"textwrap.fill"})
            self.assertTrue(all(r[1].rpartition(":")[0].endswith("textwrap.py") for r in rows))

    def test_code_made_by_exec(self):
        self.script("""
            code = compile("def made(n):\\n    x = bytes(n)\\n    return x\\n", "<made>", "exec")
            space = {"__name__": "made"}
            exec(code, space)
            space["made"](5 << 20)
            exec("def second():\\n  return 1\\nsecond()\\n")
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("--func", "made", "--func", "second", "script.py")
            self.assertEqual({c[0] for c in self.calls()}, {"__main__.made", "__main__.second"})
            self.line("--func", "made", "script.py")
            self.assertEqual(self.report[0]["file"], "<made>")
            self.assertEqual([(r["line"], r["occurrences"]) for r in self.report[0]["lines"]], [(1, 1), (2, 1), (3, 1)])

    def test_profile_of_memory_profiler_is_served(self):
        self.write("memory_profiler.py", "def profile(f):\n    raise SystemExit('theirs')\ndef memory_usage(): return [1.5]\n")
        self.script("""
            from memory_profiler import profile
            @profile
            def f(): pass
            f()
            import memory_profiler
            print(memory_profiler.memory_usage(), memory_profiler.profile is profile)
        """)
        for _ in self.each():
            self.run_agent("--python", "script.py")
            self.assertEqual((self.out, [c[0] for c in self.calls()]), ("[1.5] True\n", ["__main__.f"]))
            self.assertIn("def f(): pass", self.line("script.py"))

    def test_a_memory_profiler_that_is_missing_is_no_need(self):
        """The script's own traceback says what was missing; what is to be done about it, nobody else tells."""
        bare = next(iter(pythons.supported().values()))
        self.write("python3", f'#!/bin/sh\nexec {bare} -I -S "$@"\n', 0o755)
        for script, hinted in (("from memory_profiler import profile", True), ("import memory_profiler as m", True),
                               ("import os, memory_profiler", True), ("if 1:\n    from memory_profiler import profile", True),
                               ("# import memory_profiler\nimport no_such_module", False),
                               ("from memory_profilers import profile", False)):
            self.write("script.py", script + "\n")
            for words in (["script.py"], ["./python3", "script.py"]):
                done = self.mprof("run", "-o", "a.dat", *words, status=1, env={"MPROF_PYTHON": "./python3"})
                self.assertIn("ModuleNotFoundError", done.stderr)
                self.assertEqual("mprof-c run --python" in done.stderr, hinted, done.stderr)
        self.write("script.py", "from memory_profiler import profile\n")
        done = self.mprof("run", "-qo", "a.dat", "./python3", "script.py", status=1)
        self.assertNotIn("mprof-c", done.stderr)
        self.write("script.py", "try:\n    import memory_profiler\nexcept ImportError:\n    raise SystemExit(2)\n")
        done = self.mprof("run", "-o", "a.dat", "./python3", "script.py", status=2)
        self.assertNotIn("memory_profiler", done.stderr)

    def test_a_memory_profiler_that_is_not_installed(self):
        self.script("""
            import pickle
            from memory_profiler import profile
            @profile
            def f(): return 1
            f.__module__ = None
            print(pickle.loads(pickle.dumps(f))(), getattr(__import__("memory_profiler"), "__version__", None))
            try:
                from memory_profiler import memory_usage
            except ImportError:
                print("none")
        """)
        for _, path in self.each():
            self.run_agent("--func", "f", path, "-s", "-S", "script.py")
            self.assertEqual(self.out, "1 None\nnone\n")


class Unnoticed(Agent):
    """What the program sees of itself is what it sees without us."""

    def test_ways_to_start(self):
        self.script("@profile\ndef f():\n    return 1\nf()\nprint(__name__, __file__)\n")
        self.write("mod.py", "@profile\ndef f():\n    return 1\nf()\nprint(__name__)\n")
        for _, path in self.each():
            for words in (["-X", "dev"], ["-I"], ["-S", "-E"], ["-O"], ["-B", "-u"], ["-W", "error"]):
                self.run_agent("--python", path, *words, "script.py")
                self.assertIn("__main__", self.out)
                self.assertEqual([c[0] for c in self.calls()], ["__main__.f"], words)
            self.run_agent("--python", path, "-m", "mod")
            self.assertEqual((self.out, len(self.calls())), ("__main__\n", 1))
            self.run_agent("--python", path, "-c", "@profile\ndef f(): return 1\nf()\n")
            self.assertEqual(len(self.calls()), 1)
            self.run_agent("--python", path, "-", input="@profile\ndef f(): return 1\nf()\n")
            self.assertEqual(len(self.calls()), 1)
            self.run_agent("--python", path, "script.py", env={"PYTHONMALLOC": "debug"})
            self.assertEqual(len(self.calls()), 1)

    def test_environment_and_descriptors(self):
        self.script("""
            import os
            @profile
            def f(): pass
            f()
            print(sorted(k for k in os.environ if k.startswith(("LD_PRE", "MPROF_AGENT"))), os.environ.get("LD_PRELOAD"))
            print(os.open("/dev/null", os.O_RDONLY))
        """)
        library = next((p for p in (f"/usr/lib/{m}-linux-gnu/libm.so.6" for m in (os.uname().machine,)) if os.path.exists(p)),
                       None)
        for _ in self.each():
            self.run_agent("script.py")
            self.assertEqual(self.out, "[] None\n3\n")
            if library:
                self.run_agent("script.py", env={"LD_PRELOAD": library})
                self.assertEqual(self.out, f"['LD_PRELOAD'] {library}\n3\n")

    def test_children_that_inherit_or_are_given_an_environment(self):
        child = "@profile\ndef child(): return 1\nchild()\nimport os; assert 'MPROF_AGENT' not in os.environ\n"
        self.script(f"""
            import os, subprocess, sys
            child = {child!r}
            for env in (None, dict(os.environ), {{**os.environ, "LD_PRELOAD": ""}}):
                subprocess.run([sys.executable, "-c", child], env=env, check=True)
            os.posix_spawn(sys.executable, [sys.executable, "-c", child], dict(os.environ))
            os.wait()
            if os.fork() == 0:
                os.execve(sys.executable, [sys.executable, "-c", child], dict(os.environ))
            os.wait()
            assert os.system("exec " + sys.executable + " -c 'profile'") == 0
            assert subprocess.run([sys.executable, "-c", "profile"], env={{}}, stderr=subprocess.DEVNULL).returncode == 1
        """)
        for _ in self.each():
            self.run_agent("--python", "script.py")
            self.assertEqual([c[0] for c in self.calls()], ["__main__.child"] * 5)

    def test_children_that_are_given_a_large_environment(self):
        """Of five thousand variables a child is seen; of more than a stack may hold it starts all the same."""
        child = "@profile\ndef child(): return 1\nchild()\n"
        self.script(f"""
            import os, sys, threading
            words = [sys.executable, "-c", {child!r}]
            many = {{**os.environ, **{{f"V{{i}}": "" for i in range(5000)}}}}
            os.posix_spawn(words[0], words, many)
            os.wait()
            if os.fork() == 0:
                os.execve(words[0], words, many)
            os.wait()
            many.update((f"V{{i}}", "") for i in range(40000))
            def start():
                for start in (os.posix_spawn, os.posix_spawnp):
                    start("/bin/true", ["true"], many)
                    print(os.wait()[1])
            def small(target):
                thread = threading.Thread(target=target)
                thread.start()
                thread.join()
            threading.stack_size(128 << 10)
            if os.fork() == 0:
                small(lambda: os.execve("/bin/true", ["true"], many))
            print(os.wait()[1])
            small(start)
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("--python", "script.py")
            self.assertEqual(self.out, "0\n" * 3)
            self.assertEqual([c[0] for c in self.calls()], ["__main__.child"] * 2)

    def test_a_child_that_is_no_python(self):
        self.script("import subprocess\nprint(subprocess.run(['sh', '-c', 'echo $0; exit 3'], stdout=-1))\n")
        self.run_agent("--python", "script.py")
        self.assertIn("returncode=3, stdout=b'sh\\n'", self.out)
        self.run_agent("--func", "x", "sh", "-c", "exit 4", status=4, quiet=False)
        self.assertIn("nothing was seen from inside", self.err)

    def test_pickling_and_pools(self):
        self.script("""
            import multiprocessing, os, pickle, sys
            @profile
            def work(n):
                b = bytearray(n << 20)
                return os.getpid(), len(b) >> 20
            if __name__ == "__main__":
                assert sys.modules["__main__"].work is work and pickle.loads(pickle.dumps(work)) is work
                for how in ("fork", "forkserver", "spawn"):
                    with multiprocessing.get_context(how).Pool(2) as pool:
                        assert sorted(n for _, n in pool.map(work, [10, 20, 30], 1)) == [10, 20, 30]
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("script.py", timeout=120)
            self.assertEqual([c[0] for c in self.calls()], ["__main__.work"] * 9)
            rows = self.line("script.py", timeout=120)
            self.assertEqual(len(self.report), 1)
            self.assertEqual(rows["return os.getpid(), len(b) >> 20"]["occurrences"], 9)
            self.assertAlmostEqual(rows["b = bytearray(n << 20)"]["increment"], 180, delta=4)
            self.assertGreaterEqual(len(self.report[0]["processes"]), 3)

    def test_a_forked_process_reads_its_own_memory(self):
        self.script("""
            import os
            @profile
            def child():
                x = bytearray(50 << 20)
                return len(x)
            if os.fork() == 0:
                child()
                os._exit(0)
            os.wait()
        """)
        for _ in self.each():
            row = self.line("script.py")["x = bytearray(50 << 20)"]
            self.assertAlmostEqual(row["increment"], 50, delta=1)

    def test_a_child_of_a_fat_parent_has_its_own_peak(self):
        """ru_maxrss goes on over exec: the parent's size must not be taken for the child's peak."""
        self.script("""
            import subprocess, sys
            fat = bytearray(150 << 20)
            subprocess.run([sys.executable, "child.py"], check=True)
        """)
        self.script("@profile\ndef f():\n    x = len(b'x' * (20 << 20))\n    return x\nf()\n", "child.py")
        for _ in self.each(pythons.one_of_each_way()):
            row = self.line("script.py")["x = len(b'x' * (20 << 20))"]
            self.assertAlmostEqual(row["peak"] - row["mib"], 20, delta=2)
            self.assertLess(row["peak"], 100)

    def test_a_program_that_closes_every_descriptor(self):
        self.script("""
            import os
            @profile
            def f(n):
                return bytearray(n << 20)
            f(5)
            os.closerange(3, 65536)
            x = f(30)
            mine = [os.open("mine", os.O_RDWR | os.O_CREAT) for _ in range(20)]
            y = f(20)
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.assertAlmostEqual(self.line("script.py")["return bytearray(n << 20)"]["increment"], 55, delta=1.5)
            self.run_agent("script.py")
            self.assertEqual([round(c[2]) for c in self.calls()], [5, 30, 20])
            self.assertEqual((self.folder / "mine").read_bytes(), b"")

    def test_a_descriptor_that_is_the_programs_by_now(self):
        """Where ours stood, before the program closed all that it did not open."""
        self.script("""
            import fcntl, os
            @profile
            def f(n):
                x = len(b'x' * (40 << 20))
                return bytearray(n << 20)
            @profile
            def ours():
                return [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) in mine]
            a = f(5)
            os.closerange(3, 65536)
            mine = [fcntl.fcntl(os.open("mine", os.O_RDWR | os.O_CREAT), fcntl.F_DUPFD, 900) for _ in range(8)]
            os.write(mine[0], b"12345678 12345678 12345678 1")
            b = f(30)
            if os.fork() == 0:
                b = f(20)
                assert all(path.endswith("/mine") for path in ours()) and len(ours()) == 8, ours()
                os._exit(0)
            assert os.wait()[1] == 0
            assert len(ours()) == 8
        """)
        for _ in self.each(pythons.one_of_each_way()):
            rows = self.line("script.py")
            self.assertEqual((self.folder / "mine").read_bytes(), b"12345678 12345678 12345678 1")
            self.assertAlmostEqual(rows["return bytearray(n << 20)"]["increment"], 55, delta=1.5)
            row = rows["x = len(b'x' * (40 << 20))"]
            self.assertTrue(40 < row["peak"] < 200, row)
            self.run_agent("script.py")
            self.assertEqual((self.folder / "mine").read_bytes(), b"12345678 12345678 12345678 1")
            for grown, n in zip([c[2] for c in self.calls() if c[0] == "__main__.f"], [5, 30, 20], strict=True):
                self.assertAlmostEqual(grown, n, delta=1.5)
            (self.folder / "mine").unlink()

    def test_the_programs_own_settrace(self):
        self.script("""
            import sys
            seen = []
            def tracer(frame, event, arg):
                seen.append((event, frame.f_code.co_name))
                return tracer
            @profile
            def f():
                x = 1
                return x
            def plain():
                return f()
            sys.settrace(tracer)
            plain()
            f()
            assert sys.gettrace() is tracer
            sys.settrace(None)
            print(len(seen))
            f()
        """)
        for version, path in self.each():
            bare = subprocess.run([path, "-c", "import builtins; builtins.profile = lambda f: f\n" +
                                   (self.folder / "script.py").read_text()], stdout=subprocess.PIPE, text=True, check=True)
            rows = self.line("script.py", quiet=False)
            self.assertEqual(self.out, bare.stdout)
            if version < (3, 12):
                self.assertIn("lines are missing where tracer was tracing", self.err)
                self.assertEqual(rows["x = 1"]["occurrences"], 1)
            else:
                self.assertEqual(self.err, "")
                self.assertEqual(rows["x = 1"]["occurrences"], 3)

    def test_coverage_at_work(self):
        """The standard library's own tool that counts lines."""
        self.script("@profile\ndef f():\n    x = 1\n    return x\nf()\n", "covered.py")
        for version, path in self.each():
            self.run_agent("--python", path, "-m", "trace", "--count", "-C", "out", "covered.py", quiet=False)
            counts = (self.folder / "out" / "covered.cover").read_text()
            self.assertRegex(counts, r"(?m)^ +1:     x = 1$")
            self.assertEqual([c[0] for c in self.calls()], ["__main__.f"])
            shutil.rmtree(self.folder / "out")

    def test_other_interpreters_are_left_alone(self):
        """From 3.12 each has a lock of its own, and runs beside the first."""
        self.script("""
            import textwrap, threading
            try:
                import _interpreters
            except ImportError:
                import _xxsubinterpreters as _interpreters
            CODE = textwrap.dedent('''
                for _ in range(100):
                    space = {}
                    exec("def work(n): return [i for i in range(n)]", space)
                    space["work"](10)
                try:
                    import memory_profiler
                except ImportError:
                    pass
            ''')
            @profile
            def work(n):
                return [i for i in range(n)]
            def other():
                one = _interpreters.create()
                _interpreters.run_string(one, CODE)
                _interpreters.destroy(one)
            threads = [threading.Thread(target=other) for _ in range(2)]
            [thread.start() for thread in threads]
            for _ in range(3000):
                work(20)
            [thread.join() for thread in threads]
            print("done")
        """)
        for _ in self.each():
            self.run_agent("--python", "--func", "work", "script.py", quiet=False, timeout=240)
            self.assertEqual(self.out, "done\n")
            ours = [line for line in self.err.splitlines() if line.startswith("mprof-c:")]  # CPython may warn as well
            self.assertEqual(ours, ["mprof-c: warning: of a process with several Python interpreters only the first was seen "
                                    "from inside"])
            self.assertEqual([c[0] for c in self.calls()], ["__main__.work"] * 3000)

    def test_a_python_level_audit_hook(self):
        self.script("""
            import sys
            def hook(event, args):
                if event == "sys.settrace":
                    helper()
            def helper():
                return [x for x in range(3)]
            sys.addaudithook(hook)
            def plain(): return 1
            @profile
            def f():
                plain()
                return sum(plain() for _ in range(50))
            f()
        """)
        for _ in self.each():
            self.assertEqual(self.line("script.py")["return sum(plain() for _ in range(50))"]["occurrences"] > 0, True)

    def test_deep_recursion(self):
        self.script("""
            import sys
            sys.setrecursionlimit(12000)
            @profile
            def down(n):
                return n and down(n - 1)
            def plain(n):
                return n and plain(n - 1)
            plain(9000)
            down(3000)
            try:
                sys.setrecursionlimit(3000)
                down(1 << 20)
            except RecursionError:
                print("caught")
        """)
        for _ in self.each():
            rows = self.line("script.py")
            self.assertEqual(self.out, "caught\n")
            self.assertGreater(rows["return n and down(n - 1)"]["occurrences"], 3000)

    def test_tracebacks_are_the_programs(self):
        text = "@profile\ndef f():\n    raise KeyError(1)\nf()\n"
        for _, path in self.each():
            self.script(text.replace("@profile", "# a mark"))
            bare = subprocess.run([path, "script.py"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
            self.script(text)
            self.run_agent("script.py", status=1, quiet=False)
            self.assertEqual(self.err, bare.stderr)


class Ends(Agent):
    """However it ends, what was counted stands."""

    SCRIPT = """
        import os, signal, sys, threading, time
        @profile
        def outer():
            x = bytearray(30 << 20)
            inner()
        @profile
        def inner():
            y = bytearray(10 << 20)
            end()
        def end():
            {end}
        outer()
    """

    def ended(self, end, status):
        self.script(self.SCRIPT.format(end=end))
        for _ in self.each():
            self.run_agent("script.py", status=status)
            self.assertEqual(self.left_open(), ["__main__.outer", "__main__.inner"])
            rows = self.line("script.py", status=status)
            self.assertAlmostEqual(rows["x = bytearray(30 << 20)"]["increment"], 30, delta=1)
            self.assertAlmostEqual(rows["y = bytearray(10 << 20)"]["increment"], 10, delta=1)

    def test_os_exit(self):
        self.ended("os._exit(5)", 5)

    def test_sigkill(self):
        self.ended("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL)

    def test_abort(self):
        self.ended("os.abort()", -signal.SIGABRT)

    def test_threads_inside_at_exit(self):
        self.script("""
            import threading, time
            @profile
            def loop():
                while True:
                    x = bytes(1000)
            threading.Thread(target=loop, daemon=True).start()
            time.sleep(0.2)
        """)
        for _ in self.each():
            self.assertGreater(self.line("script.py")["x = bytes(1000)"]["occurrences"], 100)
            self.run_agent("script.py")
            self.assertEqual(self.left_open(), ["__main__.loop"])

    def test_a_killed_recorder_leaves_the_calls_to_the_program(self):
        self.script("""
            import os, signal, time
            @profile
            def f(): pass
            f()
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(0.3)
            f()
            time.sleep(0.3)
            f()
            open("done", "w").close()
        """)
        self.mprof("run", "-q", "-o", "a.dat", "script.py", status=-signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not (self.folder / "done").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue((self.folder / "done").exists())
        self.assertGreaterEqual(len(self.calls()), 1)


    def test_a_program_that_shortens_what_is_shared(self):
        self.script("""
            import os
            @profile
            def f(n):
                return bytearray(n << 20)
            a = f(5)
            end = os.getppid()
            for n in os.listdir(f"/proc/{end}/fd"):
                path = f"/proc/{end}/fd/{n}"
                if "memfd:mprof-c" in os.readlink(path):
                    for size in (0, 1 << 30):
                        try:
                            os.truncate(path, size)
                            print("done")
                        except PermissionError:
                            print("refused")
            a = f(5)
        """)
        for _ in self.each(pythons.one_of_each_way()):
            self.run_agent("script.py")
            self.assertEqual(self.out, "refused\nrefused\n")
            self.assertEqual(len(self.calls()), 2)

    def test_a_recorder_without_standard_input(self):
        """Then what is shared may be descriptor 0."""
        self.script("@profile\ndef f(): pass\nf()\n")
        self.run_agent("script.py", preexec_fn=lambda: os.close(0))
        self.assertEqual(len(self.calls()), 1)


class Limit(Agent):
    SCRIPT = """
        @profile
        def f():
            kept = []
            for i in range(30):
                kept.append(bytearray(4 << 20))
            return len(kept)
        print(f())
    """

    def test_without_a_terminal_the_line_is_told(self):
        self.script(self.SCRIPT)
        for _ in self.each(pythons.one_of_each_way()):
            self.line("--break-at", "80M", "script.py", quiet=False)
            self.assertRegex(self.err, r"\Amprof-c: the limit of --break-at was reached at \S+/script.py:5\n\Z")
            self.assertEqual(self.out, "30\n")

    def test_on_a_terminal_pdb_stops_there(self):
        self.script(self.SCRIPT)
        for _ in self.each():
            pid, fd = terminals.fork()
            if pid == 0:
                os.chdir(self.folder)
                os.execve(lab.MPROF, [lab.MPROF, "line", "-q", "--recording", "a.dat", "--break-at", "80M", "script.py"],
                          {**self.env, "TERM": "dumb"})
            said = self.talk(fd, ["p len(kept)", "c"])
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, said)
            self.assertIn("80.0 MiB were reached at", said)
            held = int(re.search(r"p len\(kept\)\s+(\d+)", said).group(1))
            self.assertTrue(12 <= held <= 20, said)
            self.assertIn("Line Contents", said)


class Refusals(Agent):
    """One clear sentence, and the recording goes on where there is anything to record."""

    def test_missing_library(self):
        alone = self.folder / "mprof-c"
        shutil.copy(lab.MPROF, alone)
        self.script("import time\ntry:\n    profile\nexcept NameError:\n    print('none')\n")
        said = subprocess.run([alone, "run", "-q", "-o", "a.dat", "--python", "script.py"], cwd=self.folder, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if "libmprof-python.so" not in said.stderr:
            self.skipTest("an installed library was found")
        self.assertEqual((said.returncode, said.stdout), (0, "none\n"))
        self.assertRegex(said.stderr, r"\Amprof-c: warning: the inside of Python cannot be seen: [^\n]+\n\Z")
        self.assertIn("MEM", {r[0] for r in self.recording()})
        said = subprocess.run([alone, "line", "script.py"], cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual((said.returncode, said.stdout), (1, ""))

    @unittest.skipIf(lab.SANITIZED, "a sanitizer needs addresses without end")
    def test_no_memory_to_share(self):
        self.script("print('ran')\n")
        why = r"\Amprof-c: warning: the inside of Python cannot be seen: there is no memory to share with it: [^\n]+\n\Z"
        def limited():
            resource.setrlimit(resource.RLIMIT_AS, (60 << 20, 60 << 20))
        done = self.mprof("run", "-q", "-o", "a.dat", "--func", "x", "sh", "-c", "echo ran; exit 3", status=3, preexec_fn=limited)
        self.assertEqual(done.stdout, "ran\n")
        self.assertRegex(done.stderr, why)
        done = self.mprof("line", "script.py", status=1, preexec_fn=limited)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, why)

    def test_pythons_that_are_too_old(self):
        if not pythons.old():
            self.skipTest("no CPython before 3.9 here")
        self.script("print(1)\n")
        for version, _ in self.each(pythons.old()):
            self.run_agent("--python", "script.py", quiet=False)
            self.assertEqual(self.out, "1\n")
            self.assertEqual(self.err, "mprof-c: warning: a Python before 3.9 cannot be seen from inside\n")

    def test_a_static_program(self):
        static = next((p for p in ("/sbin/ldconfig", "/usr/sbin/ldconfig", "/bin/busybox") if os.path.exists(p)), None)
        if not static or "INTERP" in subprocess.run(["readelf", "-lW", static], stdout=subprocess.PIPE, text=True).stdout:
            self.skipTest("no static program here")
        done = self.mprof("run", "-q", "-o", "a.dat", "--func", "x", static, "--help")
        self.assertIn("it is linked statically", done.stderr)

    def test_pypy(self):
        shutil.copy(shutil.which("true"), self.folder / "pypy3")
        self.run_agent("--python", "./pypy3", quiet=False)
        self.assertIn("it is PyPy, and not CPython", self.err)

    def test_a_path_that_ld_preload_cannot_take(self):
        folder = self.folder / "a b"
        folder.mkdir()
        for name in ("mprof-c", "libmprof-python.so"):
            shutil.copy(lab.BUILD / name, folder)
        self.script("print(1)\n")
        said = subprocess.run([folder / "mprof-c", "run", "-q", "-o", "a.dat", "--python", "script.py"], cwd=self.folder,
                              env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(said.stdout, "1\n")
        self.assertIn("a blank or a colon stands in the path", said.stderr)


SMALL = ["test_generators", "test_coroutines", "test_contextlib", "test_dataclasses", "test_functools"]
LARGE = SMALL + ["test_asyncgen", "test_threading", "test_exceptions", "test_sys_settrace", "test_sys_setprofile",
                 "test_monitoring", "test_subprocess", "test_os", "test_audit", "test_pdb", "test_gc", "test_descr",
                 "test_pickle", "test_weakref", "test_inspect", "test_listcomps", "test_genexps", "test_yield_from"]


class StandardLibrary(Agent):
    """Its own tests end the same way while every line of them is counted. MPROF_TEST_STDLIB=1: many more of them."""

    @unittest.skipIf(lab.SANITIZED, "what is tested here is not sanitized")
    def test_its_own_tests(self):
        names = LARGE if os.environ.get("MPROF_TEST_STDLIB") else SMALL
        ran = 0
        for version, path in self.each():
            for name in names:
                where = subprocess.run([path, "-c", f"import test.{name} as t; print(t.__file__)"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
                if where.returncode != 0:
                    continue  # Debian keeps them in another package
                ran += 1
                words = [path, "-m", "test", "-q", name]
                bare = subprocess.run(words, cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
                ours = self.mprof("run", "-q", "-o", "a.dat", "--line", f"test.{name}.*", *words, timeout=600)
                self.assertEqual(ours.returncode, bare.returncode, (name, ours.stderr[-2000:]))
                self.assertGreater(sum(r[0] == "LINE" for r in self.recording()), 50, name)
        if ran == 0:
            self.skipTest("no Python here has the tests of its standard library")


if __name__ == "__main__":
    lab.main()
