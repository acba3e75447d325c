"""Grows at known lines: 60 MiB at GROW A, 40 at GROW B (in a function of its own), 50 at GROW C for a
moment only. Options: kill: by SIGKILL when it has grown; fork: also in a child; exit=N; threads."""
import os
import signal
import sys
import threading
import time


def rows(n):
    kept = []
    for _ in range(n):
        kept.append(bytes(1000))  # GROW A
    return kept


def block(size):
    return bytearray(size)  # GROW B


def passing(size):
    taken = [0]
    taken[0] = b"x" * size  # GROW C
    time.sleep(0.05)


def work():
    kept = rows(60500), block(40 << 20)
    time.sleep(0.05)
    passing(50 << 20)
    time.sleep(0.05)
    return kept


def main():
    words = sys.argv[1:]
    if "threads" in words:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    else:
        kept = work()
    if "fork" in words:
        child = os.fork()
        if child == 0:
            kept = block(70 << 20)
            time.sleep(0.3)
            os._exit(0)
        os.waitpid(child, 0)
    if "kill" in words:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    sys.exit(next((int(w[5:]) for w in words if w.startswith("exit=")), 0))


main()
