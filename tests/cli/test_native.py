"""mprof-c-native: where the faults of programs without Python were taken, told by tests/targets/natives.c."""
import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

HELPER = lab.BUILD / "mprof-c-native"
CC = shutil.which("gcc") or shutil.which("cc")
CXX = shutil.which("g++") or shutil.which("c++")

TAKE = r"""
    #include <stdlib.h>
    #include <string.h>
    static void *take(long n) { char *p = malloc(n); memset(p, 1, n); __asm__ volatile("" :: "r"(p)); return p; }
    enum { MIB = 1 << 20 };
"""

TWO = TAKE + r"""
    __attribute__((noinline)) void alpha(int n)
    {
        for (int i = 0; i < n; i++)
            take(MIB); /* alpha */
    }
    __attribute__((noinline)) void beta(int n)
    {
        for (int i = 0; i < n; i++)
            take(MIB); /* beta */
    }
    int main(void) { alpha(200); beta(100); return 0; }
"""


class Frame:
    def __init__(self, text):
        self.function, self.path, self.line = re.fullmatch(r"(.*) (\S*):(-?\d+)", text).groups()
        self.name = Path(self.path).name
        self.line = int(self.line)


class Native(lab.Lab):
    def setUp(self):
        super().setUp()
        if not HELPER.exists():
            self.skipTest("built without mprof-c-native")
        for program in (HELPER, lab.target("natives")):
            shutil.copy(program, self.folder)

    def build(self, name, source, *flags, compiler=CC, out=None):
        if not compiler:
            self.skipTest("no compiler here")
        path = self.write(name, textwrap.dedent(source))
        out = out or path.stem
        command = [compiler, "-o", out, name, *flags]
        if compiler.endswith("rustc"):
            command = [compiler, *flags, "-o", out, name]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True)
        if done.returncode != 0 and ("-static" in flags or compiler.endswith("rustc")):
            self.skipTest("this cannot be built here")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.folder / out

    def ask(self, *words, period=256):
        """Stacks, innermost first, each with how many faults; what it says besides."""
        done = subprocess.run([self.folder / "natives", str(period), *map(str, words)], cwd=self.folder, env=self.env,
                              capture_output=True, text=True, errors="replace", timeout=120)
        if done.returncode == 77:
            self.skipTest("page faults are not told here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.said = done.stderr
        self.stacks = collections.Counter()
        self.python = collections.Counter()
        for line in done.stdout.splitlines():
            text, n = line.rsplit(" ", 1)
            frames = text.split(";") if text else []
            if frames[:1] == ["Python"]:
                self.python[tuple(reversed(frames[1:]))] += int(n)
            self.stacks[tuple(reversed([f for f in frames if f != "Python"]))] += int(n)
        return self.stacks

    def share(self, matches):
        """Percent of the faults in whose stack is such a frame."""
        total = sum(self.stacks.values())
        self.assertGreater(total, 20, self.said)
        hit = sum(n for stack, n in self.stacks.items() if any(matches(Frame(f)) for f in stack))
        return 100 * hit / total

    def line_of(self, name, mark):
        lines = (self.folder / name).read_text().splitlines()
        return next(i for i, line in enumerate(lines, 1) if mark in line)


@unittest.skipIf(lab.SANITIZED, "a sanitizer's own faults are not the program's")
class Names(Native):
    def test_lines_of_c(self):
        self.ask(self.build("two.c", TWO, "-g", "-O1"))
        for name, truth in (("alpha", 66.7), ("beta", 33.3)):
            line = self.line_of("two.c", f"/* {name} */")
            share = self.share(lambda f: f.function == name and f.line == line and f.name == "two.c")
            self.assertAlmostEqual(share, truth, delta=3)

    def test_inlined_calls_are_calls(self):
        self.ask(self.build("two.c", TWO, "-g", "-O2"))
        self.assertGreater(self.share(lambda f: f.function == "take" and f.name == "two.c"), 95)
        self.assertAlmostEqual(self.share(lambda f: f.function == "alpha"), 66.7, delta=3)

    def test_cpp_without_frame_pointers(self):
        program = self.build("shop.cc", r"""
            #include <map>
            #include <string>
            #include <vector>
            namespace shop {
            struct Shelf {
                std::map<int, std::string> goods;
                void stock(int n) {
                    for (int i = 0; i < n; i++)
                        goods[i] = std::string(2000, 'x'); // stock
                }
            };
            template <class T> struct Cart {
                std::vector<std::vector<T>> all;
                void push(int n) {
                    for (int i = 0; i < n; i++)
                        all.emplace_back(1 << 20, 'a'); // push
                }
            };
            }
            static void deep(int k, shop::Shelf &s, shop::Cart<char> &c) {
                if (k) { deep(k - 1, s, c); asm volatile(""); return; }
                s.stock(50000);
                c.push(100);
            }
            int main() { shop::Shelf s; shop::Cart<char> c; deep(20, s, c); return s.goods.size() + c.all.size() == 0; }
            """, "-g", "-O2", "-fomit-frame-pointer", compiler=CXX)
        self.ask(program, period=128)
        stock, push = (self.line_of("shop.cc", f"// {word}") for word in ("stock", "push"))
        first = self.share(lambda f: f.function == "shop::Shelf::stock" and f.line == stock)
        second = self.share(lambda f: f.function == "shop::Cart<char>::push" and f.line == push)
        self.assertAlmostEqual(first / second, 50000 * 2150 / (100 << 20), delta=0.12)
        self.assertGreater(first + second, 95)
        self.assertGreater(self.share(lambda f: f.function.startswith("std::map<int, ")), 0.5)
        self.assertGreater(self.share(lambda f: f.function == "main"), 95)

    def test_library_that_is_loaded_late_and_stripped(self):
        self.build("late.c", TAKE + r"""
            static __attribute__((noinline)) void hidden(int n) { for (int i = 0; i < n; i++) take(MIB); __asm__ volatile(""); }
            void shown(int n) { for (int i = 0; i < n; i++) take(MIB); hidden(n); __asm__ volatile(""); }
            """, "-O1", "-shared", "-fPIC", "-s", out="liblate.so")
        program = self.build("load.c", r"""
            #include <dlfcn.h>
            int main(void)
            {
                void (*shown)(int) = (void (*)(int))dlsym(dlopen("./liblate.so", RTLD_NOW), "shown");
                shown(60); /* here */
                return 0;
            }
            """, "-g", "-O1", "-ldl")
        self.ask(program, period=64)
        self.assertGreater(self.share(lambda f: f.function == "shown" and f.name == "liblate.so" and f.line == 0), 95)
        self.assertGreater(self.share(lambda f: f.name == "load.c" and f.line == self.line_of("load.c", "/* here */")), 95)
        nameless = {Frame(f).function for s in self.stacks for f in s if f.split(" ")[1].startswith(str(self.folder / "liblate.so"))}
        bare = {f for f in nameless if f.startswith("+0x")}
        self.assertTrue(1 <= len(bare) <= 2, f"a function without a name is one place: {bare}")  # hidden, and take

    def test_stripped_static_program(self):
        program = self.build("still.c", TWO, "-O1", "-static", "-s")
        self.ask(program)
        offsets = self.share(lambda f: f.name == "still" and f.function.startswith("+0x") and f.line == 0)
        self.assertGreater(offsets, 95)
        self.assertIn("still: compile it with -g", self.said)

    def test_what_starts_programs_and_threads_is_left_out(self):
        program = self.build("two.c", TWO, "-O1", "-s")
        self.ask(program)
        self.assertLess(self.share(lambda f: f.function.startswith(("_start", "__libc_start", "start_thread"))), 10)

    def test_debugging_information_in_another_file(self):
        if not shutil.which("objcopy"):
            self.skipTest("no objcopy here")
        program = self.build("two.c", TWO, "-g", "-O1", "-Wl,--build-id=none")
        for command in (["objcopy", "--only-keep-debug", "two", "two.debug"], ["strip", "two"],
                        ["objcopy", "--add-gnu-debuglink=two.debug", "two"]):
            subprocess.run(command, cwd=self.folder, check=True)
        self.ask(program)
        line = self.line_of("two.c", "/* alpha */")
        self.assertAlmostEqual(self.share(lambda f: f.function == "alpha" and f.line == line), 66.7, delta=3)
        with open(self.folder / "two.debug", "ab") as file:
            file.write(b"not the same")
        self.ask(program)
        self.assertEqual(self.share(lambda f: f.line == line), 0)

    def test_program_that_was_deleted_or_replaced(self):
        program = self.build("gone.c", TWO.replace("int main(void) {", """
            #include <stdio.h>
            int main(int n, char **v) { remove(v[0]); rename("other", v[0]);"""), "-g", "-O1")
        self.write("other", "#!/bin/sh\n")
        self.ask(program)
        self.assertAlmostEqual(self.share(lambda f: f.function == "alpha" and f.name == "gone.c"), 66.7, delta=3)

    def test_children_and_what_they_execute(self):
        two = self.build("two.c", TWO, "-g", "-O1")
        program = self.build("tree.c", TAKE + r"""
            #include <sys/wait.h>
            #include <unistd.h>
            __attribute__((noinline)) void in_child(void) { for (int i = 0; i < 100; i++) take(MIB); __asm__ volatile(""); }
            int main(int n, char **v)
            {
                if (fork() == 0) { in_child(); _exit(0); }
                wait(NULL);
                if (fork() == 0) { execv(v[1], v + 1); _exit(1); }
                wait(NULL);
                return 0;
            }
            """, "-g", "-O1")
        self.ask(program, two)
        self.assertAlmostEqual(self.share(lambda f: f.function == "in_child"), 25, delta=3)
        self.assertAlmostEqual(self.share(lambda f: f.function == "alpha"), 50, delta=3)

    def test_threads(self):
        program = self.build("crew.c", TAKE + r"""
            #include <pthread.h>
            static void *works(void *p) { for (int i = 0; i < 50; i++) take(MIB); /* works */ return p; }
            int main(void)
            {
                pthread_t all[4];
                for (int i = 0; i < 4; i++) pthread_create(&all[i], 0, works, 0);
                for (int i = 0; i < 4; i++) pthread_join(all[i], 0);
                return 0;
            }
            """, "-g", "-O1", "-pthread")
        self.ask(program)
        self.assertGreater(self.share(lambda f: f.function == "works" and f.line == self.line_of("crew.c", "/* works */")), 95)

    def test_rust(self):
        rustc = shutil.which("rustc")
        if not rustc:
            self.skipTest("no rustc here")
        program = self.build("stock.rs", r"""
            mod depot {
                pub struct Depot { pub all: Vec<Vec<u8>> }
                impl Depot {
                    #[inline(never)]
                    pub fn fill(&mut self, n: usize) {
                        for _ in 0..n {
                            self.all.push(vec![7u8; 1 << 20]); // fill
                        }
                    }
                }
            }
            #[inline(never)]
            fn boxes(n: usize) -> Vec<Box<[u64; 1024]>> {
                (0..n).map(|i| Box::new([i as u64; 1024])).collect() // boxes
            }
            fn main() {
                let mut d = depot::Depot { all: Vec::new() };
                d.fill(200);
                let b = boxes(100 * 128);
                std::process::exit((d.all.len() + b.len() == 0) as i32);
            }
            """, "-g", "-O", compiler=rustc)
        self.ask(program)
        fill = self.share(lambda f: f.function.endswith("Depot::fill") and f.line == self.line_of("stock.rs", "// fill"))
        boxes = self.share(lambda f: f.function.endswith("::boxes") and f.line == self.line_of("stock.rs", "// boxes"))
        self.assertAlmostEqual(fill, 66.7, delta=4)
        self.assertAlmostEqual(boxes, 33.3, delta=4)

    def test_node(self):
        node = shutil.which("node")
        if not node:
            self.skipTest("no node here")
        self.write("app.js", textwrap.dedent(r"""
            const kept = [];
            function hoard(n) {
                for (let i = 0; i < n; i++) kept.push(Buffer.alloc(1 << 20, 1));
            }
            function records(n) {
                for (let i = 0; i < n; i++) kept.push({ a: i, b: [i, i + 1, i + 2], c: 'x' + i });
            }
            hoard(200);
            records(400000);
            """))
        self.ask(node, "--perf-basic-prof", "--interpreted-frames-native-stack", "app.js", period=128)
        names = {Frame(f).function: Frame(f).line for s in self.stacks for f in s if "app.js:" in f}
        self.assertEqual({name: names.get(name) for name in ("hoard", "records")}, {"hoard": 3, "records": 6}, names)
        for word in ("hoard", "records"):
            self.assertGreater(self.share(lambda f: f.function == word and f.name == "app.js"), 10, self.said)

    def test_thread_in_a_python_process(self):
        self.build("libnat.c", TAKE + r"""
            #include <pthread.h>
            static void *inside(void *p) { for (int i = 0; i < 100; i++) take(MIB); /* inside */ return p; }
            void begin(void) { pthread_t t; pthread_create(&t, 0, inside, 0); pthread_join(t, 0); }
            void grow(int n) { for (int i = 0; i < n; i++) take(MIB); /* grow */ __asm__ volatile(""); }
            """, "-g", "-O1", "-shared", "-fPIC", "-pthread", out="libnat.so")
        self.write("calls.py", "import ctypes\nlib = ctypes.CDLL('./libnat.so')\nlib.begin()\nlib.grow(100)\n")
        self.ask("/usr/bin/python3", "calls.py")
        line = self.line_of("libnat.c", "/* inside */")
        self.assertGreater(self.share(lambda f: f.function == "inside" and f.line == line), 30)
        inside = sum(n for s, n in self.python.items() if any(Frame(f).function == "inside" for f in s))
        grow = sum(n for s, n in self.python.items() if any(Frame(f).function == "grow" for f in s))
        self.assertEqual(inside, 0, "that thread runs no Python")
        if not grow:
            self.skipTest("this Python has no names to go by")
        for stack in self.python:
            self.assertFalse([f for f in stack if "_PyEval_EvalFrameDefault" in f])


MADE = TAKE + r"""
    #include <stdio.h>
    #include <sys/mman.h>
    #include <unistd.h>
    /* push rbp; mov rbp, rsp; call rax, with rdi as it came; pop rbp; ret */
    static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3 };
    static void grow(long n) { for (long i = 0; i < n; i++) take(MIB); }
    int main(int n, char **v)
    {
        char name[64], target[80];
        unsigned char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memcpy(p + 64, code, sizeof code);
        mprotect(p, 4096, PROT_READ | PROT_EXEC);
        snprintf(name, sizeof name, "/tmp/perf-%d.map", getpid());
        snprintf(target, sizeof target, "%s.real", name);
        FILE *f = fopen(n > 1 ? target : name, "wx");
        fprintf(f, "%lx 20 JS:*compiled /srv/app.js:12:7\n%lx 10 other\n", (long)p + 64, (long)p + 128);
        fclose(f);
        if (n > 1)
            symlink(target, name);
        ((void (*)(long, void (*)(long)))(p + 64))(100, grow);
        usleep(300000);
        remove(name);
        remove(target);
        return 0;
    }
"""


@unittest.skipIf(lab.SANITIZED, "a sanitizer's own faults are not the program's")
@unittest.skipUnless(os.uname().machine == "x86_64", "its code is made for x86-64")
class Made(Native):
    def test_names_of_code_that_was_made(self):
        self.ask(self.build("made.c", MADE, "-g", "-O1", "-fno-omit-frame-pointer", "-Wno-unused-result"), period=128)
        self.assertGreater(self.share(lambda f: (f.function, f.path, f.line) == ("compiled", "/srv/app.js", 12)), 80)
        self.assertGreater(self.share(lambda f: f.function == "main"), 95)

    def test_a_name_that_was_written_just_now(self):
        """As every function has that is compiled when it is first called."""
        source = MADE.replace("mprotect(", "memcpy(p + 256, code, sizeof code);\n        mprotect(").replace("usleep(", r"""
        f = fopen(name, "a");
        fprintf(f, "%lx 20 JS:*second /srv/app.js:20:1\n", (long)p + 256);
        fclose(f);
        ((void (*)(long, void (*)(long)))(p + 256))(100, grow);
        usleep(""")
        self.ask(self.build("made.c", source, "-g", "-O1", "-fno-omit-frame-pointer", "-Wno-unused-result"), period=128)
        for name, line in (("compiled", 12), ("second", 20)):
            self.assertAlmostEqual(self.share(lambda f: (f.function, f.path, f.line) == (name, "/srv/app.js", line)), 50, delta=8)

    def test_names_are_not_read_through_a_link(self):
        self.ask(self.build("made.c", MADE, "-g", "-O1", "-fno-omit-frame-pointer", "-Wno-unused-result"), "link", period=128)
        self.assertEqual(self.share(lambda f: f.function == "compiled"), 0)
        self.assertGreater(self.share(lambda f: f.function == "grow"), 80)


@unittest.skipIf(lab.SANITIZED, "a sanitizer's own faults are not the program's")
class Faults(Native):
    def test_of_no_use_alone(self):
        done = subprocess.run([HELPER], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("mprof-c starts this program", done.stderr)

    def test_broken_debugging_information(self):
        """Whatever stands there, every question is answered, and functions keep the names that symbols give."""
        program = self.build("two.c", TWO, "-g", "-O1")
        good = program.read_bytes()
        listing = subprocess.run(["readelf", "-SW", program], stdout=subprocess.PIPE, text=True).stdout
        sections = re.findall(r"(\.debug_\w+|\.eh_frame\w*|\.symtab|\.strtab)\s+\w+\s+[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+)", listing)
        self.assertGreater(len(sections), 4)
        for k in range(6):
            bad = bytearray(good)
            for i, (name, at, size) in enumerate(sections):
                at, size = int(at, 16), int(size, 16)
                for j in range(k, size, 3 + 4 * (k + i) % 29):
                    bad[at + j] = (bad[at + j] * 31 + 17 * k + j) & 0xff
            program.write_bytes(bad)
            with self.subTest(round=k):
                self.ask(program)
                self.assertIn("settled", self.said)
                asked, answered = re.search(r"(\d+) asked, (\d+) answered", self.said).groups()
                self.assertEqual(asked, answered)

    def test_helper_that_is_killed(self):
        program = self.build("slow.c", TAKE + r"""
            #include <unistd.h>
            int main(void) { for (int i = 0; i < 60; i++) { take(2 * MIB); usleep(50000); } return 0; }
            """, "-g", "-O1")
        asker = subprocess.Popen([self.folder / "natives", "64", program], cwd=self.folder, env=self.env,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        killed = []
        try:
            while asker.poll() is None:
                for pid in subprocess.run(["pgrep", "-P", str(asker.pid), "-f", "mprof-c-native"], stdout=subprocess.PIPE,
                                          text=True).stdout.split():
                    if pid not in killed and self.is_helper(pid):
                        time.sleep(0.3)
                        os.kill(int(pid), signal.SIGKILL)
                        killed.append(pid)
                time.sleep(0.05)
        finally:
            out, said = asker.communicate()
        if asker.returncode == 77:
            self.skipTest("page faults are not told here")
        self.assertEqual(asker.returncode, 0, said)
        self.assertEqual(len(killed), 2, "it is started anew once")

    @staticmethod
    def is_helper(pid):
        try:
            return os.readlink(f"/proc/{pid}/exe").endswith("/mprof-c-native")
        except OSError:
            return False


@unittest.skipIf(lab.SANITIZED, "a sanitizer's own faults are not the program's")
class Recorded(Native):
    """The same, by run and report."""

    def folded(self, *words):
        self.mprof("run", "-q", "-o", "a.dat", *words, status=0)
        if "where=faults" not in (self.folder / "a.dat").read_text():
            self.skipTest("page faults are not told here")
        grown = collections.Counter()
        for line in self.mprof("report", "--folded", "a.dat", status=0).stdout.splitlines():
            stack, n = line.rsplit(" ", 1)
            grown[stack] += int(n)
        return grown

    def part(self, grown, name):
        return 100 * sum(n for stack, n in grown.items() if re.search(rf"(^|;){name}", stack)) / sum(grown.values())

    def test_lines_of_c(self):
        grown = self.folded(self.build("two.c", TWO, "-g", "-O1"))
        self.assertAlmostEqual(self.part(grown, r"alpha \(two.c:\d+\)"), 66.7, delta=5)
        self.assertAlmostEqual(self.part(grown, r"beta \(two.c:\d+\)"), 33.3, delta=5)

    def test_node_is_not_the_user(self):
        node = shutil.which("node")
        if not node:
            self.skipTest("no node here")
        self.write("app.js", "const kept = [];\nfunction hoard(n) {\n"
                             "    for (let i = 0; i < n; i++) kept.push(Buffer.alloc(1 << 20, 1));\n}\nhoard(200);\n")
        self.folded(node, "--perf-basic-prof", "--interpreted-frames-native-stack", "app.js")
        first = next(line for line in self.mprof("report", "a.dat", status=0).stdout.splitlines() if line.startswith("    +"))
        self.assertIn("app.js:2 hoard", first)

    def test_without_the_helper_it_is_recorded_all_the_same(self):
        shutil.copy(lab.MPROF, self.folder / "mprof-c")
        (self.folder / "mprof-c-native").unlink()
        program = self.build("two.c", TWO, "-g", "-O1")
        subprocess.run([self.folder / "mprof-c", "run", "-q", "-o", "a.dat", program], cwd=self.folder, env=self.env, check=True)
        self.assertIn("MEM", {line[0] for line in self.recording()})


if __name__ == "__main__":
    lab.main()
