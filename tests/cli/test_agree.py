"""One recording, one figure: whoever tells of the peak tells the same, with the same word."""
import json
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

T = 1700000000
NAME = "mprofile_20231114221320.dat"
WORDS = {"exact": "exact peak ", "at-least": "peak at least ", "at-most": "peak at most ", "sampled": "sampled peak "}


def recording(meta="", samples=(10, 100, 40), mark=100, last=100, status=0, tree=0, metric="rss", rest=""):
    lines = [f"META format=1 tool=mprof-c/1 metric={metric} interval=0.1 pid=7 start={T}.0 tree={tree} children=0"]
    lines += [f"MEM {mib:.6f} {T + i}.000000" for i, mib in enumerate(samples)] + [rest, meta and "META " + meta]
    lines += [f"GONE 7 {T + 3}.000000 {mark:.6f} {status}", f"EXIT {status} {T + 3}.000000 {last:.6f} 3 0"] if mark else []
    return "\n".join(["CMDLINE ./work"] + [line for line in lines if line]) + "\n"


def verdict(mib, known, by, lacks="", more=""):
    return f"peak={mib:.6f} peak_known={known} peak_by={by}" + (f" peak_lacks={lacks}" if lacks else "") + more


# content, the figure, the word; None: nothing but that it is the highest sample
TABLE = {
    "exact": (recording(verdict(100, "exact", "mark")), 100, "exact"),
    "exact, above all samples": (recording(verdict(250, "exact", "mark"), mark=250, last=250), 250, "exact"),
    "exact, and a child held more": (recording(verdict(101, "exact", "mark"), mark=101, last=300), 101, "exact"),
    "read before the end": (recording(verdict(180, "at-least", "mark", "early"), mark=180, last=300), 180, "at-least"),
    "samples alone": (recording(verdict(100, "at-least", "samples"), metric="pss", last=300), 100, "at-least"),
    "killed in the midst of it": (recording(verdict(100, "at-least", "samples"), status=-9, last=358), 100, "at-least"),
    "killed as it peaked": (recording(verdict(100, "exact", "mark"), status=-9), 100, "exact"),
    "held up": (recording(verdict(100, "at-least", "samples", "stalled"), metric="uss"), 100, "at-least"),
    "nothing was read": (recording(verdict(2.5, "at-most", "mark", "unsampled,floor", " floor=2.5"), samples=[2.5], mark=0), 2.5, "at-most"),
    "a tree": (recording(verdict(100, "sampled", "samples", "unseen"), tree=1), 100, "sampled"),
    "a tree of which one held more": (recording(verdict(220, "at-least", "mark", "unseen,early"), tree=1, mark=50, last=220), 220, "at-least"),
    "a tree, shared pages divided": (recording(verdict(100, "at-least", "samples"), tree=1, metric="pss"), 100, "at-least"),
    "one that fell back": (recording(verdict(100, "sampled", "samples", "fallback"), tree=1, metric="pss"), 100, "sampled"),
    "a group": (recording(verdict(100, "at-least", "samples"), metric="cgroup"), 100, "at-least"),
    "older, exact": (recording(mark=250, last=250), 250, "exact"),
    "older, read before the end": (recording(mark=180, last=300), 180, "at-least"),
    "older, with marks of intervals": (recording("exact=1", rest=f"PEAK 140.000000 {T + 2}.000000 {T + 1}.000000", mark=140, last=140), 140, "exact"),
    "without an end": (recording(mark=0), 100, None),
    "of another program": (f"CMDLINE a\nMEM 10.0 {T}.0\nMEM 100.0 {T + 1}.0\n", 100, None),
    "a metric from later on": (recording(metric="warmth"), 100, None),
}


class Agree(lab.Lab):
    def picture(self, *options):
        self.mprof("plot", NAME, "-o", "a.svg", *options, status=0)
        return [e.text for e in xml.parse(self.folder / "a.svg").iter() if e.text and e.tag.endswith("}text")]

    def check(self, mib, known):
        texts, size = self.picture(), f"{mib:.1f} MiB"
        first = json.loads(self.mprof("peak", "--json", NAME, status=0).stdout)[0]["peak"]
        listed = json.loads(self.mprof("list", "--json", status=0).stdout)[0]
        exported = json.loads(self.mprof("plot", "-b", "json", NAME, status=0).stdout)[0]["highest"]
        self.assertEqual({first["mib"], listed["peak_mib"], exported["mib"]}, {mib})
        self.assertEqual(len({first["known"], listed["known"], exported["known"]}), 1)
        self.assertIn(size, self.mprof("list", status=0).stdout)
        text = self.mprof("peak", NAME, status=0).stdout
        if not known:
            self.assertTrue([t for t in texts if t.startswith(f"peak {size}")], texts)
            self.assertFalse([t for t in texts if re.search("exact|at least|at most", t)])
            return
        self.assertEqual(first["known"], known)
        self.assertTrue([t for t in texts if t.startswith(WORDS[known] + size)], texts)
        others = [t for t in texts for word in WORDS.values() if t.startswith(word) and not t.startswith(WORDS[known] + size)]
        self.assertFalse([t for t in others if "at most" not in t], texts)
        said = [line for line in text.splitlines()[1:] if f"{mib:.3f} MiB" in line or "first figure" in line]
        word = known.replace("-", " ")
        self.assertTrue([line for line in said if re.search(rf"^  {word} | {word}: ", line)], text)

    def test_all_tell_the_same(self):
        for name, (content, mib, known) in TABLE.items():
            with self.subTest(name):
                self.write(NAME, content)
                self.check(mib, known)

    def test_a_window_has_a_peak_of_its_own(self):
        self.write(NAME, TABLE["exact"][0])
        self.assertFalse([t for t in self.picture("-w", "1.5,3") if "exact" in t])
        self.assertIsNone(json.loads(self.mprof("plot", "-b", "json", "-w", "1.5,3", NAME, status=0).stdout)[0]["highest"])

    def test_real_ones(self):
        spend = [lab.target("spend"), "60", "0.3"]
        for options in ([], ["-C"], ["-X"], ["-b", "pss"], ["-C", "-b", "pss"], ["-b", "vms"]):
            with self.subTest(options):
                said = self.mprof("run", *options, "-o", NAME, *spend, env={"CI": "1"}, status=0).stderr
                meta = dict(p.split("=", 1) for words in self.recording(NAME) if words[0] == "META" for p in words[1:] if "=" in p)
                self.assertIn(WORDS[meta["peak_known"]], said)
                self.check(float(meta["peak"]), meta["peak_known"])


if __name__ == "__main__":
    lab.main()
