"""The report, in memory_profiler's columns."""
import sys

ROW = "{0:>6} {1:>12} {2:>12}  {3:>10}   {4}"
HEAD = ROW.format("Line #", "Mem usage", "Increment", "Occurrences", "Line Contents")


def show_results(prof, stream=None, precision=1):
    """Writes the lines of each function that ran, to sys.stdout unless told where."""
    stream = sys.stdout if stream is None else stream
    for table in prof.tables:
        if table.lines:
            for text in rows(table, precision):
                stream.write(text)


def rows(table, precision):
    yield f"Filename: {table.path}\n\n"
    yield f"{HEAD}\n"
    yield "=" * len(HEAD) + "\n"
    source = table.source()
    for number in sorted(source.keys() | {number for number in table.lines if number > 0}):
        line, cells = table.lines.get(number), ("", "", "")
        if line is not None:
            # What was held before is the first line's increment, as there.
            increment = line.most if number == table.code.co_firstlineno else line.increment
            cells = *(f"{mib:{precision + 4}.{precision}f} MiB" for mib in (line.most, increment)), line.occurrences
        yield ROW.format(number, *cells, source.get(number, "").rstrip("\n")) + "\n"
    yield "\n\n"
