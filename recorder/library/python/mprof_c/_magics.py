"""What the magics share: their options, the code that they run, and where their text goes."""
import ast
import itertools
import linecache
import re

try:
    from IPython.core.error import UsageError
except ImportError:  # somebody else's shell

    class UsageError(Exception):
        """The line of a magic is wrong."""

numbers = itertools.count(1)
SHORT = re.compile(r"\s*(--|-([A-Za-z]+))(?=\s|$|[^A-Za-z])")


def parse(line, switches, valued):
    """({letter: [value, …]} of what stands before the statement, the statement). As getopt: -qo, -r5, -r 5, -- ends them.

    A switch has the values [True]; a letter of `valued` one for each time it was given, as text.
    """
    found = {}
    while True:
        option = SHORT.match(line)
        if not option:
            return found, line.strip()
        if option.group(1) == "--":
            return found, line[option.end():].strip()
        line = line[option.start(2):]
        while line and not line[0].isspace():
            letter, line = line[0], line[1:]
            if letter in switches:
                found[letter] = [True]
                continue
            if letter not in valued:
                raise UsageError(f"there is no option -{letter}; a statement that begins with - stands behind --")
            value = re.match(r"\s*(\S+)", line)
            if not value:
                raise UsageError(f"-{letter} needs a value")
            found.setdefault(letter, []).append(value.group(1))
            line = line[value.end():]
            break


def number(found, letter, usual, least, most, kind=float):
    """The last value of an option as a number."""
    if letter not in found:
        return usual
    text = found[letter][-1]
    try:
        value = kind(float(text))
    except (ValueError, OverflowError):
        value = None
    if value is None or not least <= value <= most:
        raise UsageError(f"-{letter} takes a number from {least:g} to {most:g}, not {text!r}")
    return value


def interval(found):
    return number(found, "i", 0.01, 0.0001, 86400)


def transformed(shell, text):
    """IPython's own syntax as Python's."""
    return getattr(shell, "transform_cell", str)(text)


class Cell:
    """Code of a cell, ready to run: all of it but a last expression, whose value is the cell's.

    first: the line of the magic. Lines are numbered as in the notebook, where that is the first.
    """

    def __init__(self, shell, text, first):
        text = transformed(shell, f"{first}\n{text}" if first else text)
        self.text = text if first else "\n" + text  # which IPython would have dropped
        self.name = f"<mprof cell {next(numbers)}>"
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.name] = (len(self.text), None, lines, self.name)  # for tracebacks and reports; no file
        tree = getattr(shell, "transform_ast", lambda tree: tree)(ast.parse(self.text, self.name))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        self.body = compile(tree, self.name, "exec")
        self.value = compile(ast.Expression(last.value), self.name, "eval") if last is not None else None

    def title(self):
        """The first line that says what it does."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return next((line for line in lines if not line.startswith(("#", "import ", "from "))), "".join(lines[:1]))

    def enrol(self, profiler):
        profiler.add_code(self.body, self.name)
        if self.value is not None:
            profiler.add_code(self.value, self.name, profiler.tables[-1])

    def __call__(self, names):
        exec(self.body, names)
        return eval(self.value, names) if self.value is not None else None
