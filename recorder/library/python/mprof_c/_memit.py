"""%memit: what a statement holds at most."""
import gc
import re

OPTION = re.compile(r"\s*-(?:([coq]+)|([rti])\s*(\S+))(?=\s|$)")


class MemitResult:
    """mem_usage: the peak of each repetition; baseline: before the first. MiB."""

    def __init__(self, mem_usage, baseline, exact):
        self.mem_usage = mem_usage
        self.baseline = baseline
        self.exact = exact

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


def parse(line):
    """The options of a line, and the statement behind them."""
    options = {"r": 1, "i": 0.01, "c": False, "o": False, "q": False}
    while True:
        found = OPTION.match(line)
        if not found:
            return options, line.strip()
        switches, name, value = found.groups()
        if switches:
            options.update({switch: True for switch in switches})
        elif name == "i":
            options["i"] = float(value)
        else:
            options[name] = int(float(value))
        line = line[found.end():]


def measure(code, namespace, options):
    from . import record

    with record(options["i"], include_children=options["c"]) as r:
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
        options, statement = parse(line)
        setup, statement = ("pass", statement) if cell is None else (statement or "pass", cell)
        transform = getattr(shell, "transform_cell", str)
        setup, code = (compile(transform(text), "<memit>", "exec") for text in (setup, statement))
        gc.collect()
        exec(setup, shell.user_ns)
        runs = [measure(code, shell.user_ns, options) for _ in range(max(1, options["r"]))]
        result = MemitResult([r.peak for r in runs], runs[0].baseline, all(r.exact for r in runs))
        if not options["q"]:
            print(result)
        return result if options["o"] else None

    return memit
