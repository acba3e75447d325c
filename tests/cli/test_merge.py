"""merge, report --ranks, and peak of many: recordings of one job."""
import gzip
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fleet
import lab
import made

RANKS = 64


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


class Merging(lab.Lab):
    def write(self, name, content, mode=0o644):
        (self.folder / name).parent.mkdir(exist_ok=True)
        return super().write(name, content, mode)

    def text(self, name):
        path = self.folder / name
        return (gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()).decode()

    def peaks(self, name):
        """{rank: the figure as it is written}, of a merged file."""
        return {int(r.split()[2]): r.split()[3] for r in self.text(name).splitlines() if r.startswith("RANK ")}

    def merged(self, *words, name="job.dat", says="", status=0):
        done = self.mprof("merge", "-o", name, *words, status=status)
        self.assertIn(says, done.stderr)
        return self.text(name)


class Merge(Merging):
    def setUp(self):
        super().setUp()
        fleet.make(self.folder / "rec", RANKS)

    def test_every_peak_is_kept_to_the_byte(self):
        for name in ("job.dat", "job.dat.gz"):
            self.merged("rec", name=name, says=f"{name} holds {RANKS} recordings of 4 nodes")
            self.assertEqual(self.peaks(name), fleet.peaks(RANKS))

    def test_every_peak_is_kept_however_few_columns(self):
        for columns in ("4", "10", "100"):
            text = self.merged("rec", "--columns", columns)
            self.assertEqual(self.peaks("job.dat"), fleet.peaks(RANKS))
            highest = {}
            counted = {}
            for words in (line.split() for line in text.splitlines() if line.startswith("RMEM ")):
                highest[words[1]] = max(float(words[2]), highest.get(words[1], 0))
                counted[words[1]] = counted.get(words[1], 0) + 1
            self.assertLessEqual(max(counted.values()), int(columns))
            self.assertEqual(sorted(highest.values()), sorted(map(float, fleet.peaks(RANKS).values())))

    def test_it_is_sorted_by_rank_and_time(self):
        text = self.merged("rec")
        records = [line.split() for line in text.splitlines()]
        self.assertEqual([int(r[2]) for r in records if r[0] == "RANK"], list(range(RANKS)))
        self.assertEqual([int(r[1]) for r in records if r[0] == "RANK"], list(range(1, RANKS + 1)))
        seen, before = 0, 0.0
        for r in records:
            if r[0] == "RANK":
                seen, before = int(r[1]), 0.0
            elif r[0] == "RMEM":
                self.assertEqual(int(r[1]), seen)
                self.assertGreater(float(r[3]), before)
                before = float(r[3])
        last = [r[0] for r in records if r[0] in ("RMEM", "MEM")]
        self.assertEqual(last.index("MEM"), last.count("RMEM"))

    def test_few_samples_are_all_kept(self):
        """And a picture of them is that of the recordings."""
        text = self.merged("rec")
        samples = [line.split()[2:4] for line in text.splitlines() if line.startswith("RMEM 1 ")]
        own = next((self.folder / "rec" / "n0").glob("*_r00000_*"))
        self.assertEqual(samples, [line.split()[1:] for line in own.read_text().splitlines() if line.startswith("MEM ")])

    def test_merged_ones_are_merged_again_and_lose_nothing(self):
        for node in range(4):
            self.merged(f"rec/n{node}", name=f"n{node}.dat.gz")
        twice = self.merged("n3.dat.gz", "n1.dat.gz", "n0.dat.gz", "n2.dat.gz", name="twice.dat.gz")
        self.assertEqual(twice, self.merged("rec", name="once.dat"))
        self.assertEqual(self.peaks("twice.dat.gz"), fleet.peaks(RANKS))

    def test_what_is_there_twice_is_kept_once(self):
        self.merged("rec/n1", name="rec/n1.dat.gz")
        self.merged("rec", "rec/n2", name="job.dat")
        self.assertEqual(self.peaks("job.dat"), fleet.peaks(RANKS))
        self.assertEqual(self.text("job.dat").count("\nRANK "), RANKS)

    def test_what_was_merged_while_the_job_ran_is_there_once_and_whole(self):
        for whole in (False, True):
            for rank in range(3):
                lines = made.memory([100 + i for i in range(50 if whole else 20)], 0.1)
                self.write(f"run/{rank}.dat", made.text(made.head("x", rank=rank, node="n0", job=7), lines))
            if not whole:
                self.merged("run", "--columns", "4", name="run/1st.dat")
        text = self.merged("run", name="run/all.dat", says="holds 3 recordings")
        self.assertEqual(self.peaks("run/all.dat"), dict.fromkeys(range(3), "149.000000"))
        self.assertEqual(text.count("RMEM "), 150)
        self.assertIn("3 recordings: ", self.mprof("report", "--ranks", "run", status=0).stdout)

    def test_a_rank_of_two_runs_is_told_of(self):
        for k, restart in enumerate((0, 1, 0)):
            self.write(f"two/{k}.dat", made.text(made.head("x", rank=5, restart=restart), [f"MEM 5 {made.moment(9 * k)}", f"MEM 6 {made.moment(9 * k + 1)}"]))
        self.merged("two/0.dat", "two/1.dat", name="one.dat", says="one.dat holds 2 recordings")
        self.assertNotIn("more than once", self.mprof("merge", "-o", "one.dat", "two/0.dat", "two/1.dat").stderr)
        self.merged("two", name="two.dat", says="rank 5 is there more than once: they are of several runs")

    def test_compressed_ones_in_a_folder_are_read(self):
        for path in sorted((self.folder / "rec" / "n1").glob("*.dat"))[::2]:
            (path.parent / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        self.merged("rec")
        self.assertEqual(self.peaks("job.dat"), fleet.peaks(RANKS))
        self.assertIn("rank 41 on n2 held most", self.mprof("report", "--ranks", "rec", status=0).stdout)
        self.assertIn("rank 41 on n2", self.mprof("peak", "rec", status=0).stdout)

    def test_marks_are_kept(self):
        self.write("m/a.dat", made.text(made.head("x", rank=0), made.memory([5, 6], 1), [f"MARK 5.0 {made.moment(0.5)} epoch {i}" for i in range(99)]))
        kept = [line.split(" ", 4)[4] for line in self.merged("m").splitlines() if line.startswith("RMARK 1 ")]
        self.assertEqual(kept, [f"epoch {i}" for i in range(64)])

    def test_it_may_lie_in_the_folder_that_it_was_made_of(self):
        first = self.merged("rec", name="rec/job.dat")
        self.assertEqual(self.merged("rec", name="rec/job.dat"), first)

    def test_few_descriptors_and_little_memory_do(self):
        for name in ("job.dat", "job.dat.gz"):
            done = subprocess.run([lab.MPROF, "merge", "-q", "-o", name, "rec"], cwd=self.folder, env=self.env, preexec_fn=few_files,
                                  stderr=subprocess.PIPE, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(self.peaks(name), fleet.peaks(RANKS))

    def test_every_line_is_one_that_memory_profiler_reads(self):
        """Each has a tag and a blank; MEM has two figures, and the command is there."""
        for line in self.merged("rec").splitlines():
            self.assertRegex(line, r"\A[A-Z]+ \S")
            if line.startswith("MEM "):
                self.assertRegex(line, r"\AMEM \d+\.\d{6} \d+\.\d{6}\Z")

    def test_the_sum_is_of_those_that_lived(self):
        """Four ranks, 100 MiB each, of which one dies in the middle and one begins a second later."""
        spans = [(0, 100), (0, 100), (0, 50), (50, 100)]
        for rank, (first, end) in enumerate(spans):
            self.write(f"s/{rank}.dat", made.text(made.head("x", rank=rank), [f"MEM 100.000000 {made.moment(i)}" for i in range(first, end)],
                                                  [f"EXIT 0 {made.moment(end)} 100.000000 1 0"]))
        sums = [line.split()[1:] for line in self.merged("s").splitlines() if line.startswith("MEM ")]
        between = [float(us) - made.START for mib, us in sums if mib == "200.000000"]
        self.assertTrue(between and 49 < min(between) <= max(between) < 50, between)
        self.assertEqual({mib for mib, _ in sums}, {"200.000000", "300.000000"})

    def test_a_sum_that_is_none_says_so(self):
        for metric, other, words in (("cgroup", "cgroup", "what is of a group or the machine counted for each rank"), ("rss", "pss", "figures of several metrics")):
            for rank in range(2):
                head = made.head("x", rank=rank, node="n0", metric=other if rank else metric)
                self.write(f"{metric}/{rank}.dat", made.text(head, made.memory([5, 60], 1)))
            self.merged(metric, name="sum.dat")
            self.assertRegex(self.mprof("peak", "sum.dat", status=0).stdout, rf"all ranks together +120\.000 MiB  sampled: .*added up, {words}\n")
            self.assertIn(words, re.sub(r"\s+", " ", self.mprof("why", "sum.dat", status=0).stdout))
            nodes = self.mprof("report", "--ranks", metric, status=0).stdout
            self.assertRegex(nodes, r"(?m)^  n0 +2 +unknown " if metric == "cgroup" else r"(?m)^  n0 +2 +120\.000 ")

    def test_one_that_is_cut_off_says_so(self):
        """As a copy leaves it that was broken off."""
        self.merged("rec")
        self.merged("rec", name="job.dat.gz")
        whole = {name: (self.folder / name).read_bytes() for name in ("job.dat", "job.dat.gz")}
        for name, keep in (("job.dat", 0.5), ("job.dat", 0.99), ("job.dat.gz", 0.5), ("job.dat.gz", 0.99)):
            (self.folder / name).write_bytes(whole[name][:int(len(whole[name]) * keep)])
            for words in (["merge", "-o", "a.dat"], ["report", "--ranks"], ["peak"], ["plot", "-o", "a.svg"]):
                said = self.mprof(*words, name, status=0).stderr
                self.assertEqual(said.count(f"{name} is cut off: the rest of it is missing"), 1, (words, name, keep, said))
        for words in (["merge", "-o", "a.dat"], ["report", "--ranks"], ["peak"], ["plot", "-o", "a.svg"]):
            self.assertNotIn("cut off", self.mprof(*words, "rec", status=0).stderr)

    def test_a_kill_leaves_no_half_file(self):
        self.merged("rec", name="job.dat.gz")
        before = (self.folder / "job.dat.gz").read_bytes()
        for wait in (0.001, 0.003, 0.006, 0.012):
            process = subprocess.Popen([lab.MPROF, "merge", "-o", "job.dat.gz", "rec", "rec"], cwd=self.folder, env=self.env, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.assertEqual((self.folder / "job.dat.gz").read_bytes(), before)

    def test_nothing_of_the_users_is_replaced(self):
        own = sorted((self.folder / "rec" / "n0").glob("*"))[0].relative_to(self.folder)
        kept = (self.folder / own).read_bytes()
        self.refuses("merge", "-o", own, "rec", status=1, says="is not what mprof-c merge wrote, and stays as it is")
        self.refuses("merge", "-o", own, own, status=2, says="is itself to be read")
        self.assertEqual((self.folder / own).read_bytes(), kept)
        self.write("notes.gz", gzip.compress(b"my notes"), mode=0o600)
        self.refuses("merge", "-o", "notes.gz", "rec", status=1, says="stays as it is")

    def test_what_is_no_recording_is_named(self):
        self.write("rec/letter.dat", "Dear all,\n")
        self.merged("rec", says="letter.dat is left out: it holds no recording")
        self.write("rec/other.dat", "")
        self.merged("rec", "missing.dat", says="3 files are left out, the first is rec/letter.dat", status=1)
        self.assertEqual(self.peaks("job.dat"), fleet.peaks(RANKS))

    @unittest.skipIf(os.geteuid() != 0, "changing users needs root")
    def test_a_folder_that_may_not_be_listed_is_named(self):
        self.folder.chmod(0o777)
        (self.folder / "rec/n1").chmod(0)
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", lab.MPROF, "merge", "-o", "a.dat", "rec"], cwd=self.folder, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        (self.folder / "rec/n1").chmod(0o755)
        if not (self.folder / "a.dat").exists():
            self.skipTest("the build folder is closed to other users")
        self.assertIn("warning: rec/n1 is left out: Permission denied", done.stderr)
        self.assertIn("a.dat holds 48 recordings of 3 nodes", done.stderr)

    def test_bad_usage_says_what_to_do(self):
        self.refuses("merge", "rec", says="name it with -o job.dat.gz")
        self.refuses("merge", "-o", "a.dat", says="takes a folder of recordings")
        self.refuses("merge", "-o", "-", "rec", says="not standard output")
        self.refuses("merge", "-o", "a.dat", "-", says="not standard input")
        self.refuses("merge", "-o", "a.dat", "--columns", "3", "rec", says="--columns takes a number from 4")
        self.refuses("merge", "-o", "/dev/full", "rec", status=1, says="cannot write /dev/full: No space left on device")
        (self.folder / "full.gz").symlink_to("/dev/full")
        self.refuses("merge", "-o", "full.gz", "rec", status=1, says="cannot write full.gz: No space left on device")
        (self.folder / "empty").mkdir()
        self.refuses("merge", "-o", "a.dat", "empty", status=1, says="there is no recording in empty")
        self.assertFalse((self.folder / "a.dat").exists())
        self.refuses("merge", "-o", "nowhere/a.dat", "rec", status=1, says="cannot write nowhere/a.dat: its folder is not there, make it first")

    def test_every_command_reads_it(self):
        self.merged("rec", name="mprofile_20260101000000.dat.gz")
        name = "mprofile_20260101000000.dat.gz"
        self.assertIn("63 of 64 ranks ended with exit 0; 1 failed, first rank 21 after 6.50 s (killed: out of memory)", re.sub(r"\s+", " ", self.mprof("why", name, status=0).stdout))
        self.assertIn("python train.py", self.mprof("list", status=0).stdout)
        self.refuses("report", name, status=1, says=f"holds {RANKS} recordings; they are told beside each other by: mprof-c report --ranks")
        self.refuses("report", ".", status=1, says="is a folder; its recordings are told beside each other by: mprof-c report --ranks")
        for ending in ("png", "svg", "html", "txt"):
            self.mprof("plot", *(["-b", "term"] if ending == "txt" else []), "-o", f"a.{ending}", name, status=0)
        for ending in ("csv", "json", "om", "pftrace", "firefox.json"):
            said = self.mprof("export", "-o", f"a.{ending}", name, status=0).stderr
            self.assertEqual("is told what they come to together" in said, ending not in ("csv", "json"), said)
        self.assertIn(f'job_id="123",ranks="{RANKS}"}}', (self.folder / "a.om").read_text())
        rows = [line.split(",")[1:] for line in (self.folder / "a.csv").read_text().splitlines()]
        own = [float(row[-1]) for row in rows if row[0] == f"rank {fleet.leaking(RANKS)}"]
        self.assertEqual((len(own), max(own)), (200, 9876.543211))
        told = json.loads((self.folder / "a.json").read_text())[0]
        self.assertEqual(len(told["ranks"]), RANKS)
        self.assertEqual(told["ranks"][0]["peak"][1], 1000.0)
        self.assertEqual(len(told["member_samples"]), sum(line.startswith("RMEM") for line in self.text(name).splitlines()))


class Ranks(Merging):
    def setUp(self):
        super().setUp()
        fleet.make(self.folder / "rec", RANKS)

    def test_the_sentence_names_rank_node_and_line(self):
        self.merged("rec", name="job.dat.gz")
        for words in (["rec"], ["job.dat.gz"], [f"rec/n{n}" for n in range(4)]):
            first = self.mprof("report", "--ranks", *words, status=0).stdout.splitlines()[0]
            self.assertIn("64 recordings of 4 nodes: rank 41 on n2 held most, 9.65 GiB (at least); the median of the ranks is 1031.7 MiB.", first)
            self.assertIn("At its peak rank 41 on n2 held 4.69 GiB from train.py:88 Cache.put; the median of the 2 ranks that tell of their lines is 0.0 MiB.", first)
            self.assertIn("Rank 21 on n1 ended badly, after 6.50 s (killed: out of memory).", first)

    def test_the_tables_tell_the_same_of_the_files_and_of_the_merged_one(self):
        self.merged("rec", name="job.dat.gz")
        files = self.mprof("report", "--ranks", "rec", status=0).stdout
        self.assertEqual(self.mprof("report", "--ranks", "job.dat.gz", status=0).stdout, files)
        self.assertRegex(files, r"(?m)^  n2 +16 +16694\.\d+ +\d+\.\d+  16384\.000  102 %$")
        self.assertRegex(files, r"(?m)^ +6\.50 +21  n1 +1021\.166  killed: out of memory$")
        self.assertEqual([line for line in files.splitlines() if line != line.rstrip()], [])

    def test_json_tells_everything(self):
        told = json.loads(self.mprof("report", "--ranks", "--json", "rec", status=0).stdout)
        self.assertEqual(len(told["ranks"]), RANKS)
        self.assertEqual({r["rank"]: f'{r["peak_mib"]:.6f}' for r in told["ranks"]}, fleet.peaks(RANKS))
        dead = told["ranks"][fleet.dead(RANKS)]
        self.assertEqual((dead["status"], dead["killed"], dead["node"], dead["job"]), (-9, "killed: out of memory", "n1", "123"))
        self.assertEqual(told["lines"][0]["most_rank"], fleet.leaking(RANKS))
        self.assertEqual(told["nodes"][0]["node"], "n2")
        self.assertEqual(told["clocks"], [])

    def test_top_bounds_the_tables(self):
        said = self.mprof("report", "--ranks", "--top", "2", "rec", status=0).stdout
        self.assertIn("… and 62 more: --top N", said)
        self.assertIn("… and 2 more: --top N", said)

    def test_what_does_not_go_together_is_refused(self):
        self.refuses("report", "rec", "rec", says="several with --ranks")
        self.refuses("report", "--ranks", "--heap", "rec", says="--ranks and --heap exclude each other")
        self.refuses("report", "--ranks", "-o", "a.txt", "rec", says="--ranks goes to standard output")
        (self.folder / "empty").mkdir()
        self.refuses("report", "--ranks", "empty", status=1, says="there is no recording in empty")

    def test_a_node_whose_clock_is_off_is_named(self):
        fleet.make(self.folder / "late", RANKS, late_node="n2", late=120)
        for words in (["late"], ["merged.dat"]):
            if words == ["merged.dat"]:
                self.merged("late", name="merged.dat", says="warning: the clock of n2 seems 2 min 00 s ahead of the others'")
            said = self.mprof("report", "--ranks", *words, status=0).stdout
            self.assertIn("the clock of n2 seems 2 min 00 s ahead of the others': its ranks begin and end so much later", said)
            self.assertIn("\n  (the clock of n2 seems 2 min 00 s ahead of the others': ", self.mprof("peak", *words, status=0).stdout)
            told = json.loads(self.mprof("report", "--ranks", "--json", *words, status=0).stdout)
            self.assertEqual([(c["node"], c["ahead_s"], c["clock"], c["apart"]) for c in told["clocks"]], [("n2", 120.0, True, True)])

    def test_a_clock_that_follows_nobody_is_named(self):
        for rank in range(2):
            self.write(f"u/{rank}.dat", made.text(made.head("x", rank=rank, node=f"n{rank}", unsynchronised=rank), made.memory([5, 6], 1)))
        for words in (["u"], ["u.dat"]):
            if words == ["u.dat"]:
                self.merged("u", name="u.dat")
            self.assertIn("1 node was not synchronised, by what the kernel said: n1", self.mprof("report", "--ranks", *words, status=0).stdout)

    def test_ranks_without_a_recording_are_told(self):
        def asked(folder, *ranks, of=10, **more):
            for rank in ranks:
                self.write(f"{folder}/{rank}.dat", made.text(made.head("x", rank=rank, ranks=of, job="7", **more), made.memory([5, 6], 1)))
            self.merged(folder, name=f"{folder}.dat")
            said = {self.mprof("report", "--ranks", name, status=0).stdout for name in (folder, f"{folder}.dat")}
            told = {json.loads(self.mprof("report", "--ranks", "--json", name, status=0).stdout)["missing"] for name in (folder, f"{folder}.dat")}
            return said.pop().splitlines()[1], told, said
        self.assertEqual(asked("m", 0, 1, 2, 5, 9), ("5 of the job's 10 ranks have no recording here: 3, 4, 6, 7, …", {5}, set()))
        self.assertEqual(asked("n", 1, 2, of=3), ("1 of the job's 3 ranks has no recording here: 0", {1}, set()))
        self.assertEqual(asked("all", 0, 1, of=2), ("", {0}, set()))
        self.write("m/step.dat", made.text(made.head("x", rank=3, ranks=10, job="7", step="1"), made.memory([5, 6], 1)))
        self.assertNotIn("no recording here", self.mprof("report", "--ranks", "m", status=0).stdout)

    def test_why_counts_recordings_where_ranks_were_started_again(self):
        for rank, restart in ((0, 0), (0, 1), (1, 0)):
            self.write(f"again/{rank}{restart}.dat", made.text(made.head("x", rank=rank, restart=restart), made.memory([5, 6], 1),
                                                               [f"EXIT {int(rank == restart == 0)} {made.moment(1)} 6.000000 2 0"]))
        self.merged("again", name="again.dat")
        self.assertIn("2 of 3 recordings ended with exit 0; 1 failed, first rank 0", self.mprof("why", "again.dat", status=0).stdout)
        self.merged("again/10.dat", name="one.dat")
        self.assertIn("1 of 1 rank ended with exit 0", self.mprof("why", "one.dat", status=0).stdout)

    def test_list_tells_how_ranks_ended_that_did_not_end_alike(self):
        def listed(*statuses):
            for rank, status in enumerate(statuses):
                end = [f"EXIT {status} {made.moment(1)} 6.000000 2 0"] if status is not None else []
                self.write(f"e{len(statuses)}/{rank}.dat", made.text(made.head("./app", rank=rank), made.memory([5, 6], 1), end))
            for old in self.folder.glob("mprofile_*"):
                old.unlink()
            self.merged(f"e{len(statuses)}", name="mprofile_20240101000000.dat")
            told, = json.loads(self.mprof("list", "--json", status=0).stdout)
            return self.mprof("list", status=0).stdout, told
        said, told = listed(0, -9, 0, 0)
        self.assertRegex(said, r"  mixed  of 4 recordings: 3 exit 0, 1 SIGKILL: \./app\n$")
        self.assertEqual((told["recordings"], told["ends"]), (4, [{"n": 3, "status": 0, "signal": None}, {"n": 1, "status": None, "signal": 9}]))
        said, told = listed(0, 1, 2, 3, None, None, 1)
        self.assertRegex(said, r"  mixed  of 7 recordings: 2 not told, 2 exit 1, 1 exit 0, 2 otherwise: \./app\n$")
        self.assertEqual([end["n"] for end in told["ends"]], [2, 2, 1])
        said, told = listed(3, 3)
        self.assertRegex(said, r"  exit 3  \./app\n$")
        self.assertNotIn("recordings", told)

    def test_why_draws_no_conclusions_from_a_clock_that_is_off(self):
        def ranks(folder, ahead):
            for rank, (shift, status, n) in enumerate(((0, 0, 100), (0, 4, 100), (ahead, 3, 60), (ahead, 0, 100))):
                held = [f"MEM {100 + i}.000000 {made.moment(shift + i * 0.5)}" for i in range(n)]
                self.write(f"{folder}/{rank}.dat", made.text(made.head("x", rank=rank, node=f"n{rank // 2}", job="7"), held,
                                                             [f"EXIT {status} {made.moment(shift + n * 0.5)} 0 {n} 0"]))
            # A third node: of two nobody could say which one is off.
            self.write(f"{folder}/4.dat", made.text(made.head("x", rank=4, node="n4", job="7"), made.memory(range(100, 200), 0.5),
                                                    [f"EXIT 0 {made.moment(50)} 0 100 0"]))
            self.merged(folder, name=f"{folder}.dat")
            return json.loads(self.mprof("why", "--json", f"{folder}.dat", status=0).stdout)
        for ahead in (7200, -7200):
            why = ranks(f"off{ahead}", ahead)
            self.assertIn("3 of 5 ranks ended with exit 0; 2 failed, first rank 2 after 29.5 s (exit 3)", why["end"]["words"])
            self.assertEqual((why["growth"]["kind"], why["growth"]["known"]), ("clocks", "unknown"))
            said = self.mprof("report", "--ranks", f"off{ahead}", status=0).stdout
            self.assertIn("2 ended badly, rank 2 on n1 first, after 29.5 s (exit 3)", said)
            self.assertEqual(re.findall(r"(?m)^ +([\d.]+) +(\d) +n\d +[\d.]+ +exit \d$", said), [("29.50", "2"), ("49.50", "1")])
            self.assertEqual({float(at) for at in re.findall(r"at least +([\d.]+) ", said)}, {29.5, 49.5})
            self.assertEqual(json.loads(self.mprof("report", "--ranks", "--json", f"off{ahead}", status=0).stdout)["start"], made.START)
            odd = next(o["words"] for o in why["odd"] if o["kind"] == "clocks")
            self.assertIn(f"the clock of n1 seems 2 h 00 min {'ahead of' if ahead > 0 else 'behind'} the others'", odd)
        why = ranks("right", 0)
        self.assertNotEqual(why["growth"]["kind"], "clocks")
        self.assertNotIn("clocks", [o["kind"] for o in why["odd"]])
        self.assertIn("first rank 2 after 29.5 s (exit 3)", why["end"]["words"])

    def test_a_clock_that_was_set_meanwhile_is_named(self):
        for rank, moved in enumerate(("0.4", "-120.5", "2")):
            self.write(f"s/{rank}.dat", made.text(made.head("x", rank=rank, node=f"n{rank}", job="7"), made.memory([5, 6], 1),
                                                  [f"META clock_moved={moved}", f"EXIT 0 {made.moment(1)} 6.000000 2 0"]))
        says = ("in 2 of 3 recordings the wall clock moved meanwhile, on n1 back by 2 min 01 s: it was set, "
                "and moments are told as if it had not")
        self.merged("s", name="s.dat", says=f"warning: {says}")
        for name in ("s", "s.dat"):
            self.assertIn(f"  {says}\n", self.mprof("report", "--ranks", name, status=0).stdout)
            told = json.loads(self.mprof("report", "--ranks", "--json", name, status=0).stdout)
            self.assertEqual([rank["clock_moved_s"] for rank in told["ranks"]], [0.4, -120.5, 2.0])
            self.assertIn(f"warning: {says}", self.mprof("plot", "-o", "s.svg", name, status=0).stderr)
            self.assertNotIn("wall clock", self.mprof("plot", "--align", "start", "-o", "s.svg", name, status=0).stderr)

    def test_restarts_and_those_without_a_rank_have_names(self):
        self.write("r/a.dat", made.text(made.head("x", rank=3, restart=1, host="h"), made.memory([5, 60], 1)))
        self.write("r/b.dat", made.text(made.head("x", rank=3, host="h"), made.memory([5, 6], 1)))
        self.write("r/c.dat", made.text(made.head("x"), made.memory([5, 7], 1)))
        said = self.mprof("report", "--ranks", "r", status=0).stdout
        self.assertIn("rank 3, start 2, on h held most", said)
        self.assertIn("3 recordings have no end: they break off, or go on; the first, of rank 3 on h, after 1.00 s.", said)
        self.assertEqual(said.count("no end"), 7)

    def test_what_was_never_sampled_is_unknown_and_not_0(self):
        self.write("n/a.dat", made.text(made.head("x", rank=0, node="h"), made.memory([5, 60], 1)))
        self.write("n/b.dat", made.text(made.head("x", rank=1, node="h", start="1700000000.5"), ["EXIT 3 1700000001.000000 0.000000 0 0"]))
        self.merged("n", name="n.dat")
        self.merged("n/b.dat", name="b.dat")
        for name in ("n", "n.dat", "b.dat"):
            said = self.mprof("report", "--ranks", name, status=0).stdout
            self.assertRegex(said, r"(?m)^ +unknown +1  h +exit 3$")
            self.assertNotRegex(said, r" 0\.0+ |-\d|median of the ranks")
            peaks = self.mprof("peak", name, status=0).stdout
            self.assertRegex(peaks, r"(?m)^  Rank 1 on h +unknown$")
            self.assertNotIn("0.000 MiB  unknown", peaks)
        self.assertEqual(self.mprof("peak", "b.dat", status=0).stdout.count("unknown"), 4)
        self.assertIn("first rank 1 after 0.50 s (exit 3)", self.mprof("why", "b.dat", status=0).stdout)

    def test_those_without_a_rank_go_by_their_files(self):
        for name, mib in (("a.dat", 7), ("b.dat", 9)):
            self.write(f"f/{name}", made.text(made.head("x", host="h"), made.memory([5, mib], 1)))
        self.assertRegex(self.mprof("report", "--ranks", "f", status=0).stdout, r"(?m)^ +9\.000  at least +1\.00 +b\.dat  h ")
        self.assertRegex(self.mprof("peak", "f", status=0).stdout, r"(?m)^  a\.dat on h +7\.000 MiB  at least$")

    def test_controls_in_names_do_not_reach_the_terminal(self):
        self.write("c/a.dat", made.text(made.head("x", rank=0, node="$'n\\e[31m'"), made.memory([5, 6], 1)))
        self.merged("c", name="c.dat")
        for words in (["report", "--ranks", "c"], ["report", "--ranks", "c.dat"], ["peak", "c.dat"], ["why", "c.dat"], ["report", "--ranks", "--json", "c"]):
            self.assertNotIn("\x1b", self.mprof(*words, status=0).stdout)


class Peak(Merging):
    def test_of_a_merged_one_and_of_a_folder(self):
        fleet.make(self.folder / "rec", RANKS)
        self.merged("rec", name="job.dat.gz")
        merged = self.mprof("peak", "job.dat.gz", status=0).stdout.splitlines()
        self.assertRegex(merged[0], r"^job\.dat\.gz\t\d+\.\d{3} MiB$")
        self.assertIn("all ranks together", merged[1])
        self.assertRegex(merged[2], r"highest rank +9876\.543 MiB  rank 41 on n2, at least, at 19\.90 s")
        self.assertEqual(len(merged), 3 + RANKS)
        folder = self.mprof("peak", "rec", status=0).stdout.splitlines()
        self.assertEqual(folder[0], f"rec\t{RANKS} recordings")
        self.assertEqual(folder[1:], merged[2:])
        told = json.loads(self.mprof("peak", "--json", "rec", "job.dat.gz", status=0).stdout)
        self.assertEqual([t["profile"] for t in told], ["rec", "job.dat.gz"])
        self.assertEqual([len(t["ranks"]) for t in told], [RANKS, RANKS])
        self.refuses("peak", "--func", "f", "rec", status=1, says="--func is of one recording")

    def test_of_ranks_of_one_job_the_highest_is_named(self):
        for rank, mib in enumerate((5, 9, 7)):
            self.write(f"{rank}.dat", made.text(made.head("x", rank=rank, node="n1", job=5), made.memory([mib, 1], 1)))
        self.write("other.dat", made.text(made.head("x", rank=0, node="n1", job=6), made.memory([99, 1], 1)))
        said = self.mprof("peak", "0.dat", "1.dat", "2.dat", status=0).stdout
        self.assertRegex(said.splitlines()[-1], r"highest rank +9\.000 MiB  rank 1 on n1, at least, at 0\.00 s")
        self.assertNotIn("highest rank", self.mprof("peak", "0.dat", "other.dat", status=0).stdout)
        self.assertNotIn("highest rank", self.mprof("peak", "0.dat", status=0).stdout)


class Large(Merging):
    """4096 ranks of 2000 samples, a leak in one."""
    RANKS, SAMPLES = 4096, 2000

    @unittest.skipIf(lab.SANITIZED, "its memory is not the program's own")
    def test_memory_is_bounded_and_peaks_are_kept(self):
        fleet.make(self.folder / "rec", self.RANKS, self.SAMPLES)
        with open(self.folder / "said", "w") as said:
            process = subprocess.Popen([lab.MPROF, "merge", "-o", "job.dat.gz", "rec"], cwd=self.folder, env=self.env, preexec_fn=few_files, stderr=said)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        self.assertLess(used.ru_maxrss, 64 << 10)
        with gzip.open(self.folder / "job.dat.gz", "rt") as text:
            peaks = {int(line.split(" ", 4)[2]): line.split(" ", 4)[3] for line in text if line.startswith("RANK")}
        self.assertEqual(peaks, fleet.peaks(self.RANKS))
        said = self.mprof("report", "--ranks", "job.dat.gz", status=0).stdout.splitlines()[0]
        self.assertIn("rank 2561 on n160 held most", said)
        self.assertIn("train.py:88 Cache.put", said)
        self.assertIn("Rank 1365 on n85 ended badly", said)


if __name__ == "__main__":
    lab.main()
