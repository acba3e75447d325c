"""%mprun: what each line of chosen functions does to the memory, while a statement runs."""
import builtins
import importlib

from ._lines import LineProfiler
from ._magics import Cell, UsageError, parse


def look_up(text, names):
    """What an expression stands for, without the quotes that somebody may have put around it."""
    if text[:1] == text[-1:] and text[:1] in ("'", '"'):
        text = text[1:-1]
    try:
        return eval(text, names)
    except Exception as error:
        raise UsageError(f"could not find function {text!r}: {type(error).__name__}: {error}") from None


def look_up_module(text, names):
    if text in names:
        return names[text]
    try:
        return importlib.import_module(text)
    except ImportError as error:
        raise UsageError(f"could not find module {text!r}: {error}") from None


def enrol(profiler, options, names):
    """Has it look at the functions of -f and -m."""
    chosen = [(text, look_up(text, names)) for text in options.get("f", ())]
    chosen += [(text, look_up_module(text, names)) for text in options.get("m", ())]
    for text, thing in chosen:
        if profiler.add(thing) == 0:
            raise UsageError(f"there is no Python function in {text}: it has no lines to report")


def run(profiler, cell, names):
    """What is to be said at the end: "" or that it was broken off. With `profile` among the builtins, as in a script."""
    missing = object()
    before = getattr(builtins, "profile", missing)
    builtins.profile = profiler
    try:
        profiler.run(cell, names)
    except SystemExit:
        return "*** SystemExit exception caught in code being profiled."
    except KeyboardInterrupt:
        return "*** KeyboardInterrupt exception caught in code being profiled."
    finally:
        if before is missing:
            del builtins.profile
        else:
            builtins.profile = before
    return ""


def show(shell, text):
    """In a terminal by the pager; a notebook keeps what is printed, and would lose that."""
    try:
        from IPython.core.page import page
    except ImportError:
        page = print
    (print if getattr(shell, "kernel", None) is not None else page)(text)


def magic(shell):
    def mprun(line="", cell=None):
        """Reports what each line of chosen functions does to the memory, as `mprof-c line` does for a script.

        %mprun -f FUNCTION [-f FUNCTION] [-m MODULE] [-T FILE] [-r] [-c] statement
        %%mprun [options] [statement]
        code

        -f FUNCTION: report this function or method, or those of this class; any expression without blanks. One that was
        written into a cell is reported too. -m MODULE: all functions of a module. Or mark them with @profile.
        -T FILE: write the report to a file, too. -r: return the profiler. -c: with child processes, and without peaks.
        Each traced line takes up to some 10 microseconds more.
        """
        options, statement = parse(line, "rc", "fmT")
        names = shell.user_ns
        profiler = LineProfiler(include_children="c" in options)
        enrol(profiler, options, names)
        code, message = Cell(shell, cell or "", statement), ""
        try:
            message = run(profiler, code, names)
        finally:  # an exception passes, and what was seen before it is told all the same
            report = profiler.report().rstrip() or "no function was looked at: name some with -f, or mark them with @profile"
            show(shell, report)
            if message:
                print(message)
            if "T" in options:
                with open(options["T"][-1], "w") as file:
                    file.write(report + "\n")
                print(f"\n*** Profile printout saved to text file {options['T'][-1]}. {message}".rstrip())
        return profiler if "r" in options else None

    return mprun
