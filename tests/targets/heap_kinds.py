"""Small objects of four kinds, each made in a line of its own; with TRACE, what tracemalloc says of each."""
import os
import tracemalloc


class Slots:
    __slots__ = "a", "b", "c"


class Maker:
    def strings(self, n):
        kept = []
        for i in range(n):
            kept.append("%060d" % i)  # strings
        return kept


def dicts(n):
    kept = []
    for i in range(n):
        kept.append({"number": None})  # dicts
    return kept


def tuples(n):
    kept = []
    for i in range(n):
        kept.append((kept, i % 100, n))  # tuples
    return kept


def slots(n):
    kept = []
    for i in range(n):
        kept.append(Slots())  # slots
    return kept


if os.environ.get("TRACE"):
    tracemalloc.start()
held = [Maker().strings(100000), dicts(60000), tuples(150000), slots(150000)]
junk = [dicts(100) for _ in range(500)]
del junk
if os.environ.get("TRACE"):
    for one in tracemalloc.take_snapshot().statistics("lineno"):
        print(one.traceback[0].lineno, one.size)
