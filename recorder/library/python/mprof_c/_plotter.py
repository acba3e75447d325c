"""Where the plotter is."""
import os
import shutil
import sys

from . import _native


def find_plotter():
    """The words that start it: beside the library, in the build folder, in libexecdir, beside this Python, in PATH."""
    beside = os.path.dirname(os.path.realpath(_native.library()))
    for folder in (beside, os.path.join(beside, "..", ".."), _native.libexecdir, os.path.join(sys.prefix, "bin")):
        path = os.path.join(folder, "mprof-c-plot")
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return [path]
    for name in ("mprof-c-plot", "mprof-c"):  # the latter hands over
        if shutil.which(name):
            return [shutil.which(name)]
    raise FileNotFoundError(f"the plotter, mprof-c-plot, is neither in {_native.libexecdir} nor in PATH")
