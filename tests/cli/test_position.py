"""The exact line of small objects: what takes only time grows nothing, though that is where the thread mostly stands."""
import collections
import json
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons
from test_growth import MAY_READ

# Each function has a line that keeps what it makes, and one that takes most of the time and keeps nothing. The objects
# are of sizes that no temporary has: a page belongs to whoever touches it first.
PROGRAM = textwrap.dedent("""\
    import json
    def busy(n):
        return sum(range(n))                       # TIME
    def strings(n):
        out = [None] * n
        for i in range(n):
            out[i] = "x%d" % i * 50                # KEPT strings
            busy(60)                               # TIME
        return out
    def source(n):
        for i in range(n):
            yield b"y" * (320 + i % 8)             # KEPT generated
    def generated(n):
        out = [None] * n
        for i, b in enumerate(source(n)):
            busy(60)                               # TIME
            out[i] = b
        return out
    def called(n):
        return [made(i) for i in range(n)]
    def made(i):
        busy(60)                                   # TIME
        return bytes(400 + i % 8)                  # KEPT called
    def parsed(n):
        text = json.dumps(["z" * 420])
        out = [None] * n
        for i in range(n):
            out[i] = json.loads(text)              # KEPT parsed
            busy(60)                               # TIME
        return out
    kept = [f(30000) for f in (strings, generated, called, parsed)]
    """)


def lines_of(mark):
    return [i for i, line in enumerate(PROGRAM.splitlines(), 1) if f"# {mark}" in line]


def shares(path):
    """{line: share} of what the program's own lines grew."""
    grew = collections.Counter()
    for row in json.loads(path)["own"]:
        grew[row["line"]] += row["grew"]
    total = sum(grew.values())
    return {line: 100 * n / total for line, n in grew.items()}


@unittest.skipUnless(MAY_READ, "another process' memory may not be read here")
@unittest.skipIf(lab.SANITIZED, "a sanitizer's pace is another")
class SmallObjects(lab.TestCase):
    def tell(self, python):
        program = self.write("small.py", PROGRAM)
        self.mprof("run", "-q", "-o", self.recording(), python, program, status=0)
        meta = self.recording().read_text().split("SAMPLE")[0]
        return meta, self.mprof("report", "--json", self.recording(), status=0).stdout


if __name__ == "__main__":
    lab.main()
