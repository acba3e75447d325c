"""A child that makes a table of its own of the one that it has from its parent."""
import os

table = [[i, i + 1] for i in range(100000)]


def copy():
    return [dict.fromkeys(row) for row in table]  # the leak


pid = os.fork()
if pid == 0:
    mine = copy()
    os._exit(0)
os.waitpid(pid, 0)
