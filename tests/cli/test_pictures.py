"""Pictures in a terminal: kitty's, iTerm2's and sixels, and the terminal that is asked which of them it shows."""
import base64
import fcntl
import os
import re
import select
import struct
import sys
import termios
import threading
import time
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

KITTY = b"\x1b_Gi=31;OK\x1b\\"
SIXEL, PLAIN = b"\x1b[?62;4;22c", b"\x1b[?62;22c"  # what it is (DA1)
CELL = b"\x1b[6;20;10t"
NAMES = ("kitty", "iterm", "sixel")


def png_pixels(png):
    """(width, height, rows of (r, g, b)) of a PNG with a palette, as it is written here: no filter."""
    at, data, palette = 8, b"", []
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            if colour != 3:
                return width, height, None  # more than 256 colours
        elif kind == b"PLTE":
            palette = [tuple(body[i:i + 3]) for i in range(0, size, 3)]
        elif kind == b"IDAT":
            data += body
        at += 12 + size
    data, stride, rows = zlib.decompress(data), (width * depth + 7) // 8, []
    for y in range(height):
        row = data[y * (stride + 1):(y + 1) * (stride + 1)]
        assert row[0] == 0
        bits = [(row[1 + x * depth // 8] >> (8 - depth - x * depth % 8)) & ((1 << depth) - 1) for x in range(width)]
        rows.append([palette[i] for i in bits])
    return width, height, rows


def sixel_pixels(text):
    """The same of sixels; colours in per cent."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\\n', text, re.S)
    width, height = int(body[1]), int(body[2])
    rows = [[None] * width for _ in range((height + 5) // 6 * 6)]
    colours, colour, x, top = {}, None, 0, 0
    for number, triple, repeat, sixel, move in re.findall(r"#(\d+)((?:;\d+){4})?|(?:!(\d+))?([?-~])|([$-])", body[3]):
        if triple:
            colours[int(number)] = tuple(map(int, triple[1:].split(";")))[1:]
        elif number:
            colour = colours[int(number)]
        elif sixel:
            for _ in range(int(repeat or 1)):
                for row in range(6):
                    if ord(sixel) - 63 >> row & 1:
                        rows[top + row][x] = colour
                x += 1
        else:
            x, top = 0, top + 6 * (move == "-")
    return width, height, rows[:height]


def kitty_png(text):
    """The PNG, and the keys of the first piece."""
    pieces = re.findall("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\", text)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in pieces) + "\n" == text
    assert all(len(data) <= 4096 for _, data in pieces)
    assert [keys[-3:] if i == 0 else keys for i, (keys, _) in enumerate(pieces)] == ["m=1"] * (len(pieces) - 1) + ["m=0"]
    assert all(len(data) % 4 == 0 for _, data in pieces)
    return base64.b64decode("".join(data for _, data in pieces), validate=True), pieces[0][0].split(",")


class Formats(lab.Lab):
    def drawn(self, name, *options):
        return self.mprof("plot", "-b", name, "--font", "builtin", *options, lab.COMPAT / "func.dat", status=0).stdout

    def png(self, *options):
        self.mprof("plot", "-o", "a.png", "--font", "builtin", *options, lab.COMPAT / "func.dat", status=0)
        return (self.folder / "a.png").read_bytes()

    def test_kitty(self):
        png, keys = kitty_png(self.drawn("kitty"))
        self.assertEqual(png, self.png())
        self.assertEqual(keys, ["a=T", "f=100", "q=2", "m=1"])

    def test_iterm(self):
        found = re.fullmatch("\x1b]1337;File=inline=1;size=(\\d+):([^\x07]*)\x07\n", self.drawn("iterm"))
        png = base64.b64decode(found[2], validate=True)
        self.assertEqual(len(png), int(found[1]))
        self.assertEqual(png, self.png())

    def test_sixels_are_the_pixels(self):
        for options in ((), ("-n",), ("-n", "--theme", "dark", "--size", "401x299"), ("-n", "--size", "16x4")):
            width, height, rows = png_pixels(self.png(*options))
            sixels = sixel_pixels(self.drawn("sixel", *options))
            self.assertEqual(sixels[:2], (width, height))
            if rows is None:
                self.assertNotIn(None, [pixel for row in sixels[2] for pixel in row])
                continue
            self.assertEqual(sixels[2], [[tuple((c * 100 + 127) // 255 for c in pixel) for pixel in row] for row in rows])

    def test_into_a_file_and_a_name_that_is_misspelt(self):
        self.mprof("plot", "-b", "sixel", "-o", "a.six", lab.COMPAT / "func.dat", status=0)
        self.assertTrue((self.folder / "a.six").read_bytes().startswith(b"\x1bP"))
        self.refuses("plot", "-b", "kity", lab.COMPAT / "func.dat", says="did you mean kitty?")


class Terminal:
    """A terminal of a program of its own session: what is said in it is answered by `answer`, in pieces with pauses."""

    def __init__(self, argv, cwd, env, answer, size=(100, 30, 1000, 600)):
        columns, rows, width, height = size
        self.pid, self.fd = terminals.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, width, height))
                os.chdir(cwd)
                os.execve(argv[0], argv, env)
            finally:
                os._exit(127)
        self.said, self.answer, self.asked = b"", answer, False

    def run(self):
        """Until the program ends: its status. What it said is in `said`."""
        while True:
            if not select.select([self.fd], [], [], 60)[0]:
                raise TimeoutError(self.said)
            try:
                block = os.read(self.fd, 65536)
            except OSError:  # EIO: the other side is closed
                block = b""
            if not block:
                break
            self.said += block
            if not self.asked and b"\x1b[c" in self.said:
                self.asked = True
                threading.Thread(target=self.tell).start()
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status

    def tell(self):
        for piece in self.answer:
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                try:
                    os.write(self.fd, piece)
                except OSError:
                    return


# Plots, then tells what stands in its input, and whether the terminal is as it was.
SHELL = """
before=$(stty -g)
"$0" plot "$@"
[ "$before" = "$(stty -g)" ] && echo SAME
stty -icanon -echo min 0 time 1
left=$(od -v -An -tx1 | tr -d ' \\n')
echo "LEFT<$left>"
"""


class Asked(lab.Lab):
    def show(self, answer, *options, env=None, size=(100, 30, 1000, 600), same=True):
        """What is said behind the questions, and what is left in the input."""
        words = ["/bin/sh", "-c", SHELL, lab.MPROF, *options, str(lab.COMPAT / "func.dat")]
        slow = {"SSH_TTY": "a busy machine, too"} if answer else {}
        terminal = Terminal(words, self.folder, {**self.env, "TERM": "xterm-256color", **slow, **(env or {})}, answer, size)
        self.assertEqual(terminal.run(), 0, terminal.said)
        said = terminal.said.decode(errors="replace").replace("\r\n", "\n")
        self.asked = "\x1b[c" in said
        said = said.split("\x1b[c", 1)[-1]
        if same:
            self.assertIn("SAME\n", said)
        picture, _, rest = said.partition("SAME\n")
        return picture, bytes.fromhex(re.search("LEFT<(.*)>", rest)[1])

    def is_text(self, picture):
        self.assertTrue("peak" in picture and not re.search("\x1b[P_\\]]", picture), picture[:300])

    def test_each_kind(self):
        for answer, env, begins in (([KITTY, PLAIN], {}, "\x1b_Ga=T,f=100,q=2,c=99,"),
                                    ([KITTY, SIXEL], {"TERM_PROGRAM": "WezTerm"}, "\x1b_Ga=T"),
                                    ([PLAIN], {"TERM_PROGRAM": "iTerm.app"}, "\x1b]1337;File=inline=1;size="),
                                    ([SIXEL], {"LC_TERMINAL": "iTerm2"}, "\x1b]1337;"),
                                    ([CELL, SIXEL], {}, "\x1bP0;1;0q\"1;1;990;471#")):
            picture, left = self.show(answer, env=env)
            self.assertTrue(picture.startswith(begins), (picture[:60], begins))
            self.assertEqual(left, b"")

    def test_its_paper_is_the_terminals(self):
        for paper, options, colour in ((b"1e1e/1e1e/2e2e", (), "#0;2;8;9;11"), (b"ffff/ffff/ffff", (), "#0;2;100;100;100"),
                                       (b"0000/0000/0000", ("--theme", "light"), "#0;2;100;100;100")):
            picture, left = self.show([b"\x1b]11;rgb:" + paper + b"\x1b\\", SIXEL], "-n", *options)
            self.assertIn(colour + "#", picture[:80])
            self.assertEqual(left, b"")

    def test_later_than_it_was_waited_for(self):
        os.mkfifo(self.folder / "late.dat")
        words = ["/bin/sh", "-c", SHELL, lab.MPROF, "late.dat"]

        class Late(Terminal):
            def tell(late):
                time.sleep(0.4)
                os.write(late.fd, SIXEL)
                time.sleep(0.1)
                (self.folder / "late.dat").write_bytes((lab.COMPAT / "func.dat").read_bytes())
        late = Late(words, self.folder, {**self.env, "TERM": "xterm"}, [])
        self.assertEqual(late.run(), 0, late.said)
        self.assertIn(b"peak", late.said)
        self.assertIn(b"SAME", late.said)
        self.assertIn(b"LEFT<>", late.said)

    def test_text_where_it_shows_none(self):
        for answer in ([PLAIN], [b"\x1b_Gi=31;EINVAL: no\x1b\\", PLAIN], [b"\x1b[?4c"]):
            picture, left = self.show(answer)
            self.is_text(picture)
            self.assertEqual(left, b"")

    def test_in_pieces(self):
        answer = [b for byte in KITTY + CELL + b"\x1b[?1;0;256S" + PLAIN for b in (bytes([byte]), 0.001)]
        picture, left = self.show(answer)
        self.assertTrue(picture.startswith("\x1b_Ga=T"), picture[:60])
        self.assertEqual(left, b"")

    def test_silence_costs_a_moment(self):
        for _ in range(4):  # a busy machine may make it longer, but not again and again
            begin = time.monotonic()
            picture, left = self.show([], "-b", "term")
            without = time.monotonic() - begin
            self.assertFalse(self.asked)
            begin = time.monotonic()
            picture, left = self.show([])
            silent = time.monotonic() - begin - without
            self.is_text(picture)
            self.assertTrue(self.asked)
            if silent < 0.75:
                break
        self.assertLess(silent, 0.75)  # the picture is there after 0.2

    def test_late_leaves_nothing_behind(self):
        picture, left = self.show([0.35, SIXEL], env={"SSH_TTY": ""})  # over a slow line that nothing tells of: docker exec, sudo
        self.is_text(picture)
        self.assertEqual(left, b"")

    def test_late_and_in_halves(self):
        for first, second in ((0.15, 0.08), (0.1, 0.35)):  # within the time that is given to the rest; and after the picture
            picture, left = self.show([first, SIXEL[:4], second, SIXEL[4:]], env={"SSH_TTY": ""})
            self.assertEqual(left, b"", (first, second))

    def test_late_over_a_slow_line(self):
        picture, left = self.show([0.3, SIXEL], env={"SSH_TTY": "/dev/pts/0"})
        self.assertTrue(picture.startswith("\x1bP"), picture[:60])
        self.assertEqual(left, b"")

    def test_what_is_typed_meanwhile_is_no_answer(self):
        picture, left = self.show([b"ls\x1b[A", KITTY, b"x", PLAIN, b"after"])
        self.assertIn("\x1b_Ga=T", picture)  # behind the echo of what was typed last, maybe
        self.assertIn(left, (b"after", b"ls\x1b[Axafter", b"afterls\x1b[Ax"))  # TIOCSTI may be switched off

    def test_garbage(self):
        for garbage in (b"\x1b[" + b"9;" * 400 + b"c", b"\x1b_G" + b"x" * 500, b"\x1b[?" + b"9" * 300 + b";4c", b"\x00\xff\x1b\x1b\x1b",
                        b"\x1b[6;99999999999999999999;-1t"):
            picture, _ = self.show([garbage, b"\x1b\\", PLAIN])
            self.is_text(picture)

    def test_few_colours(self):
        picture, _ = self.show([b"\x1b[?1;0;16S", SIXEL])
        self.assertTrue(picture.startswith("\x1bP"))
        self.assertLessEqual(len(set(re.findall(r"#(\d+);2;", picture))), 16)

    def test_where_it_is_not_asked(self):
        for env in ({"TMUX": "/tmp/x,1,0"}, {"STY": "1.pts"}, {"TERM": "tmux-256color"}, {"TERM": "screen"}, {"TERM": "linux"},
                    {"TERM": "dumb"}, {"NO_COLOR": "1"}, {"CI": "true"}, {"TERM_PROGRAM": "Apple_Terminal"},
                    {"MPROF_TERMINAL": "term"}):
            picture, _ = self.show([KITTY, PLAIN], env=env)
            self.assertFalse(self.asked, env)
            self.is_text(picture)
        for options in (("--ascii",), ("--size", "80x20"), ("-b", "term")):
            picture, _ = self.show([KITTY, PLAIN], *options)
            self.assertFalse(self.asked, options)
            self.is_text(picture)

    def test_the_users_word(self):
        for name, begins in zip(NAMES, ("\x1b_G", "\x1b]1337", "\x1bP")):
            for options, env in ((("-b", name), {}), ((), {"MPROF_TERMINAL": name})):
                picture, _ = self.show([PLAIN], *options, env=env)
                self.assertFalse(self.asked)
                self.assertTrue(picture.startswith(begins), picture[:40])

    def test_typed_before_is_not_read(self):
        shell = SHELL.replace('"$0" plot', 'echo READY; read go; "$0" plot')
        words = ["/bin/sh", "-c", shell, lab.MPROF, str(lab.COMPAT / "func.dat")]
        terminal = Terminal(words, self.folder, {**self.env, "TERM": "xterm"}, [KITTY, PLAIN])
        os.write(terminal.fd, b"go\nnext\nhalf")
        self.assertEqual(terminal.run(), 0)
        self.assertNotIn(b"\x1b[c", terminal.said)
        self.assertRegex(terminal.said, rb"LEFT<6e6578740a68616c66>")

    def test_every_size(self):
        for size in ((1, 1, 10, 20), (2, 3, 0, 0), (20, 5, 200, 100), (80, 24, 0, 0), (400, 100, 8000, 4000), (80, 24, 1600, 960)):
            picture, _ = self.show([SIXEL], size=size)
            width, height = map(int, re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', picture).groups())
            self.assertLessEqual(width, 4096)
            if size[1] > 4 and size[2]:
                self.assertLessEqual((width, height), (size[2], size[3]))

    def test_not_off_a_terminal(self):
        done = self.mprof("plot", "-b", "term", lab.COMPAT / "func.dat", status=0, env={"TERM": "xterm"})
        self.assertNotIn("\x1b", done.stdout)


if __name__ == "__main__":
    lab.main()
