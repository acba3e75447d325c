"""@profile and what it stands on: the lines of a function, counted while it runs."""
import contextlib
import functools
import inspect
import os
import pdb
import sys
import threading
import tracemalloc
import warnings

from ._module import _lines, _native
from ._report import show_results

METRICS = {"psutil": "rss", "posix": "rss", "psutil_pss": "pss", "psutil_uss": "uss", "tracemalloc": None}


def choose_backend(new_backend=None):
    """Its name; "psutil" when there is none."""
    if new_backend is not None and new_backend not in METRICS:
        raise KeyError(new_backend)
    return new_backend or "psutil"


def _traced():
    return tracemalloc.get_traced_memory()[0] / 2**20


class LineProfiler(_lines.LineProfiler):
    """As a decorator it counts while the function runs, in as many calls as there are.

    backend: "psutil" or "posix" (RSS), "psutil_pss", "psutil_uss", or "tracemalloc", of which it takes all that Python
        holds, not only what this file allocated.
    max_mem: MiB from which on it steps into pdb.
    """

    def __init__(self, include_children=False, backend=None, max_mem=None, **_):
        super().__init__(include_children, peaks=False)
        self.backend, self.max_mem = choose_backend(backend), max_mem
        metric = METRICS[self.backend]
        if metric is None:
            tracemalloc.is_tracing() or tracemalloc.start()
            self._measure = _traced
        elif metric != "rss":
            self._measure = functools.partial(_native.measure, os.getpid(), metric, bool(include_children))
        self._threads = threading.local()

    def __call__(self, func=None, **_):
        if func is None:  # @profile(precision=4)
            return self
        self.add_function(func)
        return self.wrap_function(func)

    def add_function(self, func):
        if self.add(func) == 0:
            warnings.warn(f"{func!r} is no Python function: it has no lines to report")

    def wrap_function(self, func):
        return around(func, lambda: self)

    # ---- on and off, by thread ----

    def __enter__(self):
        depth = getattr(self._threads, "depth", 0)
        if depth == 0:
            self._threads.before = sys.gettrace()
            sys.settrace(self._begin)
        self._threads.depth = depth + 1
        return self

    def __exit__(self, *exception):
        self._threads.depth -= 1
        if self._threads.depth == 0:
            sys.settrace(self._threads.before)
            self._stacks.runs.clear()

    enable_by_count = __enter__
    disable_by_count = __exit__

    # ---- the debugger ----

    def _begin(self, frame, event, argument):
        trace = super()._begin(frame, event, argument)
        if trace is None or self.max_mem is None:
            return trace

        def watch(frame, event, argument):
            trace(frame, event, argument)
            held = self._measure() if event == "line" else 0
            if held < self.max_mem:
                return watch
            print(f"Current memory {held:.2f} MiB exceeded the maximum of {self.max_mem:.2f} MiB\n"
                  "Stepping into the debugger", flush=True)
            self.max_mem = float("inf")  # once
            debugger = pdb.Pdb()
            debugger.set_trace(frame)
            return debugger.trace_dispatch(frame, event, argument)
        return watch


def around(func, watched):
    """Calls it within `with watched():`, and runs what it is then: a coroutine or a generator as well."""
    flags = getattr(getattr(func, "__code__", None), "co_flags", 0)
    if flags & (inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE):
        async def wrapper(*args, **kwargs):
            with watched():
                return await func(*args, **kwargs)
    elif flags & inspect.CO_GENERATOR:
        def wrapper(*args, **kwargs):
            with watched():
                return (yield from func(*args, **kwargs))
    else:
        def wrapper(*args, **kwargs):
            with watched():
                return func(*args, **kwargs)
    return functools.wraps(func)(wrapper)


def profile(func=None, stream=None, precision=1, backend="psutil"):
    """Reports the lines of a function after each call, to sys.stdout or to `stream`, with so many decimals."""
    if func is None:
        return functools.partial(profile, stream=stream, precision=precision, backend=backend)
    choose_backend(backend)

    @contextlib.contextmanager
    def watched():
        profiler = LineProfiler(backend=backend)
        profiler.add_function(func)
        try:
            with profiler:
                yield
        finally:  # of a call that ended in an exception, too
            show_results(profiler, stream, precision)
    return around(func, watched)
