"""When each call of what @profile marks began and ended, and what was held then."""
import contextlib
import functools
import os
import sys
import threading
import time

from ._module import _native
from ._profiler import METRICS, around, choose_backend


class TimeStamper:
    """A decorator; with .timestamp("name") for a block. show_results() writes the calls as FUNC records of a recording (.dat)."""

    def __init__(self, backend=None, include_children=False):
        metric = METRICS[choose_backend(backend)]
        if metric is None:
            raise RuntimeError("tracemalloc measures lines, not moments; take psutil")
        self._measure = functools.partial(_native.measure, os.getpid(), metric, bool(include_children))
        self._calls, self._threads = [], threading.local()

    def __call__(self, func=None, **_):
        if func is None:
            return self
        name = f"{func.__module__}.{getattr(func, '__qualname__', func.__name__)}"
        return around(func, lambda: self.timestamp(name))

    @contextlib.contextmanager
    def timestamp(self, name="<block>"):
        level = getattr(self._threads, "level", 0)
        self._threads.level = level + 1
        began = self._measure(), time.time()
        try:
            yield
        finally:
            self._threads.level = level
            self._calls.append(("_".join(name.split()), *began, self._measure(), time.time(), level))

    def show_results(self, stream=None):
        stream = sys.stdout if stream is None else stream
        for call in self._calls:
            stream.write("FUNC %s %.4f %.4f %.4f %.4f %d\n" % call)
