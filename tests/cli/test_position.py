"""The exact line of small objects: what takes only time grows nothing, though that is where the thread mostly stands."""
import json
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import pythons

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


def grown(report):
    """{line: MiB} that the program's own lines grew by, where they are told of."""
    return {row["frame"]["line"]: row["grew_mib"] for row in report["yours"]
            if row["frame"] and row["frame"]["file"].endswith("small.py")}


@unittest.skipIf(lab.SANITIZED, "a sanitizer's pace is another")
class SmallObjects(lab.Lab):
    def tell(self, python):
        """{line: MiB}, or None where the kernel tells no page faults."""
        program = self.write("small.py", PROGRAM)
        self.mprof("run", "-q", "-o", "a.dat", python, program, status=0)
        if ["META", "where=faults"] not in self.recording():
            return None
        return grown(json.loads(self.mprof("report", "--json", "a.dat", status=0).stdout))

    def looks_right(self, grew):
        kept = [grew.get(lines_of("KEPT " + what)[0], 0) for what in ("strings", "generated", "called", "parsed")]
        time = sum(grew.get(line, 0) for line in lines_of("TIME"))
        return min(kept) > 7 and time < 0.06 * (sum(kept) + time)

    def test_lines_that_keep_are_told_from_lines_that_take_time(self):
        for version, python in pythons.supported().items():
            with self.subTest(version=version):
                grew = self.tell(python)
                if grew is None:
                    self.skipTest("the kernel tells no page faults here")
                # How soon we are woken is up to the machine: what is learned at first is learned in that time.
                for _ in range(2):
                    if self.looks_right(grew):
                        break
                    grew = self.tell(python)
                self.assertTrue(self.looks_right(grew), grew)


if __name__ == "__main__":
    lab.main()
