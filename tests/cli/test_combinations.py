"""Every two options of a command together: they work, or are refused in a sentence."""
import concurrent.futures
import itertools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

T = 1700000000
MODULE = lab.BUILD / "recorder" / "library" / "python"

# What an option that takes a value is given, in this order: what is common, what is at an edge. Options without a value need no line.
VALUES = {
    "--interval": ["0.005", "1"], "--output": ["{new}"], "--backend": ["rss", "pss,swap,cgroup", "system"], "--gpu": ["off", "outside"],
    "--where": ["lines", "off"], "--at": ["1K:warn", "90%:mark"], "--max-peak": ["1G", "1K"], "--timeout": ["0.01", "9"],
    "--func": ["f", "*"], "--line": ["f"], "--break-at": ["1G"], "--module": [], "--precision": ["0", "9"], "--recording": ["{new}"],
    "--title": ["x"], "--sort": ["peak"], "--window": ["0,0.1", "5,9"], "--align": ["clock", "mark:here"], "--size": ["300x200"], "--dpi": ["200"], "--theme": ["dark"], "--font": ["builtin"],
    "--format": ["csv", "json", "firefox", "perfetto", "speedscope", "openmetrics", "folded"], "--by": ["line", "thread", "module"], "--top": ["1"], "--own": ["*/a.py"], "--wait": None, "--cgroup": [], "--rank": [], "--prometheus": ["."], "--clock": [], "--heap": ["1B"],
    "--termination-log": ["last.words", "off"],
}
# By command: a value that another command's option of this name does not have.
OWN = {("plot", "--backend"): ["png", "svg", "term", "sixel", "csv", "json"], ("plot", "--output"): ["{new}", "-"],
       ("export", "--output"): ["{new}", "-", "new.csv"], ("line", "--output"): ["{new}"],
       ("peak", "--func"): ["f", "nothing"]}
# Of each two, options that change what there is to do so much that they stand alone.
ALONE = {"--help", "--version"}
PLACES = {"run": [["sleep", "0.02"]], "attach": [["{pid}"]], "line": [["a.py"]], "plot": [["r.dat"], ["r.dat", "s.dat"]],
          "export": [["r.dat"], ["r.dat", "s.dat"]], "report": [["r.dat"]],
          "peak": [["r.dat"], ["r.dat", "s.dat"]], "why": [["r.dat"]], "rm": [["q.dat"]], "clean": [[]], "list": [[]], "mark": [["x"]]}
OWN["live", "--interval"], PLACES["live"] = ["0.1", "9"], [["r.dat"]]
OWN["merge", "--columns"], OWN["merge", "--output"], PLACES["merge"] = ["4", "99"], ["{new}", "new.dat.gz"], [["r.dat"], ["r.dat", "s.dat"]]
PYTHON = {"--python", "--func", "--line", "--every-line", "--break-at"}
DOCUMENTED = {0, 1, 2, 3, 126, 127}
LINE = re.compile(r"(CMDLINE|META|MEM|PEAK|CHLD|PROC|GONE|FUNC|ENTER|MARK|GROW|FRAME|PATH|VAL|LINE|GPU|EXIT|[A-Z]{3,8}) \S.*")


def options_of(command):
    """As --help names them: [(long name, takes a value)]."""
    text = subprocess.run([lab.MPROF, command, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.findall(r"^  (?:-\w,|   ) (--[a-z-]+)( [A-Z]\S*)?", text, re.M)
    return [(name, bool(value)) for name, value in found if name not in ALONE]


def choices(command):
    """Each option with each value: [[words]]."""
    made = []
    for name, takes in options_of(command):
        values = OWN.get((command, name), VALUES.get(name, [])) if takes else [None, *(VALUES.get(name) or [])]
        made += [[name] if value is None else [f"{name}={value}"] for value in values or []]
    return made


def recording(name):
    body = [f"CMDLINE {name}", f"META format=1 metric=rss interval=0.1 pid=7 start={T}.0"]
    body += [f"MEM {10 + i}.0 {T}.{i}\nVAL swap {i}.0 {T}.{i}\nCHLD 8 {i}.0 {T}.{i}\nPEAK {12 + i}.0 {T}.{i}" for i in range(1, 9)]
    body += [f"PROC 8 7 {T}.1 x", "PATH 1 /a.py", "FRAME 1 0 1 1 f", f"GROW 5.0 {T}.4 5.0 7 7 1", f"FUNC f 1.0 {T}.2 2.0 {T}.3 0",
             f"LINE /a.py:1 f 1.0 1.0 1.0 1 7", f"MARK 1.0 {T}.5 here", f"EXIT 0 {T}.9 20.0 8 0"]
    return "\n".join(body) + "\n"


class Walk(lab.Lab):
    def setUp(self):
        super().setUp()
        for name in ("r.dat", "s.dat", "q.dat", "mprofile_20200101000000.dat"):
            self.write(name, recording(name))
        self.write("a.py", "try:\n    profile\nexcept NameError:\n    profile = lambda f: f\n\n@profile\ndef f():\n    x = bytearray(1 << 20)\nf()\n")
        self.env["MPROF_PYTHON"] = sys.executable

    def one(self, command, words, operands, pid):
        """What is wrong with it, or None."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            place = Path(folder)
            for name in ("r.dat", "s.dat", "q.dat", "mprofile_20200101000000.dat", "a.py"):
                (place / name).write_bytes((self.folder / name).read_bytes())
            fill = {"{pid}": str(pid), "{new}": "new.out"}
            args = [command, *(w.replace("{new}", "new.out") for w in words), *(fill.get(w, w) for w in operands)]
            try:
                done = subprocess.run([lab.MPROF, *args], cwd=place, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, timeout=60)
            except subprocess.TimeoutExpired:
                return args, "does not end"
            said = done.stderr.decode(errors="replace")
            if done.returncode not in DOCUMENTED:
                return args, done.returncode, said
            if done.returncode in (1, 2) and not re.fullmatch(r"(mprof-c: [^\n]+\n)+", said):
                return args, done.returncode, said
            if done.returncode == 2 and done.stdout and command != "line":
                return args, "output beside a refusal", done.stdout
            written = [p for p in place.iterdir() if p.name == "new.out" or (p.name.startswith("mprofile_") and "20200101" not in p.name)]
            for path in written if command in ("run", "attach") else []:
                lines = path.read_text().splitlines()
                bad = [line for line in lines if not LINE.fullmatch(line)]
                if done.returncode in (0, 3) and (bad or not lines or not lines[0].startswith("CMDLINE ") or not re.search(r"^EXIT ", "\n".join(lines), re.M)):
                    return args, "no whole recording", bad or lines[-1:]
            if command in ("run", "attach") and done.returncode == 0 and not written:
                return args, "no recording", said
        return None

    def walk(self, command, operands, pick=lambda one: True, pid=0, always=()):
        made = [c for c in choices(command) if pick(c[0].split("=")[0])]
        pairs = [a + b for a, b in itertools.combinations(made, 2) if a[0].split("=")[0] != b[0].split("=")[0]]
        if lab.SANITIZED:
            pairs = pairs[::3]  # all of them run without it
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            found = [f for f in pool.map(lambda words: self.one(command, [*always, *words], operands, pid), made + pairs) if f]
        self.assertEqual([], found[:5], f"{len(found)} of {len(made) + len(pairs)}")

    def test_each_option_has_a_value(self):
        for command in PLACES:
            for name, takes in options_of(command):
                self.assertTrue(not takes or name in VALUES or (command, name) in OWN, f"{command} {name} has no value in VALUES here")

    def test_run(self):
        self.walk("run", ["sleep", "0.02"], lambda name: name not in PYTHON and name != "--attach")

    def test_run_of_a_python(self):
        """Only what concerns a Python, and what it has to do with the rest."""
        self.walk("run", [sys.executable, "-S", "a.py"], lambda name: name in PYTHON or name in ("--where", "--max-peak", "--nopython", "--timeout"))

    def test_attach(self):
        sleep = subprocess.Popen(["sleep", "300"])
        self.addCleanup(sleep.wait)
        self.addCleanup(sleep.kill)
        self.assertIsNone(self.one("run", ["--attach", "--timeout=0.02"], ["{pid}"], sleep.pid))
        self.walk("attach", ["{pid}"], lambda name: name != "--timeout", sleep.pid, ["--timeout=0.01"])

    def test_plot(self):
        for command in ("plot", "export"):
            for operands in PLACES[command]:
                self.walk(command, operands)

    def test_the_small_commands(self):
        for command in ("report", "peak", "why", "merge", "live", "rm", "clean", "list", "mark"):
            for operands in PLACES[command]:
                with self.subTest(command=command):
                    self.walk(command, operands)

    def test_line(self):
        self.walk("line", ["a.py"], lambda name: name not in ("--break-at", "--interval"))


CALLS = """
import itertools, sys, time
import mprof_c
fields = {"interval": [0.001, 1, 0, -1, float("nan")], "path": ["a.dat", "/nowhere/a.dat"], "metric": ["rss", "pss", "uss", "nonsense"],
          "include_children": [True], "most": [1, 2, 0, None], "bound": ["halve", "newest", "nonsense"], "reset_peak": [True, False, None]}
usage = {"interval": [0.001, 0], "timeout": [0.01, 0], "timestamps": [True], "include_children": [True], "multiprocess": [True],
         "max_usage": [True], "retval": [True], "backend": ["psutil", "rss", "nonsense"], "max_iterations": [1, 0]}

def pairs(fields):
    one = [(name, value) for name, values in fields.items() for value in values]
    yield from ((a,) for a in one)
    yield from ((a, b) for a, b in itertools.combinations(one, 2) if a[0] != b[0])

def tried(what, call):
    try:
        call()
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        assert str(error), what  # a sentence
n = 0
def record(words):
    with mprof_c.record(**words) as r:
        x = bytearray(1 << 16)
    len(r.samples), r.peak, r.exact, r.increment, r.missed
for words in map(dict, pairs(fields)):
    tried(words, lambda: record(words))
    n += 1
for words in map(dict, pairs(usage)):
    tried(words, lambda: mprof_c.memory_usage((time.sleep, (0.001,)), **words))
    n += 1
print(n)
"""


class Module(lab.Lab):
    def test_arguments(self):
        if not any(MODULE.glob("mprof_c/*.so")):
            self.skipTest("the module is not built here")
        done = subprocess.run([sys.executable, "-c", CALLS], cwd=self.folder, env={**self.env, "PYTHONPATH": str(MODULE)}, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if "ModuleNotFoundError" in done.stderr or "ImportError" in done.stderr:
            self.skipTest("the module is not for this Python")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(int(done.stdout), 300)


if __name__ == "__main__":
    lab.main()
