"""export in the formats of other programs: each held against the recording, and against the reader's own schema or program where
that is there: promtool, protoc, and of npm the packages speedscope and @firefox-devtools/profiler-cli."""
import base64
import json
import re
import resource
import shutil
import subprocess
import sys
import unittest
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import browser
import lab
import terminals
import made
from npm import lacks, package

START = made.START
NEEDS = {"speedscope": ("growth", "heap", "killed", "short"), "folded": ("growth", "short")}  # what they can show anything of
ALL = ("csv", "json", "firefox", "perfetto", "speedscope", "openmetrics", "folded")
HOSTILE = 'epoch "1" \\ </script><img src=x> \x01\t\u202e ä 😀 '
NESTED = ["FUNC a 1.0 {0}.000000 2.0 {4}.000000 0", "FUNC b 1.0 {1}.000000 2.0 {2}.000000 1", "FUNC c 1.0 {2}.000000 2.0 {3}.000000 1",
          "FUNC other 5.0 {1}.000000 2.0 {6}.000000 0", "ENTER open 7.0 {5}.000000 0 100"]


def nested():
    times = {str(i): START + i for i in range(7)}
    calls = [re.sub(r"\{(\d)\}", lambda m: str(times[m[1]]), line) for line in NESTED]
    return made.text(made.head("./calls.py"), made.memory(range(10, 17), 1), calls, [f"EXIT 0 {made.moment(7)} 20.0 7 0"])


def in_bytes(mib):
    """Of a figure of a recording."""
    return Decimal(mib) * 2**20


class Formats(lab.Lab):
    def export(self, format, content, *args, text=True, **kw):
        if not isinstance(content, (list, tuple)):
            content = [content]
        names = [f"{'abcdefg'[i]}.dat" for i in range(len(content))]
        for name, one in zip(names, content):
            self.write(name, one)
        return self.mprof("export", "-f", format, *args, *names, text=text, **{"status": 0, **kw}).stdout


class Command(Formats):
    def test_a_name_tells_the_format(self):
        self.write("a.dat", made.growth())
        for name, begins in {"a.csv": b"profile,", "a.json": b"[{", "a.b.json": b"[{", "a.FIREFOX.json": b'{"meta"', "a.speedscope.json": b'{"$schema"',
                             "a.om": b"# TYPE", "a.perfetto-trace": b"\n", "a.pftrace": b"\n"}.items():
            for _ in range(2):  # and replaces what it wrote
                self.assertEqual(self.mprof("export", "-o", name, "a.dat", status=0).stdout, "")
                self.assertTrue((self.folder / name).read_bytes().startswith(begins), name)

    def test_what_is_asked_wrongly(self):
        self.write("a.dat", made.growth())
        for name in ALL:
            self.assertIn(name, self.refuses("export", "-f", "xml", "a.dat"))
        self.refuses("export", "a.dat", says=".csv, .json, .firefox.json, .perfetto-trace, .pftrace, .speedscope.json, .om or .folded")
        self.refuses("export", "-o", "a.png", "a.dat", says="cannot tell the format of 'a.png'")
        self.refuses("export", "-f", "png", "a.dat")
        self.refuses("export", "-f", "csv", "none.dat", status=1)
        self.refuses("export", "-f", "csv", "-o", "a.dat", "a.dat", says="stays as it is")
        self.assertEqual((self.folder / "a.dat").read_text(), made.growth())

    def test_the_newest_recording(self):
        self.write("mprofile_20240101000000.dat", made.growth())
        self.assertIn("epoch", self.mprof("export", "-f", "csv", status=0).stdout)

    def test_a_trace_is_not_for_the_terminal(self):
        self.write("a.dat", made.growth())
        words = [lab.MPROF, "export", "-f", "perfetto", "a.dat"]
        terminals.need()
        done = subprocess.run(["script", "-qec", " ".join(words), "/dev/null"], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=60) if shutil.which("script") else self.skipTest("no script here")
        self.assertIn("use -o FILE", done.stdout)

    def test_every_format_of_every_recording(self):
        for name, make in made.ALL.items():
            self.write("a.dat", make())
            for format in ALL:
                done = self.mprof("export", "-f", format, "a.dat", text=False)
                nothing = format in NEEDS and name not in NEEDS[format]
                self.assertEqual(done.returncode, 1 if nothing else 0, (name, format, done.stderr))
                if b"by polling" not in done.stderr:
                    self.assertEqual(bool(done.stderr), nothing, done.stderr)
                self.assertEqual(bool(done.stdout), not nothing)

    def test_long_ones_need_little_memory(self):
        n = 200000
        self.write("a.dat", made.text(made.head("./long"), (f"MEM {100 + i % 977}.5 {START}.{i:06d}\nCHLD {7 + i % 3} 3.0 {START}.{i:06d}" for i in range(n)),
                                      nested().splitlines()[-6:-1]))
        for format in ALL[2:-1]:
            plot = [lab.MPROF, "export", "-f", format, "-o", f"a.{format}", "a.dat"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            subprocess.run(plot, cwd=self.folder, check=True, timeout=120)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            if not lab.SANITIZED:
                self.assertLess(peak, max(before + 1, 100 << 10), format)  # KiB


class OpenMetrics(Formats):
    LINE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\["\\n])*"(?:,(?=\w)|(?=\})))*)\} (-?\d+) (\d+\.\d{3})')

    def parse(self, text):
        """{(name, labels): [(moment, value)]}, with the order of things checked."""
        self.assertTrue(text.endswith("\n# EOF\n"))
        series, families, family, last = defaultdict(list), {}, None, None
        for line in text.splitlines()[:-1]:
            if line.startswith("# TYPE "):
                _, _, family, kind = line.split(" ")
                self.assertNotIn(family, families)
                families[family] = kind
            elif line.startswith("# "):
                self.assertRegex(line, rf"\A# (UNIT {family} bytes|HELP {family} [A-Z].*)\Z")
            else:
                found = self.LINE.fullmatch(line)
                self.assertTrue(found, line)
                name, labels, value, at = found.groups()
                self.assertEqual(name, family if families[family] == "gauge" else f"{family}_info")
                if (name, labels) != last:
                    self.assertNotIn((name, labels), series)
                last = name, labels
                if series[last]:
                    self.assertGreater(Decimal(at), series[last][-1][0])
                series[last].append((Decimal(at), int(value)))
        return series

    def of(self, content, *args, **kw):
        return self.parse(self.export("openmetrics", content, *args, **kw))

    def test_each_figure_is_the_file_s(self):
        content = made.metrics()
        series = self.of(content)
        lines = [line.split() for line in content.splitlines()]
        self.assertEqual(series["mprof_memory_rss_bytes", 'profile="a.dat"'],
                         [(Decimal(l[2]).quantize(Decimal("0.001")), in_bytes(l[1])) for l in lines if l[0] == "MEM"])
        for metric in ("pss", "swap", "cgroup"):
            self.assertEqual([v for _, v in series[f"mprof_memory_{metric}_bytes", 'profile="a.dat"']],
                             [in_bytes(l[2]) for l in lines if l[:2] == ["VAL", metric]])
        self.assertEqual({v for _, v in series["mprof_memory_limit_bytes", 'profile="a.dat",kind="cgroup"']}, {8 << 30})

    def test_pages_are_exact(self):
        pages = [*range(1, 400), 262143, 1 << 20, (1 << 20) + 1, 99999999]
        content = made.text(made.head("x"), [f"MEM {Decimal(n * 4096) / 2**20:.6f} {made.moment(i)}" for i, n in enumerate(pages)])
        self.assertEqual([v for _, v in self.of(content)["mprof_memory_rss_bytes", 'profile="a.dat"']], [n * 4096 for n in pages])

    def test_children_gpus_and_peaks(self):
        series = self.of(made.families())
        children = {labels: values for (name, labels), values in series.items() if name == "mprof_child_memory_rss_bytes"}
        counts = Counter(line.split()[1] for line in made.families().splitlines() if line.startswith("CHLD"))
        self.assertEqual({re.search(r'pid="(\d+)"', labels)[1]: len(values) for labels, values in children.items()}, counts)
        self.assertIn('profile="a.dat",pid="500",name="postgres"', children)
        gpus = self.of(made.gpu())
        self.assertEqual(max(gpus["mprof_gpu_memory_bytes", 'profile="a.dat",gpu="0",scope="tree"'])[1], in_bytes(72000))
        self.assertIn(("mprof_gpu_memory_bytes", 'profile="a.dat",gpu="1",scope="device"'), gpus)
        peaks = self.of(made.exact())
        self.assertEqual(max(v for _, v in peaks["mprof_memory_rss_interval_peak_bytes", 'profile="a.dat"']),
                         max(in_bytes(line.split()[1]) for line in made.exact().splitlines() if line.startswith("PEAK")))
        self.assertEqual([v for _, v in peaks["mprof_memory_high_water_bytes", 'profile="a.dat"']], [231 << 20])

    def test_what_is_not_known_is_not_there(self):
        names = {name for name, _ in self.of(made.text(made.head("x"), made.memory([5, 6], 1)))}
        self.assertEqual(names, {"mprof_memory_rss_bytes", "mprof_run_info"})

    def test_several_stand_in_one_family(self):
        series = self.of([made.gpu(), made.metrics(), made.killed()])
        self.assertEqual({labels for name, labels in series if name == "mprof_memory_rss_bytes"}, {f'profile="{n}.dat"' for n in "abc"})

    def rank(self, rank, job=17, more=""):
        return made.text(["CMDLINE x", f"META rank={rank} job={job} step=0 node=n{rank}{more}"], made.memory([rank + 1], 1))

    def of_memory(self, series):
        return sorted(labels for name, labels in series if name == "mprof_memory_rss_bytes")

    def test_ranks_of_a_job_are_told_by_these(self):
        series = self.of([self.rank(0), self.rank(1), made.text(["CMDLINE x", "META rank=2"], made.memory([1], 1))])
        self.assertEqual(self.of_memory(series), ['job_id="17",step_id="0",rank="0",node="n0"', 'job_id="17",step_id="0",rank="1",node="n1"',
                                                  'profile="c.dat",rank="2"'])

    def test_two_of_one_rank_are_told_by_their_names(self):
        series = self.of([self.rank(0), self.rank(0, more=" restart=1"), self.rank(1)])
        self.assertEqual(self.of_memory(series), ['job_id="17",step_id="0",rank="1",node="n1"', 'profile="a.dat",job_id="17",step_id="0",rank="0",node="n0"',
                                                  'profile="b.dat",job_id="17",step_id="0",rank="0",node="n0"'])

    def test_one_that_is_given_twice_is_written_once(self):
        self.write("a.dat", made.metrics())
        once = self.mprof("export", "-f", "openmetrics", "a.dat", status=0)
        twice = self.mprof("export", "-f", "openmetrics", "a.dat", "a.dat", status=0)
        self.assertEqual(self.parse(once.stdout), self.parse(twice.stdout))
        self.assertIn("a.dat was given more than once, and is written once", twice.stderr)
        self.assertEqual(once.stderr, "")

    def test_two_metrics_of_one_name(self):
        lines = [f"VAL {metric} 2.0 {made.moment(1)}" for metric in ("a.b", "a_b", "limit")]
        self.write("a.dat", made.text(["CMDLINE x", "META limit=9 limit_kind=cgroup"], made.memory([5, 6], 1), lines))
        done = self.mprof("export", "-f", "openmetrics", "a.dat", status=0)
        names = {name for name, _ in self.parse(done.stdout)}
        self.assertEqual(names, {"mprof_memory_rss_bytes", "mprof_memory_a_b_bytes", "mprof_memory_limit_bytes", "mprof_run_info"})
        self.assertIn("is the name of two metrics here: the second is left out", done.stderr)

    def test_labels_are_quoted(self):
        content = made.text(["CMDLINE sh -c 'a \"b\" \\\\ ä'", "META rank=3 host=h"], made.memory([5], 1)).encode() + b"PROC 7 1 1700000000 \xff\"x\n" + \
            b"CHLD 7 3.0 1700000000.5\n"
        series = self.of(content)
        info = next(labels for name, labels in series if name == "mprof_run_info")
        self.assertIn(r'rank="3",command="sh -c ', info)
        self.assertIn(r'\"b\"', info)
        self.assertIn('host="h"', info)
        self.assertIn(r'name="' + "\ufffd" + r'\"x"', next(labels for name, labels in series if name.startswith("mprof_child")))

    def test_of_one_millisecond_the_highest(self):
        values = [5, 9, 7, 6, 8]
        content = made.text(made.head("x"), [f"MEM {v}.0 {START}.{i * 400:06d}" for i, v in enumerate(values)])
        self.assertEqual(self.of(content)["mprof_memory_rss_bytes", 'profile="a.dat"'],
                         [(Decimal(f"{START}.000"), 9 << 20), (Decimal(f"{START}.001"), 8 << 20)])

    def test_a_clock_that_was_set_back(self):
        self.write("a.dat", made.text(made.head("x"), [f"MEM 5.0 {made.moment(i)}" for i in (0, 1, 5, 2, 3, 6)]))
        done = self.mprof("export", "-f", "openmetrics", "a.dat", status=0)
        self.assertIn("2 samples that are not later than the one before them were left out", done.stderr)
        self.assertEqual([int(at) - START for at, _ in self.parse(done.stdout)["mprof_memory_rss_bytes", 'profile="a.dat"']], [0, 1, 5, 6])

    def test_a_pid_that_is_given_out_again(self):
        lines = [f"PROC 7 1 {made.moment(1)} first", f"CHLD 7 1.0 {made.moment(2)}", f"GONE 7 {made.moment(3)} 1.0 0", f"PROC 7 1 {made.moment(4)} second",
                 f"CHLD 7 2.0 {made.moment(5)}"]
        series = self.of(made.text(made.head("x"), made.memory(range(6), 1), lines))
        self.assertEqual({labels: [v >> 20 for _, v in values] for (name, labels), values in series.items() if "child" in name},
                         {'profile="a.dat",pid="7",name="first"': [1], 'profile="a.dat",pid="7",life="2",name="second"': [2]})

    def test_a_window(self):
        series = self.of(made.metrics(), "-w", "1,2")
        self.assertEqual(len(series["mprof_memory_rss_bytes", 'profile="a.dat"']), 11)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here (Debian: prometheus)")
    def test_promtool_takes_all_of_it(self):
        text = self.export("openmetrics", [make() for make in list(made.ALL.values())[:7]])
        self.write("a.om", text)
        done = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "a.om", "blocks"], cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        row = done.stdout.splitlines()[1].split()
        series = self.parse(text)
        self.assertEqual(int(row[4]), sum(map(len, series.values())), done.stdout)
        self.assertEqual(int(row[6]), len(series), done.stdout)
        (self.folder / "blocks" / "wal").mkdir()
        dump = subprocess.run(["promtool", "tsdb", "dump", "--match", '{__name__="mprof_memory_rss_bytes",profile="a.dat"}', "blocks"],
                              cwd=self.folder, capture_output=True, text=True, timeout=120)
        if dump.returncode == 0 and dump.stdout:
            self.assertEqual([(int(a), int(float(v))) for v, a in re.findall(r"\} (\S+) (\d+)$", dump.stdout, re.M)],
                             [(int(at * 1000), v) for at, v in series["mprof_memory_rss_bytes", 'profile="a.dat"']])


class Folded(Formats):
    def test_it_is_what_the_report_prints(self):
        told = self.export("folded", made.growth())
        self.assertEqual(told, self.mprof("report", "--folded", "a.dat", status=0).stdout)
        self.assertRegex(told, r"(?m)\A([^;\n]+;)*[^;\n]+ \d+$")

    def test_several_are_told_apart(self):
        one = self.export("folded", made.growth()).splitlines()
        both = self.export("folded", [made.growth(), made.growth()]).splitlines()
        self.assertEqual(both, [f"{name};{line}" for name in ("a.dat", "b.dat") for line in one])

    def test_a_window(self):
        self.assertLess(len(self.export("folded", made.growth(), "-w", "0,2").splitlines()), len(self.export("folded", made.growth()).splitlines()) + 1)

    def test_without_growth_there_is_none(self):
        self.write("a.dat", made.metrics())
        self.refuses("export", "-f", "folded", "a.dat", status=1, says="there is none")

    def test_what_stands_there_stays(self):
        """It looks like what others write: nobody can tell that it is ours."""
        self.write("a.dat", made.growth())
        self.mprof("export", "-o", "a.folded", "a.dat", status=0)
        self.refuses("export", "-o", "a.folded", "a.dat", status=1, says="stays as it is")


class Speedscope(Formats):
    def of(self, *args, **kw):
        told = json.loads(self.export("speedscope", *args, **kw), parse_constant=self.fail)
        frames = told["shared"]["frames"]
        for profile in told["profiles"]:
            if profile["type"] == "sampled":
                self.assertEqual(len(profile["samples"]), len(profile["weights"]))
                self.assertEqual(profile["endValue"], sum(profile["weights"]))
                self.assertTrue(all(0 <= i < len(frames) for stack in profile["samples"] for i in stack))
                self.assertTrue(all(weight > 0 for weight in profile["weights"]))
                continue
            stack, at = [], profile["startValue"]
            for event in profile["events"]:
                self.assertGreaterEqual(event["at"], at)
                at = event["at"]
                if event["type"] == "O":
                    stack.append(event["frame"])
                else:
                    self.assertEqual(stack.pop(), event["frame"])
            self.assertEqual((stack, at), ([], profile["endValue"]))
        return told

    def stacks(self, told, profile):
        frames = told["shared"]["frames"]
        return {"/".join(frames[i]["name"] for i in stack): weight
                for stack, weight in zip(profile["samples"], profile["weights"])}

    def test_growth_by_line(self):
        told = self.of(made.growth())
        grew, stood = told["profiles"]
        self.assertIn("estimate", grew["name"])  # polled
        self.assertEqual(self.stacks(told, grew), {"main (train.py:40)/load (train.py:8)": 150 << 20, "main (train.py:40)/matrix (train.py:15)/_sum (numpy/core/_methods.py:47)": 450 << 20, "main (train.py:40)/Model.step (train.py:22)": 72 << 20})
        self.assertEqual(sum(self.stacks(told, stood).values()), 600 << 20)
        self.assertEqual(len(told["shared"]["frames"]), 7)  # one a line, one for what is not known, one for what is left out

    def test_a_line_that_is_called_from_two_is_one_frame(self):
        lines = ["PATH 1 a.py", "FRAME 1 0 1 1 f", "FRAME 2 0 1 2 g", "FRAME 3 1 1 9 h", "FRAME 4 2 1 9 h",
                 *(f"GROW 4.0 {made.moment(i)} 9.0 7 7 {i} fault" for i in (3, 4)), f"GROW 8.0 {made.moment(5)} 9.0 7 7 0 fault"]
        told = self.of(made.text(made.head("x"), made.memory(range(8), 1), lines))
        names = [frame["name"] for frame in told["shared"]["frames"]]
        self.assertEqual(sorted(names), sorted(["…", "(no known line)", "f (a.py:1)", "g (a.py:2)", "h (a.py:9)"]))
        self.assertNotIn("estimate", told["profiles"][0]["name"])
        self.assertEqual(self.stacks(told, told["profiles"][0]), {"(no known line)": 8 << 20, "f (a.py:1)/h (a.py:9)": 4 << 20, "g (a.py:2)/h (a.py:9)": 4 << 20})

    def test_the_heap(self):
        told = self.of(made.heap())
        [heap] = told["profiles"]
        self.assertEqual(self.stacks(told, heap), {"remember (cache.py:88)": 118 << 20, "build (index.py:12)": 48 << 20, "keep (log.py:7)": 14 << 20})

    def test_calls_of_several_threads_are_taken_apart(self):
        told = self.of(nested())
        frames = told["shared"]["frames"]
        lanes = [[(frames[e["frame"]]["name"], e["type"], e["at"]) for e in p["events"]] for p in told["profiles"]]
        self.assertEqual(lanes, [[("a", "O", 0), ("b", "O", 1), ("b", "C", 2), ("c", "O", 2), ("c", "C", 3), ("a", "C", 4), ("open", "O", 5), ("open", "C", 7)],
                                 [("other", "O", 1), ("other", "C", 6)]])

    def test_nothing_to_show_is_said(self):
        self.write("a.dat", made.gpu())
        self.write("b.dat", made.growth())
        self.refuses("export", "-f", "speedscope", "a.dat", status=1, says="there is none of them")
        self.refuses("export", "-o", "a.speedscope.json", "a.dat", status=1, says="nothing is written to a.speedscope.json")
        self.assertFalse((self.folder / "a.speedscope.json").exists())
        self.mprof("export", "-f", "speedscope", "a.dat", "b.dat", status=0)

    def test_several_and_a_window(self):
        told = self.of([made.growth(), made.killed()])
        self.assertEqual([p["name"].split(":")[0] for p in told["profiles"]], ["a.dat", "a.dat", "b.dat"])
        told = self.of(made.growth(), "-w", "0,1")
        self.assertEqual(self.stacks(told, told["profiles"][0]), {"main (train.py:40)/load (train.py:8)": 150 << 20})

    @unittest.skipUnless(package("speedscope"), lacks("speedscope"))
    def test_its_own_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no jsonschema here (Debian: python3-jsonschema)")
        [schema] = package("speedscope").glob("dist/release/file-format-schema*.json")
        for content in (made.growth(), made.heap(), made.killed(), nested(), [made.growth(), made.heap()]):
            jsonschema.validate(self.of(content), json.loads(schema.read_text()))

    @unittest.skipUnless(browser.PROGRAM, "no browser here (Debian: chromium)")
    @unittest.skipUnless(package("speedscope"), lacks("speedscope"))
    def test_its_own_reader(self):
        page = browser.Browser()
        self.addCleanup(page.close)
        for content, title in ((made.growth(), "where memory grew"), (nested(), "calls")):
            data = base64.b64encode(self.export("speedscope", content).encode()).decode()
            self.write("load.js", f"speedscope.loadFileFromBase64('a.speedscope.json', '{data}')")
            page.open(f"{package('speedscope')}/dist/release/index.html?{len(title)}#localProfilePath={self.folder}/load.js")
            self.assertTrue(self.wait_for(lambda: title in page.run("document.title + (document.body ? document.body.innerText : '')")), page.events)


class Firefox(Formats):
    def of(self, *args, **kw):
        told = json.loads(self.export("firefox", *args, **kw), parse_constant=self.fail, parse_float=Decimal)
        shared, n = told["shared"], len(told["shared"]["stringArray"])
        tables = {name: shared[name] for name in ("stackTable", "frameTable", "funcTable", "sources")}
        for table in tables.values():
            self.assertEqual({len(column) for name, column in table.items() if name != "length"}, {table["length"]})
        self.assertTrue(all(p is None or p < i for i, p in enumerate(tables["stackTable"]["prefix"])))
        self.assertTrue(all(i < tables["frameTable"]["length"] for i in tables["stackTable"]["frame"]))
        self.assertTrue(all(i < n for i in tables["funcTable"]["name"] + tables["sources"]["filename"]))
        schemas = {schema["name"] for schema in told["meta"]["markerSchema"]}
        for thread in told["threads"]:
            markers = thread["markers"]
            self.assertEqual({len(column) for name, column in markers.items() if name != "length"}, {markers["length"]})
            self.assertTrue(all(data["type"] in schemas for data in markers["data"]))
            self.assertTrue(all(i < n for i in markers["name"]))
            self.assertTrue(all((end is None) == (phase != 1) for end, phase in zip(markers["endTime"], markers["phase"])))
            if "nativeAllocations" in thread:
                table = thread["nativeAllocations"]
                self.assertEqual({len(table[name]) for name in ("time", "weight", "stack")}, {table["length"]})
                self.assertTrue(all(i < tables["stackTable"]["length"] for i in table["stack"]))
        for counter in told["counters"]:
            samples = counter["samples"]
            self.assertEqual((len(samples["time"]), len(samples["count"])), (samples["length"],) * 2)
            self.assertEqual(told["threads"][counter["mainThreadIndex"]]["pid"], counter["pid"])
            self.assertEqual(counter["display"]["graphType"], "line-accumulated")
        return told

    def curve(self, counter):
        """[(ms, bytes)], as the reader shows it: the first sample counts for nothing."""
        told, held = [], 0
        for at, change in list(zip(counter["samples"]["time"], counter["samples"]["count"]))[1:]:
            held += change
            told.append((at, held))
        return told

    def strings(self, told, indexes):
        return [told["shared"]["stringArray"][i] for i in indexes]

    def test_curves(self):
        told = self.of(made.metrics())
        held = [in_bytes(line.split()[1]) for line in made.metrics().splitlines() if line.startswith("MEM")]
        self.assertEqual(self.curve(told["counters"][0]), [(100 * i, v) for i, v in enumerate(held)])
        self.assertEqual([c["name"] for c in told["counters"]], ["RSS", "PSS", "swap", "control group"])
        self.assertEqual(told["meta"]["startTime"], START * 1000)

    def test_marks_calls_and_processes(self):
        told = self.of(made.metrics())
        markers = told["threads"][0]["markers"]
        self.assertEqual(self.strings(told, markers["name"]), ["warm-up over", "epoch 1", "epoch 2", "about to save the model", "highest sample"])
        self.assertEqual(markers["startTime"][:2], [500, 620])
        told = self.of(nested())
        markers = told["threads"][0]["markers"]
        calls = {name: (start, end, data) for name, start, end, data in
                 zip(self.strings(told, markers["name"]), markers["startTime"], markers["endTime"], markers["data"])}
        self.assertEqual(calls["b"][:2], (1000, 2000))
        self.assertEqual(calls["a"][2], {"type": "mprof-call", "entry": 1 << 20, "exit": 2 << 20})
        self.assertEqual(calls["open"][1:], (7000, {"type": "mprof-call", "entry": 7 << 20, "end": "never seen to end"}))
        told = self.of(made.families())
        names = Counter(self.strings(told, told["threads"][0]["markers"]["name"]))
        self.assertEqual((names["python worker"], names["postgres"]), (8, 1))
        self.assertEqual(len(told["counters"]), 1 + len({line.split()[1] for line in made.families().splitlines() if line.startswith("CHLD")}))

    def test_growth_and_heap(self):
        told = self.of(made.growth())
        table = told["threads"][0]["nativeAllocations"]
        grow = [line.split() for line in made.growth().splitlines() if line.startswith("GROW")]
        self.assertEqual(table["weight"], [in_bytes(line[1]) for line in grow])
        names = [told["shared"]["funcTable"]["name"][told["shared"]["frameTable"]["func"][told["shared"]["stackTable"]["frame"][i]]] for i in table["stack"]]
        self.assertEqual(set(self.strings(told, names)), {"load (train.py:8)", "_sum (numpy/core/_methods.py:47)", "matrix (train.py:15)", "Model.step (train.py:22)"})
        told = self.of(made.heap())
        self.assertEqual([thread["name"] for thread in told["threads"]], ["./serve.py", "heap, sampled: an estimate"])
        self.assertNotIn("nativeAllocations", told["threads"][0])

    def test_several_stand_where_they_were_or_side_by_side(self):
        later = made.killed().replace(str(START)[:6], str(START + 10**6)[:6])
        told = self.of([made.metrics(), made.killed()])
        self.assertEqual([counter["samples"]["time"][0] for counter in told["counters"]], [0] * 5)
        self.assertEqual(len({thread["pid"] for thread in told["threads"]}), 2)
        told = self.of([made.metrics(), later])
        self.assertEqual([counter["samples"]["time"][0] for counter in told["counters"]], [0] * 5)

    def test_hostile_texts(self):
        content = made.text(made.head("./x"), made.memory([5, 6], 1), [f"MARK 5.0 {made.moment(0.5)} {HOSTILE.strip()}"])
        told = self.of(content)
        self.assertIn(HOSTILE.strip(), told["shared"]["stringArray"])

    @unittest.skipUnless(shutil.which("node") and package("@firefox-devtools/profiler-cli"), lacks("@firefox-devtools/profiler-cli"))
    def test_its_own_reader(self):
        def ask(*words):
            program = package("@firefox-devtools/profiler-cli") / "dist" / "profiler-cli.js"
            done = subprocess.run(["node", str(program), *words, "--session", "t"], cwd=self.folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                                  env={**self.env, "PROFILER_CLI_SESSION_DIR": str(self.folder / "q"), "PROFILER_CLI_NO_SYMBOLICATE": "1"})
            return done.stdout + done.stderr
        for content, words, says in ((made.growth(), ("thread", "samples-top-down", "--strategy", "native-allocations"), "load (train.py:8)"),
                                     (made.metrics(), ("thread", "markers", "--list"), "epoch 2"),
                                     (made.families(), ("counter", "list"), "pt_data_loader, pid 300")):
            self.write("a.firefox.json", self.export("firefox", content))
            loaded = ask("load", "a.firefox.json")
            try:
                self.assertTrue(self.wait_for(lambda: "session" not in ask("profile", "info").lower().split("\n")[0]), loaded)
                self.assertIn(says, ask(*words))
            finally:
                subprocess.run(["node", str(package("@firefox-devtools/profiler-cli") / "dist" / "profiler-cli.js"), "stop", "--all"], cwd=self.folder,
                               env={**self.env, "PROFILER_CLI_SESSION_DIR": str(self.folder / "q")}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


def fields(data):
    """A protobuf message: [(number, value)], with bytes for what has a length."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
    while at < len(data):
        key = varint()
        assert key & 7 in (0, 2), key
        value = varint()
        if key & 7 == 2:
            assert at + value <= len(data)
            value, at = data[at:at + value], at + value
        found.append((key >> 3, value))
    return found


class Perfetto(Formats):
    """By the numbers of fields in perfetto's protos/perfetto/trace."""

    def of(self, *args, **kw):
        tracks, events = {}, []
        for number, packet in fields(self.export("perfetto", *args, text=False, **kw)):
            self.assertEqual(number, 1)
            parts = dict(fields(packet))
            if 60 in parts:
                track = dict(fields(parts[60]))
                self.assertNotIn(track[1], tracks)
                self.assertIn(track.get(5, 1), [1, *tracks])
                tracks[track[1]] = {"name": track.get(2, b"").decode(), "parent": track.get(5), "counter": dict(fields(track[8])) if 8 in track else None,
                                    "process": dict(fields(track[3])) if 3 in track else None}
            elif 11 in parts:
                event = dict(fields(parts[11]))
                self.assertIn(event[11], tracks)
                self.assertEqual(event[9] == 4, tracks[event[11]]["counter"] is not None)
                notes = [dict(fields(value)) for k, value in fields(parts[11]) if k == 4]
                events.append((parts[8] // 1000 - START * 10**6, event[9], event[11], event.get(23, b"").decode(), event.get(30),
                               {note[10].decode(): note.get(4, note.get(6)) for note in notes}))
            else:
                self.assertIn(6, parts)
        return tracks, events

    def named(self, tracks, name):
        return [i for i, track in tracks.items() if track["name"] == name]

    def test_curves(self):
        tracks, events = self.of(made.metrics())
        [rss] = self.named(tracks, "RSS")
        held = [in_bytes(line.split()[1]) for line in made.metrics().splitlines() if line.startswith("MEM")]
        self.assertEqual([(at, value) for at, kind, track, _, value, _ in events if track == rss],
                         [(100000 * i, v) for i, v in enumerate(held)] + [(5000000, 0)])  # it has ended
        self.assertEqual(tracks[rss]["counter"], {3: 3})  # bytes
        self.assertEqual(tracks[1]["process"], {1: 100, 6: b"./train.py"})
        self.assertEqual({t["parent"] for t in tracks.values()}, {None, 1})

    def test_calls_are_slices_that_nest(self):
        tracks, events = self.of(nested())
        for lane in self.named(tracks, "calls"):
            stack, last = [], 0
            for at, kind, track, name, _, notes in events:
                if track != lane:
                    continue
                self.assertGreaterEqual(at, last)
                last = at
                stack.append(name) if kind == 1 else stack.pop()
            self.assertEqual(stack, [])
        self.assertEqual([notes for _, kind, _, name, _, notes in events if name == "open"], [{"held at entry": 7 << 20, "end": b"never seen"}])
        self.assertEqual({at for at, kind, _, name, _, _ in events if name == "b"}, {1000000})

    def test_marks_growth_and_processes(self):
        tracks, events = self.of(made.metrics())
        [marks] = self.named(tracks, "marks")
        self.assertEqual([(at, name) for at, kind, track, name, _, _ in events if track == marks][:2], [(500000, "warm-up over"), (620000, "epoch 1")])
        tracks, events = self.of(made.growth())
        [growth] = self.named(tracks, "growth by line")
        told = [(name, notes["grew by"]) for _, kind, track, name, _, notes in events if track == growth]
        self.assertEqual(sum(1 for name, _ in told if name == "load (train.py:8)"), 6)
        self.assertIn(2**64 - (450 << 20), [by for _, by in told])  # below 0
        tracks, events = self.of(made.families())
        processes = [track["process"] for track in tracks.values() if track["process"]]
        self.assertEqual(len(processes), len({process[1] for process in processes}))
        self.assertIn({1: 500, 6: b"postgres"}, processes)
        lives = self.named(tracks, "life")
        self.assertIn("postgres", [name for _, kind, track, name, _, _ in events if track in lives])

    def test_of_several_no_process_is_taken_for_another(self):
        tracks, _ = self.of([made.metrics(), made.killed()])
        self.assertEqual([track["process"][1] for track in tracks.values() if track["process"]], [100])
        self.assertIn("b.dat: ./train.py --batch 4096 100", [track["name"] for track in tracks.values()])

    def test_hostile_texts(self):
        content = made.text(made.head("./x"), made.memory([5, 6], 1), [f"MARK 5.0 {made.moment(0.5)} {HOSTILE.strip()}"]).encode() + b"MARK 5.0 1700000001.0 \xff\xfe\n"
        _, events = self.of(content)
        self.assertIn(r"\xff\xfe", [name for *_, name, _, _ in events])

    @unittest.skipUnless(shutil.which("protoc"), "no protoc here (Debian: protobuf-compiler)")
    def test_protoc_reads_it(self):
        for make in made.ALL.values():
            trace = self.export("perfetto", make(), text=False)
            done = subprocess.run(["protoc", "--decode_raw"], input=trace, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    lab.main()
