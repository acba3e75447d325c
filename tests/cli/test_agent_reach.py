"""Inside Python: whom @profile and --func find, wherever the function stands and whoever makes it anew."""
import os
import re
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons
import terminals
from test_agent import Agent

NOTHING = "mprof-c: warning: @profile on {} counts nothing: there is no Python function in it\n"


class Wrapped(Agent):
    def names(self, text):
        """The functions that were called, of those that are marked, in the order of their ends."""
        self.script(text)
        self.run_agent("--python", "script.py", quiet=False)
        return [name.removeprefix("__main__.") for name, *_ in self.calls()]

    def test_what_the_standard_library_wraps(self):
        for _ in self.each():
            self.assertEqual(self.names("""
                import asyncio, contextlib, functools
                from functools import *
                @profile
                @lru_cache
                def cached(n): return n
                @lru_cache(None)
                @profile
                def within(n): return n
                class Thing:
                    @profile
                    @cached_property
                    def lazy(self): return 1
                    @profile
                    @property
                    def both(self): return 2
                    @both.setter
                    def both(self, value): self.value = value
                    def only_set(self, value): self.value = value
                    setter = profile(property(None, only_set))
                    def add(self, a, b): return a + b
                    two = profile(partialmethod(add, 2))
                    @profile
                    @classmethod
                    @lru_cache
                    def of_class(cls): return 4
                    @profile
                    @staticmethod
                    def static(): return 5
                    @profile
                    @contextlib.asynccontextmanager
                    async def later(self): yield 6
                @profile
                @contextlib.contextmanager
                def now(): yield 7
                def plain(a, b): return a + b
                part = profile(partial(partial(plain, 1), 2))
                assert isinstance(part, partial) and type(cached).__name__ == "_lru_cache_wrapper"
                t = Thing()
                assert [cached(1), within(2), t.lazy, t.both, t.two(1), t.of_class(), t.static(), part()] == [1, 2, 1, 2, 3, 4, 5, 3]
                t.setter = t.both = 8
                async def use():
                    async with t.later() as x: assert x == 6
                asyncio.run(use())
                with now() as x: assert x == 7
            """), ["cached", "within", "Thing.lazy", "Thing.both", "Thing.add", "Thing.of_class", "Thing.static", "plain",
                   "Thing.only_set", "Thing.later", "now"])
            self.assertEqual(self.err, "")

    def test_decorators_of_ones_own(self):
        for _ in self.each():
            self.assertEqual(self.names("""
                from functools import wraps
                def told(f):
                    @wraps(f)
                    def inner(*a): return f(*a)
                    return inner
                def untold(n=0):
                    def decorate(f):
                        def inner(*a): return f(*a)
                        return inner
                    return decorate
                class Kept:
                    def __init__(self, f): self.f = f
                    def __call__(self, *a): return self.f(*a)
                class Slot:
                    __slots__ = "__wrapped__",
                    def __init__(self, f): self.__wrapped__ = f
                    def __call__(self, *a): return self.__wrapped__(*a)
                @profile
                @told
                @told
                def a(): return 1
                @told
                @profile
                @untold()
                @untold(
                    2)
                def b(): return 2
                @profile
                @Kept
                def c(): return 3
                @Slot
                @profile
                @Slot
                def d(): return 4
                class Called:
                    def __call__(self): return 5
                e = profile(Called())
                class Bound:
                    __slots__ = "f",
                    def __init__(self, f): self.f = f
                    def __get__(self, *a): return self.f.__get__(*a)
                class One:
                    @profile
                    @Bound
                    def method(self): return 6
                @profile
                class All:
                    @Bound
                    def method(self): return 7
                def other(): return 9
                @profile
                @wraps(other)
                def f(): return 8
                functions = a, b, c, d, e, One().method, All().method, f
                assert [f() for f in functions] == [1, 2, 3, 4, 5, 6, 7, 8] and type(c) is Kept
            """), ["a", "b", "c", "d", "Called.__call__", "One.method", "All.method", "other"])

    def test_singledispatch_whatever_is_registered_when(self):
        for _ in self.each():
            self.assertEqual(self.names("""
                from functools import *
                @singledispatch
                def kind(x): return "object"
                @kind.register
                def of_int(x: int): return "int"
                profile(kind)
                @kind.register(list)
                def of_list(x): return "list"
                class Many:
                    @profile
                    @singledispatchmethod
                    def kind(self, x): return "object"
                    @kind.register
                    def of_str(self, x: str): return "str"
                assert [kind(x) for x in (1.5, 1, [])] == ["object", "int", "list"]
                @kind.register(str)
                def of_str(x): return "str"
                assert [kind(""), kind(2), Many().kind(""), Many().kind(2)] == ["str", "int", "str", "object"]
            """), ["kind", "of_int", "of_list", "of_str", "of_int", "Many.of_str", "Many.kind"])

    def test_the_methods_of_a_class_and_not_its_parents(self):
        for _ in self.each():
            self.assertEqual(self.names("""
                import dataclasses, enum, json
                class Base:
                    def inherited(self): return 0
                @profile
                @dataclasses.dataclass
                class Data(Base):
                    n: int
                    def method(self): return 1
                    @staticmethod
                    def static(): return 2
                    @classmethod
                    def made(cls): return cls(3)
                    @property
                    def value(self): return 4
                    class Inner:
                        def deep(self): return 5
                    foreign = staticmethod(json.dumps)
                    other = Base
                @profile
                class Colour(enum.Enum):
                    RED = 1
                    def shown(self): return self.name
                assert dataclasses.is_dataclass(Data)
                d = Data.made()
                d.method(), d.static(), d.value, d.Inner().deep(), d.foreign([]), d.inherited(), Base().inherited(), Colour.RED.shown()
            """), ["Data.made", "Data.method", "Data.static", "Data.value", "Data.Inner.deep", "Colour.shown"])
            self.assertEqual(self.err, "")

    def test_where_there_is_no_code_that_is_said(self):
        for _ in self.each(pythons.one_of_each_way()):
            self.assertEqual(self.names("""
                import functools, unittest.mock
                class Empty: pass
                class Anything:
                    def __getattr__(self, name): return Anything()
                for thing in (len, [].append, functools.partial(print, "x"), Empty, 3, unittest.mock.Mock().method):
                    assert profile(thing) is thing
                profile(len)
                profile(Anything())
            """), [])
            said = [NOTHING.format(n) for n in ("len", "list.append", "partial of print", "__main__.Empty", "int")]
            self.assertTrue(self.err.startswith("".join(said)), self.err)
            self.assertEqual(self.err.count(NOTHING.format("len")), 1)
            self.assertIn("Anything", self.err)


class MadeAnew(Agent):
    """As cloudpickle and dill make functions anew in a worker: of nothing but code and variables."""
    CHILD = """
        import marshal, sys, types
        code, module = marshal.loads(bytes.fromhex(sys.argv[1])), sys.argv[2]
        def _make_function(code, globals):
            return types.FunctionType(code, globals)
        print(len(_make_function(code, {"__name__": module, "__builtins__": __builtins__})(4)))
    """

    def parent(self, mark):
        self.write("child.py", textwrap.dedent(self.CHILD))
        self.script(f"""
            import marshal, os, subprocess, sys
            here = os.getcwd()
            {mark}
            def work(n):
                kept = [bytearray(n << 20) for _ in range(2)]
                return kept
            os.chdir("/")
            for _ in range(2):
                subprocess.run([sys.executable, here + "/child.py", marshal.dumps(work.__code__).hex(), __name__], check=True)
        """)

    def check(self, *words):
        for _ in self.each():
            row = self.line(*words, "script.py")["kept = [bytearray(n << 20) for _ in range(2)]"]
            self.assertEqual(self.out, "2\n2\n")
            self.assertAlmostEqual(row["increment"], 16, delta=1)
            self.assertEqual([(f["function"], len(f["processes"])) for f in self.report], [("__main__.work", 2)])
            self.assertEqual(self.report[0]["file"], str(self.folder.resolve() / "script.py"))

    def test_a_marked_function(self):
        self.parent("@profile")
        self.check()

    def test_a_function_that_is_named(self):
        self.parent("")
        self.check("--func", "work")

    def test_a_code_object_that_is_changed(self):
        self.script("""
            import types
            @profile
            def f(n):
                x = bytearray(n << 20)
                return x
            g = types.FunctionType(f.__code__.replace(co_flags=f.__code__.co_flags), globals())
            other = types.FunctionType(f.__code__.replace(co_name="other"), globals())
            g(8), other(16)
        """)
        for _ in self.each():
            row = self.line("script.py")["x = bytearray(n << 20)"]
            self.assertEqual(row["occurrences"], 1)
            self.assertAlmostEqual(row["increment"], 8, delta=1)

    @unittest.skipUnless(os.path.isdir("/usr/lib/python3/dist-packages/joblib"), "Debian's python3-joblib is not here")
    def test_loky(self):
        self.script("""
            from joblib import Parallel, delayed
            @profile
            class Work:
                def go(self, n):
                    b = bytearray(n << 20)
                    return len(b) >> 20
            @profile
            def job(n):
                c = bytearray(n << 20)
                return len(c) >> 20
            def both(n):
                return Work().go(n) + job(n)
            if __name__ == "__main__":
                assert Parallel(n_jobs=2)(delayed(both)(n) for n in (3, 4, 5)) == [6, 8, 10]
        """)
        for _ in self.each({"": pythons.SYSTEM}):
            rows = self.line("script.py")
            for text in ("b = bytearray(n << 20)", "c = bytearray(n << 20)"):
                self.assertEqual(rows[text]["occurrences"], 3)


class Loaders(Agent):
    """Modules that others than importlib execute: pytest compiles its tests itself, with assertions that tell more."""

    def test_a_loader_of_ones_own(self):
        self.write("test_a.py", "def test_it():\n    x = bytearray(5 << 20)\n    assert x\n")
        self.write("test_b.py", "class T:\n    def test(self):\n        y = bytearray(6 << 20)\n")
        self.script("""
            import importlib.abc, importlib.util, os, sys
            class Rewriter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
                def find_spec(self, name, path=None, target=None):
                    file = os.path.abspath(name + ".py")
                    if name.startswith("test_"):
                        return importlib.util.spec_from_file_location(name, file, loader=self)
                def exec_module(self, module):
                    path = module.__spec__.origin
                    with open(path) as f:
                        co = compile(f.read(), path, "exec")
                    exec(co, module.__dict__)
            sys.meta_path.insert(0, Rewriter())
            import test_a
            import test_b as other
            test_a.test_it(), other.T().test()
            def by_variables(path):
                space = {"__name__": "third", "__file__": path}
                exec(compile("def f():\\n    return 3\\n", path, "exec"), space)
                return space["f"]()
            by_variables("/x/third.py")
        """)
        for _ in self.each():
            self.line("--func", "test_a.*", "--func", "test_b.T.test", "--func", "third.f", "script.py")
            self.assertEqual({f["function"] for f in self.report}, {"test_a.test_it", "test_b.T.test", "third.f"})

    @unittest.skipUnless(os.path.isdir("/usr/lib/python3/dist-packages/pytest"), "Debian's python3-pytest is not here")
    def test_pytest(self):
        self.write("test_a.py", "class TestIt:\n    def test_in(self):\n        x = bytearray(5 << 20)\n        assert len(x) == 5 << 20\n")
        for _ in self.each({"": pythons.SYSTEM}):
            for words in ((), ("--import-mode=importlib",)):
                rows = self.line("--func", "test_a.*", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words)
                self.assertAlmostEqual(rows["x = bytearray(5 << 20)"]["increment"], 5, delta=1)
                self.assertEqual([f["function"] for f in self.report], ["test_a.TestIt.test_in"])


def with_greenlets():
    done = lab.subprocess.run([pythons.SYSTEM, "-c", "import greenlet"], stderr=lab.subprocess.DEVNULL)
    return done.returncode == 0


@unittest.skipUnless(os.access(pythons.SYSTEM, os.X_OK) and with_greenlets(), "Debian's python3-greenlet is not here")
class Greenlets(Agent):
    def setUp(self):
        super().setUp()
        self.env["MPROF_PYTHON"] = pythons.SYSTEM

    def test_each_has_lines_of_its_own(self):
        self.script("""
            import greenlet
            keep = []
            @profile
            def task(n):
                for i in range(3):
                    helper()
                    keep.append(bytearray(n << 20))
                    main.switch()
                return 1
            def helper():
                main.switch()
            @profile
            def drive(tasks):
                for g, n in zip(tasks, (3, 4, 5)):
                    g.switch(n)
                while any(tasks):
                    for g in tasks:
                        g.switch()
                keep.append(bytearray(7 << 20))
            main = greenlet.getcurrent()
            drive([greenlet.greenlet(task) for _ in range(3)])
        """)
        rows = self.line("script.py")
        for text, times, mib in (("keep.append(bytearray(n << 20))", 9, 36), ("main.switch()", 9, 0), ("helper()", 9, 0),
                                 ("return 1", 3, 0), ("keep.append(bytearray(7 << 20))", 1, 7)):
            self.assertEqual(rows[text]["occurrences"], times, text)
            self.assertAlmostEqual(rows[text]["increment"], mib, delta=1, msg=text)

    def test_recursion_generators_and_one_that_never_ends(self):
        self.script("""
            import greenlet
            keep = []
            @profile
            def deep(n):
                if n:
                    return deep(n - 1)
                keep.append(bytearray(4 << 20))
                main.switch()
                keep.append(bytearray(6 << 20))
                return 7
            @profile
            def steps():
                for i in range(3):
                    keep.append(bytearray(1 << 20))
                    yield i
            def body():
                for _ in steps():
                    main.switch()
                deep(5)
            main = greenlet.getcurrent()
            a, b, never = greenlet.greenlet(body), greenlet.greenlet(deep), greenlet.greenlet(deep)
            b.switch(3), never.switch(2)
            while not a.dead:
                a.switch()
            b.switch()
        """)
        rows = self.line("script.py")
        for text, times, mib in (("keep.append(bytearray(4 << 20))", 3, 12), ("keep.append(bytearray(6 << 20))", 2, 12),
                                 ("keep.append(bytearray(1 << 20))", 3, 3), ("return deep(n - 1)", 8, 0)):
            self.assertEqual(rows[text]["occurrences"], times, text)
            self.assertAlmostEqual(rows[text]["increment"], mib, delta=1, msg=text)


class Streams(Agent):
    SCRIPT = """
        import sys
        log = open("log", "w")
        @profile(stream=log, precision=2)
        def f(n):
            if n < 0:
                return None
            return bytearray(n << 20)
        class C:
            @profile(stream=log, backend="psutil")
            @staticmethod
            def g(n):
                x = [bytearray(1 << 20)
                     for _ in range(n)]
                raise KeyError
        x, y = f(20), f(30)
        try: C.g(4)
        except KeyError: pass
        class Broken:
            def write(self, text): raise OSError
        profile(C.__init_subclass__, stream=sys.stdout)
        @profile(stream=Broken())
        def h(): return 1
        assert h() == 1
    """

    def tables(self):
        return [table for table in (self.folder / "log").read_text().split("Filename: ") if table]

    def test_each_call_is_written_where_the_program_wants_it(self):
        self.script(self.SCRIPT)
        for _ in self.each():
            self.line("script.py", quiet=False)
            first, second, third = self.tables()
            self.assertRegex(first, r"(?m)^     7 +[\d.]+ MiB +(19|20)\.\d\d MiB +[\d.]+ MiB +1       return bytearray")
            self.assertRegex(second, r"(?m)^     7 +[\d.]+ MiB +(29|30)\.\d\d MiB +[\d.]+ MiB +1       return bytearray")
            self.assertRegex(second, r"(?m)^     6 +return None$")
            self.assertRegex(third, r"(?m)^ +\d+ +[\d.]+ MiB +-?\d\.\d MiB +[\d.]+ MiB +1 +raise KeyError$")
            self.assertEqual({f["function"] for f in self.report}, {"__main__.f", "__main__.C.g", "__main__.h"})

    def test_where_lines_are_not_counted_that_is_said(self):
        self.script("import sys\n@profile(stream=sys.stdout)\ndef f(): return 1\nf()\n")
        self.run_agent("--python", "script.py", quiet=False)
        self.assertEqual(self.err, "mprof-c: warning: nothing was written to the stream of @profile(stream=...): "
                                   "lines are counted by mprof-c line\n")


class OtherThreads(Agent):
    def test_what_another_thread_took_is_marked(self):
        self.script("""
            import threading, time
            kept, go = [], threading.Event()
            def grower():
                go.wait()
                for _ in range(20):
                    kept.append(bytearray(2 << 20))
            @profile
            def f():
                a = bytearray(40 << 20)
                go.set(); t.join()
                b = bytearray(20 << 20)
                return a, b
            t = threading.Thread(target=grower)
            t.start()
            x = f()
        """)
        for _ in self.each():
            rows = self.line("script.py")
            self.assertGreater(rows["go.set(); t.join()"]["other_threads"], 30)
            for own in ("a = bytearray(40 << 20)", "b = bytearray(20 << 20)"):
                self.assertLess(rows[own].get("other_threads", 0), 5)
        text = self.mprof("line", "-q", "--recording", "b.dat", "script.py", status=0).stdout
        self.assertIn("\n*: a good part was taken by other threads while the line ran\n", text)
        self.assertEqual(re.findall(r"MiB\*.*  (\S+) t.join", text), ["go.set();"])

    def test_a_program_of_one_thread_has_no_marks(self):
        self.script("@profile\ndef f():\n    return [bytearray(1 << 20) for _ in range(40)]\nx = f()\n")
        rows = self.line("script.py")
        self.assertEqual([r for r in rows.values() if "other_threads" in r], [])


class Reached(Agent):
    def reached(self, text, limit="80M"):
        self.script(text)
        self.line("--break-at", limit, "script.py", quiet=False)
        return re.search(r"the limit of --break-at was reached (.*)\n", self.err)[1].replace(f"{self.folder.resolve()}/", "")

    def test_the_line_that_took_it_is_named(self):
        for _ in self.each():
            for text, place in (
                    ("@profile\ndef f():\n    a = bytes(9)\n    b = bytearray(99 << 20)\n    c = 1\n    return c\nf()\n", "at script.py:4"),
                    ("@profile\ndef f(n):\n    return bytearray(n << 20)\nx = f(9)\ny = f(99)\nz = f(1)\n", "at script.py:3"),
                    ("def g():\n    return bytearray(99 << 20)\n@profile\ndef f():\n    x = 1\n    y = g()\n    z = 2\nf()\n", "at script.py:6"),
                    ("@profile\ndef g():\n    return 1\n@profile\ndef f():\n    a = [bytearray(99 << 20), g()]\nf()\n", "at script.py:6"),
                    ("@profile\ndef f():\n    a = len(bytearray(99 << 20))\n    return a\nf()\n", "at script.py:3"),
                    ("@profile\ndef f():\n    return 1\nx = bytearray(99 << 20)\nf()\n", "before script.py:1 began")):
                self.assertEqual(self.reached(text), place, text)

    def test_on_a_terminal_the_last_line_is_stopped_at_too(self):
        self.script("@profile\ndef f(n):\n    return bytearray(n << 20)\nx = f(99)\nprint('went on')\n")
        for _ in self.each():
            pid, fd = terminals.fork()
            if pid == 0:
                os.chdir(self.folder)
                os.execve(lab.MPROF, [lab.MPROF, "line", "-q", "--recording", "a.dat", "--break-at", "80M", "script.py"],
                          {**self.env, "TERM": "dumb"})
            said = self.talk(fd, ["c"])
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, said)
            self.assertRegex(said, r"80.0 MiB were reached at \S+:3, in __main__.f")
            self.assertIn("went on", said)


if __name__ == "__main__":
    lab.main()
