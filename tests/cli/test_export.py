"""csv and json: every sample of a recording, with every digit that the file has."""
import csv
import gzip
import io
import json
import os
import subprocess
import sys
import unittest
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import made

START = 1700000000
HOSTILE = b'a,b "c"\t\x01\x1f\x7f\xff\xfe\xed\xa0\x80 \\ </script> \xf0\x9f\x98\x80 \xea\xb0\x80'


def last_run(content):
    """The recording's own lines, split; those before the last CMDLINE are other runs'."""
    lines = [line.split() for line in content.splitlines() if line.strip()]
    starts = [i for i, line in enumerate(lines) if line[0] == "CMDLINE"]
    return lines[starts[-1]:] if starts else lines


def samples(content):
    lines = last_run(content)
    main = [(Decimal(line[2]), Decimal(line[1])) for line in lines if line[0] == "MEM"]
    children = [(int(line[1]), Decimal(line[3]), Decimal(line[2])) for line in lines if line[0] == "CHLD"]
    return main, children


class Export(lab.Lab):
    def exported(self, backend, *args, **kw):
        return self.mprof("plot", "-b", backend, *args, status=0, **kw).stdout

    def csv(self, *args, **kw):
        text = self.exported("csv", *args, **kw)
        self.assertTrue(text.startswith("profile,series,seconds,epoch,mib\n"))
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def json(self, *args, **kw):
        return json.loads(self.exported("json", *args, **kw), parse_float=Decimal, parse_constant=self.fail)


class Heap(Export):
    """Who holds a sampled heap: what each line holds whenever that changes."""

    def setUp(self):
        super().setUp()
        self.write("a.dat", made.heap())

    def held(self, at):
        """MiB of cache.py:88 and export.py:31 at a sample, as the recording was made."""
        return at * 2, (at % 20) * 12 + (at % 20) * 2 if at % 20 < 15 else 0

    def test_csv(self):
        rows = [row for row in self.csv("a.dat") if row["series"].startswith("heap ")]
        self.assertEqual({row["series"] for row in rows},
                         {f"heap /srv/app/{of}" for of in ("cache.py:88 remember", "export.py:31 rows", "index.py:12 build", "log.py:7 keep")})
        last = {row["series"].split("/")[-1]: row for row in rows}
        self.assertEqual((last["cache.py:88 remember"]["mib"], last["export.py:31 rows"]["mib"]), ("118.000000", "0.000000"))
        for row in rows:
            if "export.py" in row["series"]:
                self.assertEqual(Decimal(row["mib"]), self.held(int(Decimal(row["seconds"]) * 2))[1])

    def test_json(self):
        [told] = self.json("a.dat")
        self.assertEqual([(who["file"], who["line"], who["live"], who["given_back"]) for who in told["holders"][::3]],
                         [("/srv/app/cache.py", 88, 118, 0), ("/srv/app/export.py", 31, 0, 588)])
        seen = {int(at * 2): mib for at, mib, who in told["heap"] if who == 0}
        self.assertEqual(seen, {at: self.held(at)[0] for at in range(1, 60)})

    def test_a_window_goes_on_from_what_was_held(self):
        [told] = self.json("-w", "10,12", "a.dat")
        self.assertEqual([(at, mib) for at, mib, who in told["heap"] if who == 0], [(at, at * 4) for at in (10, Decimal("10.5"), 11, Decimal("11.5"), 12)])

    def test_without_one(self):
        self.write("b.dat", made.growth())
        [told] = self.json("b.dat")
        self.assertEqual((told["holders"], told["heap"]), ([], []))


class Bills(Export):
    """What it consisted of: each class at each moment that there is a bill of, as it was recorded."""

    def setUp(self):
        super().setUp()
        self.write("a.dat", made.bill())
        lines = [line.split() for line in made.bill().splitlines() if line.startswith("BILL ")]
        self.bills = [(name, Decimal(epoch) - made.START, Decimal(mib)) for _, name, mib, epoch in lines]

    def test_csv(self):
        rows = [row for row in self.csv("a.dat") if row["series"].startswith("bill ")]
        self.assertEqual([(row["series"][5:], Decimal(row["seconds"]), Decimal(row["mib"])) for row in rows], self.bills)
        at = [row for row in self.csv("a.dat") if row["seconds"] == "10.000000" and row["series"] not in ("bill hugetlb", "bill off")]
        [memory] = [Decimal(row["mib"]) for row in at if row["series"] == "main"]
        self.assertEqual(sum(Decimal(row["mib"]) for row in at) - memory, memory)

    def test_json(self):
        [told] = self.json("a.dat")
        self.assertEqual([tuple(bill) for bill in told["bills"]], self.bills)

    def test_a_window(self):
        [told] = self.json("-w", "10,12", "a.dat")
        self.assertEqual({bill[1] for bill in told["bills"]}, {10, 11, 12})

    def test_without_one(self):
        self.write("b.dat", made.growth())
        [told] = self.json("b.dat")
        self.assertEqual(told["bills"], [])


class Exactness(Export):
    def check_csv(self, rows, content, path):
        main, children = samples(content)
        self.assertEqual({row["profile"] for row in rows}, {str(path)})
        self.assertEqual([(Decimal(r["epoch"]), Decimal(r["mib"])) for r in rows if r["series"] == "main"], main)
        self.assertEqual([(int(r["series"].split()[1]), Decimal(r["epoch"]), Decimal(r["mib"]))
                          for r in rows if r["series"] != "main"], children)
        for row in rows:
            self.assertEqual(Decimal(row["seconds"]), Decimal(row["epoch"]) - main[0][0])

    def check_json(self, profile, content):
        main, children = samples(content)
        zero = main[0][0]
        self.assertEqual(profile["start"], zero)
        self.assertEqual([tuple(s) for s in profile["samples"]], [(t - zero, m) for t, m in main])
        self.assertEqual([tuple(s) for s in profile["child_samples"]], [(p, t - zero, m) for p, t, m in children])
        self.assertEqual(profile["peak"][1], max(m for _, m in main))

    def test_every_compat_recording(self):
        for path in sorted(lab.COMPAT.glob("*.dat")):
            with self.subTest(path.name):
                content = path.read_text()
                self.check_csv(self.csv(path), content, path)
                (profile,) = self.json(path)
                self.assertEqual(profile["profile"], str(path))
                self.check_json(profile, content)

    def test_every_digit(self):
        figures = ["0.000001", "0.000010", "1.000000", "123456.789012", "9007199254.740993", "999999999.999999"]
        content = "CMDLINE x\n" + "".join(f"MEM {f} {START + i}.12345{i}\n" for i, f in enumerate(figures))
        path = self.write("a.dat", content)
        self.check_csv(self.csv("a.dat"), content, "a.dat")
        self.check_json(self.json(path)[0], content)
        self.assertEqual([row["mib"] for row in self.csv("a.dat")], figures)

    def test_many_samples(self):
        content = "CMDLINE x\n" + "".join(f"MEM {i % 977}.{i:06d} {START + i // 1000}.{i % 1000:03d}0\n" for i in range(60000))
        self.write("a.dat", content)
        self.check_csv(self.csv("a.dat"), content, "a.dat")
        self.check_json(self.json("a.dat")[0], content)

    def test_compressed_and_from_a_pipe(self):
        content = (lab.COMPAT / "multiprocess.dat").read_text()
        self.write("a.dat.gz", gzip.compress(content.encode()))
        self.check_csv(self.csv("a.dat.gz"), content, "a.dat.gz")
        self.check_csv(self.csv("-", input=content), content, "-")
        self.assertEqual(self.json("-", input=content)[0]["profile"], "-")
        os.mkfifo(self.folder / "pipe")
        with subprocess.Popen(["cp", lab.COMPAT / "multiprocess.dat", self.folder / "pipe"]):
            self.check_csv(self.csv("pipe"), content, "pipe")

    def test_compressed_in_a_pipe(self):
        content = (lab.COMPAT / "multiprocess.dat").read_text()
        (self.folder / "a.dat.gz").write_bytes(gzip.compress(content.encode()))
        os.mkfifo(self.folder / "pipe")
        with subprocess.Popen(["cp", self.folder / "a.dat.gz", self.folder / "pipe"]):
            self.check_csv(self.csv("pipe"), content, "pipe")
        with subprocess.Popen(["cp", self.folder / "a.dat.gz", self.folder / "pipe"]):
            self.mprof("plot", "-o", "a.svg", "pipe", status=0)

    def test_only_the_last_run(self):
        first = f"CMDLINE first\nMEM 900.000000 {START}.0000\nCHLD 5 7.000000 {START}.1000\n"
        content = first + f"CMDLINE second\nMEM 5.000000 {START + 9}.0000\nCHLD 6 8.000000 {START + 9}.1000\n"
        self.write("a.dat", content)
        self.check_csv(self.csv("a.dat"), content, "a.dat")
        (profile,) = self.json("a.dat")
        self.check_json(profile, content)
        self.assertEqual(profile["command"], "second")
        self.assertEqual([c["pid"] for c in profile["children"]], [6])

    def test_window(self):
        content = "CMDLINE x\n" + "".join(
            f"MEM {i}.000000 {START + i}.0000\nCHLD 7 {i}.500000 {START + i}.0000\nMARK 1.0 {START + i}.5 at {i}\n"
            for i in range(20))
        self.write("a.dat", content)
        rows = self.csv("-w", "3,5", "a.dat")
        marks = [row for row in rows if row["series"].startswith("mark ")]
        self.assertEqual([(row["series"], row["seconds"]) for row in rows if row not in marks],
                         [(s, f"{i}.000000") for i in (3, 4, 5) for s in ("main", "child 7")])
        self.assertEqual([(row["series"], row["seconds"]) for row in marks],
                         [(f"mark at {i}", f"{i}.500000") for i in (3, 4)])
        (profile,) = self.json("-w", "3,5", "a.dat")
        self.assertEqual([s[0] for s in profile["samples"]], [3, 4, 5])
        self.assertEqual([s[1] for s in profile["child_samples"]], [3, 4, 5])
        self.assertEqual([m["label"] for m in profile["marks"]], ["at 3", "at 4"])
        self.assertEqual(profile["start"], START)

    def test_several_recordings(self):
        paths = sorted(lab.COMPAT.glob("*.dat"))
        self.assertEqual([p["profile"] for p in self.json(*paths)], list(map(str, paths)))
        rows = self.csv(*paths)
        self.assertEqual(list(dict.fromkeys(row["profile"] for row in rows)), list(map(str, paths)))
        self.assertEqual(len(rows), sum(len(part) for path in paths for part in samples(path.read_text())))


def records(content, tag):
    return [line.split() for line in content.splitlines() if line.startswith(tag + " ")]


class Further(Export):
    """What stands beside the samples."""

    def exports(self, content, *args):
        self.write("a.dat", content)
        (profile,) = self.json("a.dat", *args)
        return self.csv("a.dat", *args), profile

    def moments(self, profile, name, skip=0):
        return [tuple(sample[skip:skip + 2]) for sample in profile[name]]

    def told(self, lines, memory, moment):
        return [(Decimal(line[moment]) - made.START, Decimal(line[memory])) for line in lines]

    def series(self, rows, name):
        return [(Decimal(row["seconds"]), Decimal(row["mib"])) for row in rows if row["series"] == name]

    def test_peaks(self):
        content = made.exact()
        rows, profile = self.exports(content)
        expected = self.told(records(content, "PEAK"), 1, 2)
        self.assertEqual(self.series(rows, "peak"), expected)
        self.assertEqual(self.moments(profile, "peaks"), expected)

    def test_metrics(self):
        content = made.metrics()
        rows, profile = self.exports(content)
        for metric in ("pss", "swap", "cgroup"):
            expected = self.told([line for line in records(content, "VAL") if line[1] == metric], 2, 3)
            self.assertEqual(self.series(rows, f"metric {metric}"), expected)
            self.assertEqual([tuple(s[1:]) for s in profile["metric_samples"] if s[0] == metric], expected)
        self.assertEqual([m["metric"] for m in profile["metrics"]], ["pss", "swap", "cgroup"])
        self.assertEqual(profile["metrics"][1]["peak"], [Decimal("4.9"), 76])
        self.assertEqual(profile["settings"]["limit"], "8192")
        self.assertEqual(self.series(rows, "mark epoch 2"), [(Decimal("2.5"), 160)])

    def test_gpus(self):
        content = made.gpu()
        rows, profile = self.exports(content)
        expected = self.told([line for line in records(content, "GPU") if line[1] == "0"], 2, 3)
        self.assertEqual(self.series(rows, "gpu 0"), expected)
        self.assertEqual([tuple(s[1:]) for s in profile["gpu_samples"] if s[0] == "0"],
                         [(*sample, "tree") for sample in expected])
        self.assertEqual(len(self.series(rows, "gpu 1 device")), 60)
        self.assertEqual(profile["gpus"], [{"device": "0", "tree_peak": [4, 72000], "device_peak": None},
                                           {"device": "1", "tree_peak": None, "device_peak": [Decimal("0.9"), 10200]}])

    def test_open_calls(self):
        rows, profile = self.exports(made.killed())
        self.assertEqual([(e["function"], e["level"], e["thread"]) for e in profile["entered"]],
                         [("main", 0, 100), ("train", 1, 100)])
        self.assertEqual(profile["settings"]["killed"], "oom")

    def test_growth(self):
        rows, profile = self.exports(made.growth())
        frames, steps = profile["frames"], profile["growth"]
        self.assertEqual([s["delta"] for s in steps][:9], [25] * 6 + [150] * 3)
        self.assertEqual(frames[steps[6]["frame"]]["function"], "_sum")
        self.assertEqual(frames[frames[steps[6]["frame"]]["caller"]]["function"], "matrix")
        self.assertEqual(sum(s["delta"] for s in steps), sum(f["net"] for f in frames))
        self.assertEqual(sum(mib for _, mib in self.series(rows, "growth /home/u/train.py:8 load")), 150)
        _, window = self.exports(made.growth(), "-w", "1.5,2.5")
        self.assertEqual([s["delta"] for s in window["growth"]], [150] * 3)

    def test_lines(self):
        line = "LINE /home/u/a.py:7 f 30.500000 12.250000 90.000000 3 100"
        _, profile = self.exports(made.growth() + line + "\n")
        self.assertEqual(profile["lines"], [{"file": "/home/u/a.py", "function": "f", "pid": 100, "line": 7,
                                             "memory": Decimal("30.5"), "increment": Decimal("12.25"), "peak": 90,
                                             "occurrences": 3}])


class Content(Export):
    def test_json_tells_what_the_file_tells(self):
        self.write("a.dat", f"""CMDLINE ./train.py 'a b'
META format=1 metric=rss pid=100 host='my host'
MEM 10.000000 {START}.000000
PROC 101 100 {START}.250000 worker
CHLD 101 5.000000 {START}.500000
MEM 20.500000 {START + 1}.000000
MARK 20.0 {START + 1}.5 epoch 3
FUNC __main__.f 10.0 {START}.1 20.0 {START + 1}.1 0
FUNC __main__.f 20.0 {START + 1}.2 25.0 {START + 1}.3 1
GONE 101 {START + 2}.000000 6.000000 3
GONE 100 {START + 2}.000000 21.000000 -9
EXIT -9 {START + 2}.000000 22.000000 2 1
""")
        (profile,) = self.json("a.dat")
        self.assertEqual(profile["unit"], "MiB")
        self.assertEqual(profile["command"], "./train.py 'a b'")
        self.assertEqual(profile["settings"], {"format": "1", "metric": "rss", "pid": "100", "host": "my host"})
        self.assertEqual(profile["peak"], [1, Decimal("20.5")])
        self.assertEqual(profile["high_water"], 21)
        self.assertEqual(profile["exit"], {"status": -9, "epoch": START + 2, "ru_maxrss": 22, "missed": 1})
        self.assertEqual(profile["children"], [{"pid": 101, "name": "worker", "born": Decimal("0.25"), "gone": 2,
                                                "status": 3, "peak": [Decimal("0.5"), 5], "high_water": 6}])
        self.assertEqual(profile["marks"], [{"label": "epoch 3", "at": [Decimal("1.5"), 20]}])
        self.assertEqual(profile["functions"],
                         [{"name": "__main__.f", "calls": 2, "seconds": Decimal("1.1"), "growth": 15}])
        self.assertEqual([(c["function"], c["level"], c["entry"], c["exit"]) for c in profile["calls"]],
                         [("__main__.f", 0, [Decimal("0.1"), 10], [Decimal("1.1"), 20]),
                          ("__main__.f", 1, [Decimal("1.2"), 20], [Decimal("1.3"), 25])])

    def test_what_mprof_does_not_write_is_null(self):
        (profile,) = self.json(lab.COMPAT / "multiprocess.dat")
        self.assertIsNone(profile["exit"])
        self.assertIsNone(profile["high_water"])
        self.assertEqual({(c["name"], c["born"], c["gone"], c["status"]) for c in profile["children"]},
                         {(None, None, None, None)})

    def test_hostile_texts(self):
        name = HOSTILE.replace(b" ", b"_").replace(b"\t", b"")
        lines = [b"CMDLINE " + HOSTILE, b"MEM 1.000000 %d.0" % START, b"MEM 2.000000 %d.0" % (START + 1),
                 b"FUNC " + name + b" 1.0 %d.1 2.0 %d.2 0" % (START, START),
                 b"PROC 7 1 %d.1 " % START + HOSTILE, b"MARK 1.0 %d.5 " % START + HOSTILE, b""]
        self.write("a.dat", b"\n".join(lines))
        done = self.mprof("plot", "-b", "json", "a.dat", status=0, text=False)
        (profile,) = json.loads(done.stdout.decode())  # strict: raises at a broken byte
        shown = HOSTILE.decode(errors="replace")
        for text in (profile["command"], profile["children"][0]["name"], profile["marks"][0]["label"]):
            self.assertEqual(text.replace("\ufffd", ""), shown.replace("\ufffd", ""))
            self.assertEqual(text.count("\ufffd"), 5)  # one a byte
        self.assertEqual(len(profile["calls"]), 1)

    def test_hostile_file_names(self):
        content = (lab.COMPAT / "sleep.dat").read_bytes()
        for name in ('a,b.dat', 'say "hi".dat', 'two\nlines.dat', "=cmd|x.dat"):
            self.write(name, content)
            self.assertEqual({row["profile"] for row in self.csv(name)}, {name})
            self.assertEqual(self.json(name)[0]["profile"], name)

    def test_a_cut_recording_has_its_whole_lines(self):
        self.write("a.dat", f"CMDLINE x\nMEM 1.000000 {START}.0000\nMEM 2.000000 {START + 1}.00")
        self.assertEqual([row["mib"] for row in self.csv("a.dat")], ["1.000000"])
        self.assertEqual(len(self.json("a.dat")[0]["samples"]), 1)


class Bounds(Export):
    def test_full_disk_is_said(self):
        for backend in ("csv", "json"):
            self.refuses("plot", "-b", backend, "-o", "/dev/full", lab.COMPAT / "func.dat", status=1, says="No space")
        self.write("a.dat", "".join(f"MEM {i}.000000 {START + i}.0000\n" for i in range(9000)))
        for name in ("csv", "json", "openmetrics", "firefox", "perfetto"):  # also in the midst of it
            self.refuses("export", "-f", name, "-o", "/dev/full", "a.dat", status=1, says="No space")

    @unittest.skipIf(lab.SANITIZED, "a sanitizer's memory is its own")
    def test_memory_stays_bounded(self):
        block = "".join(f"MEM {i % 977}.000000 {START + i // 1000}.{i % 1000:03d}0\n" for i in range(100000))
        with open(self.folder / "a.dat", "w") as file:
            file.write("CMDLINE x\n")
            for _ in range(10):
                file.write(block)
        for backend in ("csv", "json"):
            with open(os.devnull, "wb") as nowhere:
                process = subprocess.Popen([lab.MPROF, "plot", "-b", backend, "a.dat"], cwd=self.folder, env=self.env,
                                           stdout=nowhere)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status
            self.assertEqual(status, 0)
            self.assertLess(usage.ru_maxrss, 32 * 1024)  # KiB; the recording has 27 MiB


if __name__ == "__main__":
    lab.main()
