"""The floors of the house: recorder/ and plotter/ stand on share/ and never on each other, share/ stands on libc."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
GENERATED = {"share/version.h"}

# The house from the ground up. A folder may include itself and those before it in its own wing, and share/; nothing else.
FLOORS = ["share", "share/profile", "share/growth", "share/fleet", "share/slurm", "share/snapshot", "share/commands", "share/commands/fleet", "share/why",
          "recorder/kernel", "recorder/source", "recorder/tree", "recorder/recording", "recorder/probes", "recorder/gpu",
          "recorder/python", "recorder/bill", "recorder/native", "recorder/where", "recorder/heap", "recorder/heap/preload", "recorder/python/agent", "recorder", "recorder/library", "recorder/library/python/mprof_c",
          "plotter/raster", "plotter/chart", "plotter/many", "plotter/figure", "plotter/screen", "plotter/backend", "plotter/export", "plotter/page/embed", "plotter/page", "plotter/live", "plotter"]
LIBC = set("""assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
    dirent dlfcn elf endian fcntl fnmatch getopt glob grp ifaddrs langinfo libgen link netdb poll pthread pwd regex
    sched semaphore spawn strings sysexits syslog termios ucontext unistd wordexp immintrin malloc unwind""".split())


def sources(*folders):
    for folder in folders:
        yield from sorted(p for p in (lab.ROOT / folder).rglob("*.[ch]"))


def includes(path):
    """(quoted, name) of each include of a file."""
    return [(mark == '"', name) for mark, name in INCLUDE.findall(path.read_text())]


def objects():
    """{object file: source} of the house, each source once, however often it was compiled."""
    commands = lab.BUILD / "compile_commands.json"
    found = {}
    for one in json.loads(commands.read_text()) if commands.is_file() else []:
        source = os.path.relpath(os.path.join(one["directory"], one["file"]), lab.ROOT)
        compiled = os.path.join(one["directory"], one.get("output", ""))
        if source.startswith(("share/", "recorder/", "plotter/")) and source.endswith(".c") and os.path.isfile(compiled):
            found[source] = compiled
    return {compiled: source for source, compiled in found.items()}


def calls():
    """Whom each source calls: {file: set of files}, with functions only. A table of data may point upwards."""
    sources_of = objects()
    out = subprocess.run(["nm", "-A", *sources_of], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    defined, wanted = {}, {}
    for compiled, kind, name in re.findall(r"^(.*?):[0-9a-f ]* ([TU]) (\S+)$", out, re.M):
        source = sources_of[compiled]
        if kind == "T":
            defined[str(Path(source).parent), name] = source
        else:
            wanted.setdefault(source, set()).add((str(Path(source).parent), name))
    return {source: {defined[key] for key in keys if key in defined} - {source} for source, keys in wanted.items()}


def circles(arrows):
    """Groups of files each of which reaches every other one."""
    def reach(start):
        seen, ahead = set(), [start]
        while ahead:
            for one in arrows.get(ahead.pop(), set()) - seen:
                seen.add(one)
                ahead.append(one)
        return seen
    reached = {source: reach(source) for source in arrows}
    groups = {frozenset(o for o in reached[s] if s in reached.get(o, set())) for s in arrows if s in reached[s]}
    return sorted(sorted(str(f) for f in group) for group in groups)


def is_libc(name):
    return name.startswith(("sys/", "linux/", "asm/", "net/", "netinet/", "arpa/")) or name[:-2] in LIBC


class Floors(lab.Lab):
    def test_every_folder_has_its_floor(self):
        folders = {str(path.parent.relative_to(lab.ROOT)) for path in sources("share", "recorder", "plotter")}
        self.assertEqual(sorted(folders), sorted(FLOORS))

    def test_arrows_go_down(self):
        wrong = []
        for path in sources("share", "recorder", "plotter"):
            floor = str(path.parent.relative_to(lab.ROOT))
            wing = floor.split("/")[0]
            below = {f for f in FLOORS[:FLOORS.index(floor) + 1] if f.split("/")[0] in (wing, "share")}
            wrong += [f"{path.relative_to(lab.ROOT)} includes {name}" for quoted, name in includes(path)
                      if quoted and str(Path(name).parent) not in below]
        self.assertEqual(wrong, [])

    def test_no_files_of_the_plotter_go_in_a_ring(self):
        """A .c and its .h are one: nothing is reached from itself."""
        arrows = {}
        for path in sources("plotter"):
            unit = str(path.relative_to(lab.ROOT).with_suffix(""))
            arrows.setdefault(unit, set()).update(str(Path(name).with_suffix("")) for quoted, name in includes(path) if quoted)
        below = {}

        def reached(unit):
            if unit not in below:
                below[unit] = set()
                for other in arrows.get(unit, set()) - {unit}:
                    below[unit] |= {other} | reached(other)
            return below[unit]
        self.assertEqual([unit for unit in arrows if any(unit in reached(other) for other in reached(unit))], [])

    def test_no_room_is_crowded(self):
        crowded = [f"{floor}: {n}" for floor in FLOORS for n in [len(list((lab.ROOT / floor).glob("*.c")))] if n > 30]
        self.assertEqual(crowded, [])

    def test_share_and_recorder_know_only_libc(self):
        module = lab.ROOT / "recorder" / "library" / "python"  # loaded by Python, it knows Python
        native = lab.ROOT / "recorder" / "native"  # a program of its own, which alone knows elfutils
        wrong = [f"{path.relative_to(lab.ROOT)} includes <{name}>" for path in sources("share", "recorder")
                 for quoted, name in includes(path) if not quoted and not is_libc(name)
                 and module not in path.parents and native not in path.parents]
        self.assertEqual(wrong, [])

    def test_includes_are_written_from_the_root(self):
        wrong = [f"{path.relative_to(lab.ROOT)} includes {name}"
                 for path in sources("share", "recorder", "plotter", "tests") for quoted, name in includes(path)
                 if quoted and name not in GENERATED and not (lab.ROOT / name).is_file()]
        self.assertEqual(wrong, [])

    @unittest.skipIf(lab.SANITIZED, "a sanitized build links its runtime")
    @unittest.skipUnless(shutil.which("readelf"), "no readelf here")
    def test_mprof_c_links_only_libc(self):
        dynamic = subprocess.run(["readelf", "-dW", lab.MPROF], stdout=subprocess.PIPE, text=True, check=True).stdout
        needed = re.findall(r"\(NEEDED\).*\[([^]]+)\]", dynamic)
        if not dynamic.strip() or "no dynamic section" in dynamic:
            self.skipTest("this one links nothing at all")
        self.assertIn("libc.so.6", needed)
        strange = [n for n in needed if not n.startswith(("libc.so", "libm.so", "ld-linux", "ld64"))]
        self.assertEqual(strange, [])

    def test_no_two_files_of_a_room_call_in_a_circle(self):
        self.assertEqual(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}), [["b", "c"]])
        if lab.SANITIZED or not shutil.which("nm"):
            self.skipTest("only objects of our own code are read, by nm")
        arrows = calls()
        if not any(arrows.values()):
            self.skipTest("this build keeps no objects, or not of machine code")
        self.assertEqual(circles(arrows), [])

    @unittest.skipIf(lab.SANITIZED, "only objects of our own code are read")
    @unittest.skipUnless(shutil.which("nm"), "no nm here")
    def test_no_name_is_given_twice(self):
        """Of two functions of one name in an archive a program may get either, and the linker says nothing."""
        for archive in sorted(lab.BUILD.rglob("*.a")):
            text = subprocess.run(["nm", "-g", "--defined-only", archive], capture_output=True, text=True).stdout
            names = re.findall(r"^[0-9a-f]+ [TDBR] (\S+)$", text, re.M)
            self.assertEqual(sorted({name for name in names if names.count(name) > 1}), [], archive)

    def test_no_class_is_left_out_of_a_parted_file(self):
        build = (lab.ROOT / "tests" / "meson.build").read_text()
        classes = []
        parted = re.search(r"agent_parts = \{(.*?)\n\}", build, re.S)[1]
        named = [name for names in re.findall(r": \[(.*?)\]", parted) for name in re.findall(r"'(\w+)'", names)]
        for file in {name for name in named if name.startswith("test_")}:
            named = [name for name in named if name != file]
            classes += re.findall(r"^class (\w+)\(Agent\):", (lab.ROOT / "tests" / "cli" / f"{file}.py").read_text(), re.M)
        self.assertEqual(sorted(named), sorted(classes))

    def test_nothing_names_a_private_path(self):
        words = re.compile(r"/(?:work|tmp/w)/".encode())
        skip = {".git", "__pycache__"}
        wrong = []
        for path in lab.ROOT.rglob("*"):
            parts = path.relative_to(lab.ROOT).parts
            if skip & set(parts) or parts[0].startswith("build") or not path.is_file() or path == Path(__file__).resolve():
                continue
            wrong += [str(path)] if words.search(path.read_bytes()) else []
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    lab.main()
