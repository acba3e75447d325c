"""What each line of chosen functions does to the memory of this process, by Python's own tracing.

The figures mean what those of `mprof-c line` mean: Mem usage is the most that was held when the line ended, Increment what it
added in all its runs, in itself and in what it called, Peak the most that was held while it ran.
"""
import functools
import inspect
import linecache
import os
import sys
import threading

from . import _native

HEADS = ("Line #", "Mem usage", "Increment", "Peak", "Occurrences")
WIDTHS = (6, 12, 12, 12, 12)


class Line:
    """Of one line: the most that was held at its end, what it added, the most held meanwhile (MiB), and how often it ran."""
    __slots__ = ("most", "increment", "peak", "occurrences")

    def __init__(self):
        self.most = self.increment = self.peak = 0.0
        self.occurrences = 0


class Table:
    """The lines of one function, with those of the functions and comprehensions inside it."""

    def __init__(self, code, name):
        self.code, self.name, self.lines = code, name, {}

    @property
    def path(self):
        return self.code.co_filename

    def source(self):
        """{number: text} of its lines, as far as they can be read."""
        try:
            text, first = inspect.getsourcelines(self.code)
        except (OSError, TypeError, IndexError, SyntaxError):
            return {n: linecache.getline(self.path, n) for n in self.lines if n > 0}
        return dict(enumerate(text, max(first, 1)))


class _Run:
    """A stretch of a frame's life: from a call or a resumption to a return or a yield."""
    __slots__ = ("table", "line", "began", "seen", "peak", "highest", "resumed")

    def __init__(self, table, line, seen, resumed):
        self.table, self.line, self.resumed = table, line, resumed
        self.began = self.seen = self.peak = self.highest = seen


class _Stacks(threading.local):
    def __init__(self):
        self.runs = []


class LineProfiler:
    """Traces the functions that it is given: profiler(f) or @profiler, then runctx(). The functions are not wrapped."""

    def __init__(self, include_children=False, peaks=None):
        """peaks: look at the kernel's high-water mark too, and reset it; None: unless `mprof-c run` records this process."""
        if peaks is None:
            peaks = "MPROF_FILE" not in os.environ
        self.peaks = peaks and not include_children
        self.tables = []
        self._of_code, self._kept = {}, []  # by id: a code object's own hash is slow
        self._stacks = _Stacks()
        self._measure = functools.partial(_native.measure, os.getpid(), "rss", True) if include_children else _native.rss
        if self.peaks:
            try:
                _native.reset_peak()
            except OSError:
                self.peaks = False

    # ---- whom to look at ----

    def __call__(self, function=None, **_):
        if function is None:  # @profile(precision=4)
            return self
        self.add(function)
        return function

    def add(self, thing):
        """A function, or what stands around one; of a class or a module its own functions. How many were found."""
        return sum(self.add_code(code, name) for code, name in functions_of(thing))

    def add_code(self, code, name, table=None):
        """`table`: where its lines are counted, instead of in one of its own."""
        if id(code) in self._of_code:
            return 1
        if table is None:
            table = Table(code, name)
            self.tables.append(table)
        self._kept.append(code)
        self._add_inside(code, table)
        return 1

    def _add_inside(self, code, table):
        self._of_code[id(code)] = table
        for constant in code.co_consts:
            if inspect.iscode(constant) and id(constant) not in self._of_code:
                self._add_inside(constant, table)

    # ---- a run ----

    def runctx(self, code, global_names, local_names=None):
        """Executes it and counts."""
        self.run(exec, code, global_names, local_names)
        return self

    def run(self, function, *arguments):
        """Calls it and counts, in this thread and in those that it starts."""
        before, of_threads = sys.gettrace(), getattr(threading, "_trace_hook", None)
        threading.settrace(self._begin)
        sys.settrace(self._begin)
        try:
            return function(*arguments)
        finally:
            sys.settrace(before)
            threading.settrace(of_threads)
            self._stacks.runs.clear()

    def _high(self, now):
        """The most that was held since the last look."""
        high = _native.peak()
        if high > now + 0.25:  # the kernel counts in batches
            _native.reset_peak()
        return max(high, now)

    def _begin(self, frame, event, argument):
        table = self._of_code.get(id(frame.f_code))
        if table is None or event != "call":
            return None
        now, runs = self._measure(), self._stacks.runs
        if self.peaks:
            high = self._high(now)
            if runs:  # what was held before, the line around it has held
                runs[-1].peak = max(runs[-1].peak, high)
        run = _Run(table, frame.f_lineno, now, frame.f_lineno > frame.f_code.co_firstlineno)
        runs.append(run)

        def trace(frame, event, argument):
            if event == "line":
                self._account(run)
                run.line = frame.f_lineno
            elif event == "return":
                self._account(run)
                self._end(run)
            return trace
        return trace

    def _account(self, run):
        now = self._measure()
        line = run.table.lines.get(run.line)
        if line is None:
            line = run.table.lines[run.line] = Line()
        line.increment += now - run.seen
        line.occurrences += not run.resumed
        line.most = max(line.most, now)
        if self.peaks:
            peak = max(run.peak, self._high(now))
            line.peak = max(line.peak, peak)
            run.highest = max(run.highest, peak)
        run.peak = run.seen = now
        run.resumed = False

    def _end(self, run):
        runs = self._stacks.runs
        while runs and runs.pop() is not run:
            pass
        if runs:
            runs[-1].peak = max(runs[-1].peak, run.highest)
        for around in reversed(runs):
            if around.table is run.table:  # a comprehension, or itself once more: counted there, and once is enough
                around.seen += run.seen - run.began
                break

    # ---- the report ----

    def report(self, precision=3):
        """The text: for each function that ran, its lines."""
        parts = [self._report_of(table, precision) for table in self.tables if table.lines]
        idle = [table.name for table in self.tables if not table.lines]
        return "\n\n".join(parts + ([f"never called: {', '.join(idle)}\n"] if idle else []))

    def _report_of(self, table, precision):
        shown = [0, 1, 2, 3, 4] if self.peaks else [0, 1, 2, 4]

        def row(cells, text):
            return " ".join(cells[i].rjust(WIDTHS[i]) for i in shown) + "   " + text
        head = row(HEADS, "Line Contents")
        lines = [f"Filename: {table.path}", "", head, "=" * len(head)]
        source = table.source()
        for number in sorted(set(source) | {n for n in table.lines if n > 0}):
            line, cells = table.lines.get(number), ["", "", "", ""]
            if line is not None:
                cells = [f"{mib:.{precision}f} MiB" for mib in (line.most, line.increment, line.peak)]
                cells.append(str(line.occurrences))
            lines.append(row([str(number), *cells], source.get(number, "").rstrip()).rstrip())
        return "\n".join(lines) + "\n"


def functions_of(thing):
    """(code, name) of each Python function in what is given."""
    seen = set()

    def look(thing, name):
        thing = around(thing)
        code = getattr(thing, "__code__", None)
        if inspect.iscode(code):
            if id(code) not in seen:
                seen.add(id(code))
                yield code, getattr(thing, "__qualname__", name)
        elif isinstance(thing, property):
            for part in filter(None, (thing.fget, thing.fset, thing.fdel)):
                yield from look(part, name)
        elif inspect.isclass(thing):
            for own, value in list(vars(thing).items()):
                if not inspect.isclass(value) or value.__qualname__.startswith(thing.__qualname__ + "."):
                    yield from look(value, own)
    if inspect.ismodule(thing):
        for own, value in list(vars(thing).items()):
            if getattr(around(value), "__module__", None) == thing.__name__:
                yield from look(value, own)
        return
    yield from look(thing, getattr(thing, "__name__", repr(thing)))


def around(thing):
    """What stands inside decorators, methods and partial()s."""
    for _ in range(100):
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, (staticmethod, classmethod)) or inspect.ismethod(thing):
            thing = thing.__func__
        elif isinstance(thing, functools.cached_property):
            thing = thing.func
        elif callable(getattr(thing, "__wrapped__", None)):
            thing = thing.__wrapped__
        else:
            break
    return thing
