"""The CPythons of this machine that can be seen from inside: 3.9 and later, one a version."""
import functools
import glob
import os
import subprocess
import sys

OLDEST, NEWEST_KNOWN = (3, 9), (3, 14)
SYSTEM = "/usr/bin/python3"  # Debian's, which finds Debian's packages
PROBE = ("import sys, sysconfig\nprint(sys.implementation.name, *sys.version_info[:2],"
         " sysconfig.get_config_var('Py_GIL_DISABLED') or 0)")


def _ask(path):
    try:
        done = subprocess.run([path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60)
    except OSError:
        return None
    return done.stdout.split() if done.returncode == 0 else None


@functools.lru_cache(maxsize=None)
def all_pythons():
    """{(3, minor): path} of every CPython 3 with a global interpreter lock; Debian's own first."""
    places = [SYSTEM, sys.executable, *sorted(glob.glob("/usr/bin/python3.[0-9]*")),
              *sorted(glob.glob("/usr/local/bin/python3.[0-9]*")),
              *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3")))]
    found = {}
    for path in places:
        if path.endswith("-config") or not os.access(path, os.X_OK):
            continue
        words = _ask(path)
        if words and words[0] == "cpython" and words[3] == "0":
            found.setdefault((int(words[1]), int(words[2])), path)
    return dict(sorted(found.items()))


def supported():
    return {version: path for version, path in all_pythons().items() if version >= OLDEST}


def old():
    return {version: path for version, path in all_pythons().items() if version < OLDEST}


def one_of_each_way():
    """One before 3.12 and one since, as far as they are here: lines come from a trace function there, and from
    sys.monitoring here."""
    found = supported()
    before = [v for v in found if v < (3, 12)]
    since = [v for v in found if v >= (3, 12)]
    return {v: found[v] for v in (before[-1:] + since[-1:])}


def named(versions):
    return " ".join(".".join(map(str, v)) for v in versions) or "none"


def announce():
    """A line of TAP that says what is tested, and what is not here to be."""
    missing = [(3, minor) for minor in range(OLDEST[1], NEWEST_KNOWN[1] + 1) if (3, minor) not in supported()]
    print(f"# CPython {named(supported())}; skipped, for they are not here: {named(missing)}", flush=True)
