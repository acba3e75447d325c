"""Adds up the TAP lines of one or several meson test logs: python3 tests/summary.py LOG… → “N passed, N failed”."""
import json
import re
import sys
from pathlib import Path


def count(log):
    passed = failed = skipped = again = 0
    for line in log.read_text().splitlines():
        test = json.loads(line)
        marks = re.findall(r"^(not ok|ok)\b(.*)$", test.get("stdout") or "", re.M)
        bad = sum(1 for mark, _ in marks if mark == "not ok")
        skip = sum(1 for mark, rest in marks if mark == "ok" and "# SKIP" in rest)
        good = len(marks) - bad - skip
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and bad == 0:
            bad = 1  # died without a word, or ran out of time
            print(f"{test['name']}: {test['result']}", file=sys.stderr)
        if not marks:
            good, skip = (1, 0) if test["result"] == "OK" else (0, int(test["result"] == "SKIP"))
        passed, failed, skipped = passed + good, failed + bad, skipped + skip
        for told in re.findall(r"^# again: .*$", test.get("stdout") or "", re.M):
            again += 1
            print(f"{test['name']}: {told}", file=sys.stderr)
    return passed, failed, skipped, again


def main():
    totals = [count(Path(log)) for log in sys.argv[1:] if Path(log).exists()]
    passed, failed, skipped, again = (sum(column) for column in zip((0, 0, 0, 0), *totals))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "") + (f", {again} made again" if again else ""))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
