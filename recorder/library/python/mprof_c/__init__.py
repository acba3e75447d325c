"""The memory of this program over time, from a thread that never wants the GIL.

    import mprof_c

    with mprof_c.record(interval=0.01) as r:
        work()
    r.samples                        # (n, 2) doubles: seconds, MiB; np.asarray(r.samples) copies nothing
    r.peak, r.baseline, r.increment  # MiB
    r.plot("a.png")

Memory is in MiB (2**20 bytes), time in seconds. In a notebook a recording shows itself as a picture, and `%load_ext mprof_c`
gives IPython %memit, %mprun and %%mprof.
"""
import contextlib
import os
import subprocess
import tempfile

from . import _native, _picture
from ._native import Samples, mark, peak, reset_peak, rss
from ._plotter import find_plotter
from ._usage import memory_usage

__all__ = ["Samples", "call", "mark", "memory_usage", "peak", "record", "reset_peak", "rss"]
__version__ = _native.version


class record:
    """Records the memory of this process: `with record() as r:`, or start() and stop().

    interval: seconds between two samples, from 0.0001 to 86400. Ticks do not drift.
    path: a recording (.dat) that every sample is written to at once; a killed program leaves it.
    metric: "rss", "pss", "swap", … as `mprof-c run -b` has them. What is slow to read (pss, uss) is taken only as often
        as 1 % of a CPU allows.
    include_children: the sum over this process and its descendants.
    most: how many samples to keep, at least 8; None: all, at 16 bytes each.
    bound: what goes when there are more: "thin" half of them, evenly, no minimum or maximum; "ring" the oldest.
    reset_peak: reset the kernel's high-water mark at the start, which makes `peak` exact, and lowers ru_maxrss for
        everybody else. None: unless `mprof-c run` records this process, whose exact figures would suffer.
    """

    def __init__(self, interval=0.1, *, path=None, metric="rss", include_children=False, most=None, bound="thin",
                 reset_peak=None):
        if bound not in ("thin", "ring"):
            raise ValueError("bound takes 'thin' or 'ring'")
        high_water = {None: 0, True: 1, False: 2}[reset_peak]
        self._options = (float(interval), metric, None if path is None else os.fsencode(path), -1 if most == 0 else most or 0,
                         bound == "ring", high_water, bool(include_children))
        self._recorder = self._samples = None

    def start(self):
        """Starts the thread; returns after the first sample, which is the baseline. What was recorded before is forgotten."""
        if self._recorder is not None and self.running:
            raise RuntimeError("it is recording already")
        self._recorder = self._samples = None
        self._recorder = _native.Recorder(*self._options)
        return self

    def stop(self):
        """Takes a last sample and ends the thread; what was recorded stays."""
        self._started().stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        if self.running:  # in the child of a fork there is nothing to stop
            self.stop()

    def _started(self):
        if self._recorder is None:
            raise RuntimeError("nothing has been recorded")
        return self._recorder

    def _told(self, key):
        return self._started().summary()[key]

    @property
    def samples(self):
        """A sequence of (seconds since the start, MiB) and a buffer of (n, 2) doubles."""
        if self._samples is None:
            running = self.running
            samples = self._started().samples()
            if running:
                return samples
            self._samples = samples
        return self._samples

    @property
    def peak(self):
        """The most that was held since the start, in MiB. Exact when `exact` is; else the highest sample, a lower bound."""
        return self._told("peak")

    @property
    def exact(self):
        """Is `peak` the kernel's high-water mark?"""
        return self._told("exact")

    @property
    def baseline(self):
        """The first sample, in MiB."""
        return self._told("baseline")

    @property
    def increment(self):
        """How far `peak` is above `baseline`, in MiB."""
        told = self._started().summary()
        return told["peak"] - told["baseline"]

    @property
    def start_time(self):
        """When it was started, in seconds since the epoch."""
        return self._told("start")

    @property
    def seconds(self):
        """From the start to the last sample."""
        return self._told("seconds")

    @property
    def missed(self):
        """Ticks that were slept through."""
        return self._told("missed")

    @property
    def running(self):
        """False after stop(), and in the child of a fork."""
        return self._recorder is not None and self._told("running")

    def save(self, path):
        """Writes a recording (.dat) for mprof-c and mprof; a file that exists is replaced."""
        self._started().save(os.fsencode(path))

    def plot(self, path=None, *options):
        """Draws it as `mprof-c plot` does, with its options: r.plot("a.png", "--flame").

        Without a path: in the notebook, else in the terminal.
        """
        if path is None and _picture.show(self._started(), tuple(map(str, options))):
            return
        with tempfile.TemporaryDirectory(prefix="mprof-c-") as folder:
            recording = os.path.join(folder, "recording.dat")
            self.save(recording)
            where = ["-b", "term"] if path is None else ["-o", os.fspath(path)]
            done = subprocess.run([*find_plotter(), "plot", *where, *map(str, options), "--", recording],
                                  stderr=subprocess.PIPE, universal_newlines=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip() or f"the plotter ended with status {done.returncode}")

    def _repr_svg_(self):
        return _picture.bundle(self._makers(), ["image/svg+xml"])[0].get("image/svg+xml")

    def _repr_html_(self):
        return _picture.bundle(self._makers(), ["text/html"])[0].get("text/html")

    def _repr_mimebundle_(self, include=None, exclude=None):
        return _picture.bundle(self._makers(), include, exclude)

    def _makers(self):
        return _picture.makers(self._recorder) if self._recorder is not None else {}

    def __repr__(self):
        if self._recorder is None:
            return "<mprof_c.record, not started>"
        told = self._recorder.summary()
        return (f"<mprof_c.record, {'running, ' if told['running'] else ''}{told['count']} samples in "
                f"{told['seconds']:.3g} s, peak {told['peak']:.1f} MiB, increment {told['peak'] - told['baseline']:.1f} MiB>")


class call(contextlib.ContextDecorator):
    """`with call("load"):` or `@call("load")`: one call, in the same places as mark(). An exception ends it as well.

    Calls belong to their thread and may be nested; not for coroutines, which take turns in one thread.
    """

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        _native.enter(self.name)
        return self

    def __exit__(self, *exception):
        _native.leave()


def load_ipython_extension(shell):
    """%load_ext mprof_c: the magics %memit, %mprun and %mprof, each for a line and for a cell."""
    from . import _cell, _memit, _mprun

    for name, module in (("memit", _memit), ("mprun", _mprun), ("mprof", _cell)):
        shell.register_magic_function(module.magic(shell), "line_cell", name)
