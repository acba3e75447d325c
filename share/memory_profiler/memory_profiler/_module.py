"""mprof_c, from where this Python finds it, else from where it was installed: it serves every CPython from 3.8 on."""
import os
import sys

from ._installed import FOLDER

if sys.version_info < (3, 8):
    raise ImportError("mprof-c's module serves CPython 3.8 and later; for {0}.{1} take memory_profiler itself, or record the "
                      "program with mprof-c run".format(*sys.version_info))

try:
    import mprof_c
except ModuleNotFoundError as error:
    from importlib import util
    inside = os.path.join(FOLDER, "mprof_c")
    if error.name != "mprof_c" or not FOLDER or not os.path.isdir(inside):
        raise
    # By itself: in that folder are other modules, for another Python.
    spec = util.spec_from_file_location("mprof_c", os.path.join(inside, "__init__.py"), submodule_search_locations=[inside])
    mprof_c = sys.modules["mprof_c"] = util.module_from_spec(spec)
    spec.loader.exec_module(mprof_c)

from mprof_c import _lines, _native  # noqa: E402 (only now can it be found)
