"""memory_profiler's module, on mprof_c: put its folder into PYTHONPATH, and programs that use memory_profiler run unedited.

    python -m memory_profiler example.py     # the lines of what @profile marks
    from memory_profiler import profile, memory_usage, LogFile
    %load_ext memory_profiler                # %memit, %mprun

The names, arguments and reports are those of memory_profiler 0.61; `man mprof_c` tells where the figures differ.
"""
from . import _module
from ._log import LogFile
from ._profiler import LineProfiler, choose_backend, profile
from ._report import show_results
from ._stamps import TimeStamper

memory_usage = _module.mprof_c.memory_usage
load_ipython_extension = _module.mprof_c.load_ipython_extension

__all__ = ["LineProfiler", "LogFile", "TimeStamper", "choose_backend", "load_ipython_extension", "memory_usage", "profile",
           "show_results"]
__version__ = "0.61.0"  # whose ways these are
