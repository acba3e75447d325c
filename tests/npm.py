"""What npm has put here: npm install -g, or the folder node_modules that MPROF_NODE_MODULES names. share/setup.sh tells
the packages that tests use."""
import functools
import os
import shutil
import subprocess
from pathlib import Path


@functools.lru_cache
def package(name):
    """Its folder; None: it is nowhere."""
    roots = [os.environ.get("MPROF_NODE_MODULES")]
    if shutil.which("npm"):
        roots.append(subprocess.run(["npm", "root", "-g"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip())
    found = [Path(root) / name for root in roots if root and (Path(root) / name / "package.json").is_file()]
    return found[0] if found else None


def lacks(name):
    return f"npm's package {name} is not here (sh share/setup.sh ci, or npm install -g {name})"
