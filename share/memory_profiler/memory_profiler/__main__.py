"""python -m memory_profiler [OPTIONS] SCRIPT.py|MODULE [ARGUMENTS]"""
import argparse
import builtins
import contextlib
import os
import runpy
import sys

from . import LineProfiler, TimeStamper, __version__, show_results
from ._module import mprof_c
from ._profiler import METRICS


def parse():
    parser = argparse.ArgumentParser(prog="python -m memory_profiler",
                                     description="Report the memory of a Python program by the lines of what @profile marks.")
    parser.add_argument("--version", action="version", version=f"{__version__} (mprof-c {mprof_c.__version__})")
    parser.add_argument("--pdb-mmem", dest="max_mem", metavar="MIB", type=float,
                        help="step into pdb when this is reached")
    parser.add_argument("--precision", type=int, default=3, help="decimals of the figures (3)")
    parser.add_argument("-o", dest="output", metavar="FILE", help="append the report to this file")
    parser.add_argument("--timestamp", action="store_true", help="tell when each call began and ended, as FUNC records")
    parser.add_argument("--include-children", action="store_true", help="count child processes")
    parser.add_argument("--backend", choices=sorted(METRICS), default="psutil", help="what to measure")
    parser.add_argument("program", nargs=argparse.REMAINDER, help="a script that ends in .py, or a module, and its arguments")
    options = parser.parse_args()
    if not options.program:
        parser.error("a program to run must be provided")
    return options


def find(script):
    """In this folder, else in PATH."""
    for folder in ["", *os.get_exec_path()]:
        path = os.path.join(folder, script)
        if os.path.isfile(path):
            return path
    sys.exit(f"memory_profiler: there is no script {script}, neither here nor in PATH")


def run(program, profiler):
    """As __main__, with `profile` among the builtins, which the script need not import."""
    builtins.profile = profiler
    name, sys.argv = program[0], program
    if not name.endswith(".py"):
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    sys.argv[0] = find(name)
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")


def main():
    options = parse()
    if options.timestamp:
        profiler = TimeStamper(options.backend, options.include_children)
    else:
        profiler = LineProfiler(options.include_children, options.backend, options.max_mem)
    try:
        run(options.program, profiler)
    finally:  # however it ends
        with open(options.output, "a") if options.output else contextlib.nullcontext(sys.stdout) as stream:
            if options.timestamp:
                profiler.show_results(stream)
            else:
                show_results(profiler, stream, options.precision)


main()
