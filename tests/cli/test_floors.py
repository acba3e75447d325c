"""The floors of the house: recorder/ and plotter/ stand on share/ and never on each other, share/ stands on libc."""
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
LIBC = set("""assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
    dirent dlfcn elf endian fcntl fnmatch getopt glob grp ifaddrs langinfo libgen link netdb poll pthread pwd regex
    sched semaphore spawn strings sysexits syslog termios ucontext unistd wordexp immintrin""".split())


def sources(*folders):
    for folder in folders:
        yield from sorted(p for p in (lab.ROOT / folder).rglob("*.[ch]"))


def includes(path):
    """(quoted, name) of each include of a file."""
    return [(mark == '"', name) for mark, name in INCLUDE.findall(path.read_text())]


def is_libc(name):
    return name.startswith(("sys/", "linux/", "asm/", "net/", "netinet/", "arpa/")) or name[:-2] in LIBC


class Floors(lab.Lab):
    def stands_on(self, folder, *floors):
        found = list(sources(folder))
        self.assertGreater(len(found), 0, f"no sources in {folder}/")
        wrong = [f"{path.relative_to(lab.ROOT)} includes {name}" for path in found for quoted, name in includes(path)
                 if quoted and not name.startswith(tuple(f"{floor}/" for floor in floors))]
        self.assertEqual(wrong, [])

    def test_recorder_stands_on_share(self):
        self.stands_on("recorder", "recorder", "share")

    def test_plotter_stands_on_share(self):
        self.stands_on("plotter", "plotter", "share")

    def test_share_stands_on_itself(self):
        self.stands_on("share", "share")

    def test_share_and_recorder_know_only_libc(self):
        module = lab.ROOT / "recorder" / "library" / "python"  # loaded by Python, it knows Python
        wrong = [f"{path.relative_to(lab.ROOT)} includes <{name}>" for path in sources("share", "recorder")
                 for quoted, name in includes(path) if not quoted and not is_libc(name) and module not in path.parents]
        self.assertEqual(wrong, [])

    def test_includes_are_written_from_the_root(self):
        wrong = [f"{path.relative_to(lab.ROOT)} includes {name}"
                 for path in sources("share", "recorder", "plotter", "tests") for quoted, name in includes(path)
                 if quoted and name not in GENERATED and not (lab.ROOT / name).is_file()]
        self.assertEqual(wrong, [])

    def test_pixels_know_no_chart(self):
        found = [p for p in sources("plotter") if p.name.startswith(("raster", "font"))]
        wrong = [f"{path.name} includes {name}" for path in found for _, name in includes(path)
                 if name in ("plotter/chart.h", "plotter/figure.h", "share/profile.h")]
        self.assertEqual(wrong, [])

    @unittest.skipIf(lab.SANITIZED, "a sanitized build links its runtime")
    @unittest.skipUnless(shutil.which("readelf"), "no readelf here")
    def test_mprof_c_links_only_libc(self):
        dynamic = subprocess.run(["readelf", "-dW", lab.MPROF], stdout=subprocess.PIPE, text=True, check=True).stdout
        needed = re.findall(r"\(NEEDED\).*\[([^]]+)\]", dynamic)
        self.assertIn("libc.so.6", needed)
        strange = [n for n in needed if not n.startswith(("libc.so", "libm.so", "ld-linux", "ld64"))]
        self.assertEqual(strange, [])

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
