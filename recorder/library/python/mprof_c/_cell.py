"""%%mprof: a cell's memory as a curve, its peak, and the lines that it went to."""
import html

from . import _picture
from ._lines import LineProfiler
from ._magics import Cell, interval, parse
from ._mprun import enrol

LINES, LEAST = 5, 0.05  # how many are shown, and from how many MiB on


class CellResult:
    """What %%mprof found: `record`, the recording; `lines`, [(MiB, place, source)], the most first; None: not looked at."""

    def __init__(self, record, lines, title):
        self.record, self.lines, self._title = record, lines, title

    @property
    def peak(self):
        """MiB"""
        return self.record.peak

    @property
    def increment(self):
        """MiB"""
        return self.record.increment

    def _shown(self):
        """The lines to show, and what is to be said of the others."""
        if self.lines is None:
            return [], "lines: not looked at"
        grown = [line for line in self.lines if line[0] >= LEAST]
        rest = sum(mib for mib, _, _ in grown[LINES:])
        if not grown:
            return [], f"no line added {LEAST:g} MiB"
        return grown[:LINES], f"{len(grown) - LINES} more lines added {rest:.1f} MiB" if grown[LINES:] else ""

    def __str__(self):
        rows, remark = self._shown()
        text = [_picture.sentence(self.record._started().summary())]
        if rows:
            text.append("lines by what they added, with what they called (RSS as each ended):")
            text += [f"{mib:+10.1f} MiB  {place}  | {source.strip()}" for mib, place, source in rows]
        return "\n".join(text + ([remark] if remark else []))

    __repr__ = __str__

    def _in_characters(self):
        return f"{_picture.characters(self.record._started(), self._title)}\n{self}"

    def _table(self):
        rows, remark = self._shown()
        cells = [f'<tr><td style="text-align:right">{mib:+.1f}</td><td style="text-align:left">{html.escape(place)}</td>'
                 f'<td style="text-align:left"><code>{html.escape(source.strip())}</code></td></tr>'
                 for mib, place, source in rows]
        head = "<thead><tr><th>added MiB</th><th>line</th><th></th></tr></thead>"
        table = f"<table>{head}<tbody>{''.join(cells)}</tbody></table>" if rows else ""
        return table + (f"<p>{html.escape(remark)}</p>" if remark else "")

    def _repr_html_(self):
        return _picture.markup(self.record._started(), self._title, self._table())

    def _repr_mimebundle_(self, include=None, exclude=None):
        recorder = self.record._started()
        makers = _picture.makers(recorder, self._title, self._table())
        return _picture.bundle({"text/plain": self._in_characters, **makers}, include, exclude)


def lines_of(profiler, cell):
    """[(MiB, place, source)]: what each line added."""
    found = []
    for table in profiler.tables:
        own = table.path == cell.name
        source = dict(enumerate(cell.text.splitlines(), 1)) if own else table.source()
        for number, line in table.lines.items():
            if number > 0:
                place = f"line {number}" if own else f"{table.name}:{number}"
                found.append((line.increment, place, source.get(number, "")))
    return sorted(found, key=lambda line: -line[0])


def show(result):
    try:
        from IPython.display import display
    except ImportError:
        print(result)
    else:
        display(result)


def magic(shell):
    def mprof(line="", cell=None):
        """Records the memory while a cell or a statement runs: the curve, the peak, and which lines added most.

        %mprof [-i SECONDS] [-f FUNCTION] [-m MODULE] [-n] [-c] [-o] [-q] statement
        %%mprof [options]
        code

        -i SECONDS: between two samples (0.01). -f FUNCTION, -m MODULE: lines of these functions, too. -n: look at no lines,
        which saves up to some 10 microseconds for each that runs. -c: with child processes.
        -o: return the result instead of showing it. -q: show nothing. Else the value of the last expression is the cell's.
        The peak is exact, from the kernel's high-water mark, unless -c is given.
        """
        from . import record

        options, statement = parse(line, "ncoq", "ifm")
        code, names = Cell(shell, cell or "", statement), shell.user_ns
        profiler = None if "n" in options else LineProfiler("c" in options, peaks=False)
        if profiler:
            enrol(profiler, options, names)
            code.enrol(profiler)
        r, value = record(interval(options), include_children="c" in options), None
        try:
            with r:
                value = profiler.run(code, names) if profiler else code(names)
        finally:  # an exception passes, and what was seen before it is shown all the same
            lines = lines_of(profiler, code) if profiler else None
            result = CellResult(r, lines, code.title())
            if not options.keys() & {"o", "q"}:
                show(result)
        return result if "o" in options else value

    return mprof
