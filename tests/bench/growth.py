"""Grows at lines of its own by amounts that it measures itself; prints seconds, and MiB by line, as JSON."""
import json
import sys
import time

MIB = 1 << 20


def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / MIB


def rows(n):
    kept = []
    for _ in range(n):
        kept.append(bytes(1000))  # LINE rows
    return kept


def index(kept):
    found = {}
    for i, _ in enumerate(kept):
        found[i] = str(i) * 20  # LINE index
    return found


def blocks(n):
    kept = []
    for _ in range(n):
        kept.append(bytearray(MIB))  # LINE blocks
    return kept


def large(size):
    return b"x" * size  # LINE large


def passing(size):
    return len(b"y" * size)  # LINE passing


def main():
    truth, kept = {}, []
    begin = time.perf_counter()
    for name, work in (("rows", lambda: rows(200000)), ("index", lambda: index(kept[0])), ("blocks", lambda: blocks(200)),
                       ("large", lambda: large(200 * MIB)), ("passing", lambda: passing(200 * MIB))):
        before = held()
        kept.append(work())
        truth[name] = held() - before
    truth["passing"] = 200.0  # gone again: what it is by its size
    print(json.dumps({"seconds": time.perf_counter() - begin, "truth": truth, "peak": held() + 200}), file=sys.stderr)


main()
