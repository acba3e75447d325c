"""threads.py LOAD INTERVAL: the recorder of mprof_c beside a Python thread that appends psutil's rss to a list. One JSON
object: of each, samples kept (a share of the ticks) and the slowdown of the main thread against its work alone."""
import json
import sys
import threading
import time

import mprof_c
import psutil


class Psutil(threading.Thread):
    """As it is copied from blog to blog."""

    def __init__(self, interval):
        super().__init__(daemon=True)
        self.interval, self.samples, self.go_on = interval, [], True

    def run(self):
        process = psutil.Process()
        while self.go_on:
            self.samples.append((time.time(), process.memory_info().rss))
            time.sleep(self.interval)


def python_loop():
    x = 0
    for i in range(20_000_000):
        x += i & 3


def long_call():
    sum(range(60_000_000))


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def with_psutil(work, interval):
    thread = Psutil(interval)
    thread.start()
    time.sleep(2 * interval)
    before = len(thread.samples)
    taken = timed(work)
    kept = len(thread.samples) - before
    thread.go_on = False
    thread.join()
    return taken, kept


def with_module(work, interval):
    with mprof_c.record(interval) as r:
        time.sleep(2 * interval)
        before = len(r.samples)
        taken = timed(work)
        kept = len(r.samples) - before
    return taken, kept


def main():
    work, interval = {"loop": python_loop, "call": long_call}[sys.argv[1]], float(sys.argv[2])
    figures = {"psutil": [], "mprof_c": []}
    for _ in range(int(sys.argv[3])):
        alone = timed(work)  # each round against its own
        for name, measured in (("psutil", with_psutil), ("mprof_c", with_module)):
            taken, kept = measured(work, interval)
            figures[name].append((kept / max(1, int(taken / interval)), taken / alone))
    json.dump(figures, sys.stdout)


main()
