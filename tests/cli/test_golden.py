"""Pictures that must not change by accident: svg to the letter, png (with the built-in face) to the eye.

MPROF_RENEW=1 writes them anew: look at them, and at the difference, before they are committed."""
import os
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import fleet_made
import made

GOLDEN = lab.ROOT / "tests" / "golden"
RENEW = bool(os.environ.get("MPROF_RENEW"))


def pixels(data):
    """(width, height, bytes of RGB) of a PNG as we write them: not interlaced, not filtered."""
    at, packed, palette = 8, b"", b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            packed += body
    raw = zlib.decompress(packed)
    stride = (width * depth * (1 if colour == 3 else 3) + 7) // 8
    rows = []
    for y in range(height):
        row = raw[y * (stride + 1):(y + 1) * (stride + 1)]
        assert row[0] == 0
        row = row[1:]
        if colour == 3:
            if depth < 8:
                per, mask = 8 // depth, (1 << depth) - 1
                row = bytes((byte >> (8 - depth * (k + 1))) & mask for byte in row for k in range(per))[:width]
            row = b"".join(palette[3 * i:3 * i + 3] for i in row)
        rows.append(row)
    return width, height, b"".join(rows)


class Golden(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["TZ"] = "UTC"
        dense = "".join(f"MEM {100 + (i * 7919) % 97 + i * 0.002:.6f} {1700000000 + i * 0.01:.4f}\n" for i in range(30000))
        (self.folder / "dense.dat").write_text("CMDLINE ./train.py --epochs 300\n" + dense)
        for name, make in made.ALL.items():
            (self.folder / f"{name}.dat").write_text(make())
        fleet_made.write(self.folder / "many", 24, n=60, leaking=17, early=5, limit=8192)
        fleet_made.write(self.folder / "alike", 40, n=60, per_node=2)
        for path in lab.COMPAT.glob("*.dat"):
            (self.folder / path.name).write_bytes(path.read_bytes())

    CASES = {
        "func": ["func.dat"],
        "flame": ["nested.dat", "--flame"],
        "children-dark": ["multiprocess.dat", "--theme", "dark"],
        "dense-trend": ["dense.dat", "--slope"],
        "overlay": ["func.dat", "nested.dat", "sleep.dat"],
        "exact-dark": ["exact.dat", "--theme", "dark"],
        "beyond": ["beyond.dat"],
        "killed": ["killed.dat"],
        "gpu": ["gpu.dat"],
        "gpu-alike": ["gpu-alike.dat"],
        "card": ["card.dat"],
        "card-dark": ["card.dat", "--theme", "dark", "-w", "50,61"],
        "metrics": ["metrics.dat"],
        "families": ["families.dat"],
        "gaps": ["gaps.dat"],
        "short": ["short.dat"],
        "growth": ["growth.dat"],
        "growth-flame": ["growth.dat", "--flame"],
        "heap": ["heap.dat", "--heap"],
        "heap-dark": ["heap.dat", "--heap", "--theme", "dark", "-w", "4,12"],
        "bill": ["bill.dat", "--bill"],
        "bill-dark": ["bill.dat", "--bill", "--theme", "dark"],
        "many": ["many"],
        "many-dark": ["alike", "--theme", "dark"],
        "heatmap": ["many", "--heatmap"],
        "heatmap-dark": ["alike", "--heatmap", "--sort", "peak", "--theme", "dark"],
        "window": ["func.dat", "-n", "-w", "0.4,1.0", "-t", "A window: ÄÖÜ ñ é ß ½"],
    }

    def drawn(self, name, extension, *options):
        self.mprof("plot", *self.CASES[name], "-o", f"out.{extension}", "--font", "builtin", *options, status=0)
        return (self.folder / f"out.{extension}").read_bytes()

    def test_svg(self):
        for name in self.CASES:
            with self.subTest(name):
                got, golden = self.drawn(name, "svg"), GOLDEN / f"{name}.svg"
                if RENEW:
                    golden.write_bytes(got)
                self.assertEqual(got.decode(), golden.read_text())

    def test_png(self):
        for name in self.CASES:
            with self.subTest(name):
                got, golden = self.drawn(name, "png", "--size", "640x320"), GOLDEN / f"{name}.png"
                if RENEW:
                    golden.write_bytes(got)
                (w, h, a), (gw, gh, b) = pixels(got), pixels(golden.read_bytes())
                self.assertEqual((w, h), (gw, gh))
                # Compilers may round the last bit of a coverage differently: a sixteenth here and there.
                off = [abs(x - y) for x, y in zip(a, b) if x != y]
                self.assertLess(max(off, default=0), 40)
                self.assertLess(len(off), len(a) // 1000)


if __name__ == "__main__":
    lab.main()
