"""%memit: what a statement holds at most."""
import gc

from ._magics import interval, number, parse, transformed


class MemitResult:
    """mem_usage: the peak of each repetition; baseline: before the first. MiB."""

    def __init__(self, mem_usage, baseline, exact, repeat=1, interval=0.01, include_children=False):
        self.mem_usage = mem_usage
        self.baseline = baseline
        self.exact = exact
        self.repeat = repeat
        self.timeout = None
        self.interval = interval
        self.include_children = include_children

    @property
    def peak(self):
        return max(self.mem_usage)

    @property
    def increment(self):
        return self.peak - self.baseline

    def __str__(self):
        return f"peak memory: {self.peak:.2f} MiB, increment: {self.increment:.2f} MiB"

    def _repr_pretty_(self, printer, cycle):
        printer.text(f"<MemitResult : {self}>")


def measure(code, namespace, seconds, children):
    from . import record

    with record(seconds, include_children=children) as r:
        exec(code, namespace)
    return r


def magic(shell):
    def memit(line="", cell=None):
        """Measures what a statement holds at most: the peak, and how far it is above what was held before.

        %memit [-r N] [-i SECONDS] [-c] [-o] [-q] statement
        %%memit [options] setup, which is not measured
        code

        -r N: repeat it N times, the highest counts (1). -i SECONDS: between two samples (0.01). -c: with child processes.
        -o: return the result. -q: print nothing. -t is accepted, and means nothing.
        The peak is exact, from the kernel's high-water mark, unless -c is given.
        """
        options, statement = parse(line, "coq", "rti")
        setup, statement = ("pass", statement) if cell is None else (statement or "pass", cell)
        repeat, seconds, children = number(options, "r", 1, 0, 1e6, int), interval(options), "c" in options
        setup, code = (compile(transformed(shell, text), "<memit>", "exec") for text in (setup, statement))
        gc.collect()
        exec(setup, shell.user_ns)
        runs = [measure(code, shell.user_ns, seconds, children) for _ in range(max(1, repeat))]
        exact = all(r.exact for r in runs)
        result = MemitResult([r.peak for r in runs], runs[0].baseline, exact, len(runs), seconds, children)
        if "q" not in options:
            print(result)
        return result if "o" in options else None

    return memit
