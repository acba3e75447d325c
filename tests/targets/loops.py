"""Loops of small objects, between lines that only take time: loops.py NAME [truth]. With `truth` Python itself tells, as JSON,
how many bytes each line of this file has made that are still held (tracemalloc: the nearest line of this file counts)."""
import csv
import io
import itertools
import json
import re
import sys
import tracemalloc

ROWS = 100000
TEXT = "id=%d name=user%d mail=user%d@example.org"
PATTERN = re.compile(r"id=(\d+) name=(\S+) mail=(\S+)")


def busy(n=40):
    return sum(range(n))


def strings(kept):
    for i in range(ROWS):
        text = str(i) * 50
        busy()
        kept.append(text)


def dicts(kept):
    for i in range(ROWS):
        found = PATTERN.match(TEXT % (i, i, i))
        row = {"id": i, "name": "n%d" % i, "held": found is not None}
        busy()
        kept.append(row)


def tuples(kept):
    for i in range(4 * ROWS):
        a = (i, i + 1, i + 2)
        b = a[0] + a[1]
        kept.append((a, b))


def floats(kept):
    for i in range(8 * ROWS):
        x = i * 0.5
        busy(4)
        kept.append(x)


def numbered(n):
    for i in range(n):
        yield "line %d of a file that has a good many of them" % i


def generator(kept):
    for line in numbered(4 * ROWS):
        words = line.split()
        kept.append(line)
        len(words)


def comprehension(kept):
    for i in range(ROWS // 100):
        busy(400)
        kept.append([str(j) * 8 for j in range(100)])
        kept.append({j: j * 1000 for j in range(40)})


def from_json(kept):
    text = json.dumps({"id": 123456789, "values": [1.5, 2.5, 3.5], "name": "a name of some length"})
    for _ in range(ROWS):
        busy()
        row = json.loads(text)
        kept.append(row)


def from_csv(kept):
    text = "".join("%d,name %d,%d\n" % (i, i, i * 7) for i in range(ROWS))
    for row in csv.reader(io.StringIO(text)):
        busy()
        kept.append(row)


def by_regex(kept):
    for i in range(ROWS):
        text = TEXT % (i, i, i)
        groups = PATTERN.match(text).groups()
        PATTERN.sub("", text)
        kept.append(groups)


class Point:
    __slots__ = ("x", "y", "name")

    def __init__(self, x, y):
        self.x = x * 1000003
        self.y = y * 0.5
        self.name = None


class Open:
    def __init__(self, i):
        self.number = i
        self.label = "label %d" % i


def slots(kept):
    for i in range(3 * ROWS):
        point = Point(i, i)
        busy(10)
        kept.append(point)


def objects(kept):
    for i in range(ROWS):
        busy()
        kept.append(Open(i))


def sets(kept):
    for i in range(ROWS):
        few = {i, i + 1, i + 2}
        many = few | {i + 3, i + 4, i + 5}
        kept.append(many)


def byte_strings(kept):
    for i in range(ROWS):
        part = b"%d" % i
        whole = part * 60
        part in whole
        kept.append(whole)


def nested(kept):
    def leaf(i):
        return ["leaf", i * 7919, [i]]

    def branch(i):
        busy(20)
        return leaf(i), leaf(i + 1)

    for i in range(ROWS):
        kept.append(branch(i))


def splits(kept):
    for i in range(ROWS):
        text = "a%d b%d c%d d%d" % (i, i, i, i)
        parts = text.split()
        ",".join(parts)
        kept.append(parts)


def chained(kept):
    for batch in range(ROWS // 100):
        busy(400)
        kept.extend(itertools.chain.from_iterable((str(i) * 20, i) for i in range(100)))


LOOPS = {f.__name__: f for f in (strings, dicts, tuples, floats, generator, comprehension, from_json, from_csv, by_regex, slots,
                                 objects, sets, byte_strings, nested, splits, chained)}


def main():
    kept, truth = [], sys.argv[2:] == ["truth"]
    if truth:
        tracemalloc.start(30)
    LOOPS[sys.argv[1]](kept)
    if not truth:
        return
    by_line = {}
    for trace in tracemalloc.take_snapshot().traces:
        line = next((f.lineno for f in reversed(list(trace.traceback)) if f.filename == __file__), 0)
        by_line[line] = by_line.get(line, 0) + trace.size
    print(json.dumps(by_line))


main()
