# RUN -C
import os
import subprocess
import sys


def work():
    rows = []
    for i in range(40):
        rows.append(os.urandom(1 << 20))  # RIGHT 120
    return rows


if sys.argv[1:]:
    work()
else:
    for _ in range(3):
        subprocess.run([sys.executable, os.path.abspath(__file__), "child"], check=True)
