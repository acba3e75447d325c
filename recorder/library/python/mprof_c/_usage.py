"""memory_usage: memory_profiler's call, measured by a thread of this process."""
import os
import subprocess
import time

from . import _native

METRICS = {None: "rss", "psutil": "rss", "posix": "rss", "rss": "rss", "psutil_pss": "pss", "pss": "pss",
           "psutil_uss": "uss", "uss": "uss"}


class _NoBackend(ValueError, KeyError):
    """memory_profiler raises a KeyError, which would print a sentence in quotes."""
    __str__ = Exception.__str__


def memory_usage(proc=-1, interval=.1, timeout=None, timestamps=False, include_children=False, multiprocess=False,
                 max_usage=False, retval=False, stream=None, backend=None, max_iterations=None):
    """The memory of a process, or of this one while it calls a function, in MiB. As in memory_profiler.

    proc: a pid (-1: this process), a subprocess.Popen, a function, or a tuple (f, args, kw) of one to three.
    interval: seconds between two samples.
    timeout: seconds to measure a process; without it a pid is measured once, a Popen until it ends.
    timestamps: each figure is a pair, with the time in seconds since the epoch.
    include_children: the sum over the process and its descendants.
    multiprocess: of a pid or a Popen; each figure is a list, of its own and those of its descendants.
    max_usage: the highest figure only. Of a function's rss it is exact, from the kernel's high-water mark.
    retval: a pair, of the figures and what the function returned.
    stream: a text file that the figures are written to, as in a recording (.dat); None is returned.
    backend: "psutil" or "posix" (rss, the default), "psutil_pss", "psutil_uss".
    max_iterations: accepted; a function is called once, however short it is.
    """
    if backend == "tracemalloc":
        raise RuntimeError("tracemalloc measures lines of a source file; take rss")
    if backend not in METRICS:
        raise _NoBackend(f"there is no backend {backend!r}; there are {', '.join(sorted(filter(None, METRICS)))}")
    metric = METRICS[backend]
    if callable(proc):
        proc = (proc,)
    if isinstance(proc, (list, tuple)):
        if not 1 <= len(proc) <= 3:
            raise ValueError("a function is given as f, (f, args) or (f, args, kw)")
        return _of_function(proc, interval, metric, timestamps, include_children, max_usage, retval, stream)
    if isinstance(proc, subprocess.Popen):
        pid, goes_on = proc.pid, lambda: proc.poll() is None
        most = float("inf") if timeout is None else int(round(timeout / interval))
    else:
        pid, goes_on = int(proc), lambda: True
        pid = os.getpid() if pid == -1 else pid
        most = 1 if timeout is None else int(round(timeout / interval))
    found = _of_process(pid, goes_on, most, interval, metric, include_children, multiprocess)
    if stream is not None:
        return _write(stream, found)
    if max_usage:
        return max((figure for figure, _, _ in found), default=-1)
    return [_shape(figure, at, children, timestamps, multiprocess) for figure, at, children in found]


# ---- a function ----

def _of_function(proc, interval, metric, timestamps, include_children, max_usage, retval, stream):
    f, args, kw = (*proc, (), {})[:3] if len(proc) == 1 else (*proc, {})[:3]
    recorder = _native.Recorder(max(float(interval), 0.0001), metric, None, 0, False, 0 if max_usage else 2,
                                bool(include_children))
    try:
        returned = f(*args, **kw)
    finally:
        recorder.stop()
    told = recorder.summary()
    start = told["start"]
    pairs = [(mib, start + seconds) for seconds, mib in recorder.samples()]
    if stream is not None:
        return _write(stream, ((mib, at, ()) for mib, at in pairs))
    if max_usage:
        highest = max(pairs)
        figures = (told["peak"], highest[1]) if timestamps else told["peak"]
    else:
        figures = pairs if timestamps else [mib for mib, _ in pairs]
    return (figures, returned) if retval else figures


# ---- another process ----

def _of_process(pid, goes_on, most, interval, metric, include_children, multiprocess):
    """Yields (MiB, moment, [(pid, MiB) of each descendant]) until it ends; at least once, else ProcessLookupError."""
    first, n = time.monotonic(), 0
    while n < most:
        try:
            figure = _native.measure(pid, metric, bool(include_children))
        except ProcessLookupError:
            if n == 0 and goes_on():
                raise
            return
        yield figure, time.time(), list(_children(pid, metric)) if multiprocess else ()
        n += 1
        if n < most and goes_on():
            time.sleep(max(0, first + n * interval - time.monotonic()))
        if not goes_on():
            return


def _children(pid, metric):
    for child in _descendants(pid):
        try:
            yield child, _native.measure(child, metric, False)
        except OSError:
            pass  # it has ended meanwhile


def _descendants(pid):
    found, parents = [], {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    parents.setdefault(int(stat.read().rpartition(b")")[2].split()[1]), []).append(int(name))
            except (OSError, IndexError):
                pass
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(0), [])
        found += children
        waiting += children
    return found


# ---- what is returned ----

def _shape(figure, at, children, timestamps, multiprocess):
    own = (figure, at) if timestamps else figure
    return [own, *(mib for _, mib in children)] if multiprocess else own


def _write(stream, found):
    for n, (figure, at, children) in enumerate(found, 1):
        stream.write(f"MEM {figure:.6f} {at:.4f}\n")
        for pid, mib in children:
            stream.write(f"CHLD {pid} {mib:.6f} {at:.4f}\n")
        if n % 50 == 0:
            stream.flush()
