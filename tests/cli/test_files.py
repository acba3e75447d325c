"""list, rm and clean: keeping house, whatever lies in the folder."""
import gzip
import json
import os
import select
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab
import terminals

HEAD = "CMDLINE {}\n"
ROOT = os.geteuid() == 0


def name(i, end=".dat"):
    return f"mprofile_202401010000{i:02d}{end}"


def content(command="python3 train.py", peak=100, seconds=2, start=1704067200, rest=""):
    """From 01/01/2024 on, 00:00:00 where the clocks show UTC."""
    return (f"CMDLINE {command}\nMEM 10.000000 {start}.000000\nMEM {peak}.000000 {start + 1}.000000\n"
            f"MEM 20.000000 {start + seconds}.000000\n{rest}")


class Files(lab.Lab):
    def setUp(self):
        super().setUp()
        self.env["TZ"] = "UTC"

    def record(self, *indices, **kw):
        for i in indices:
            self.write(name(i), content(**{"start": 1704067200 + i, **kw}))

    def left(self):
        return sorted(os.listdir(self.folder))

    def on_terminal(self, *args, columns=80, says=b"", answer=b""):
        """Standard input, output and error are a terminal; answers when `says` has been read."""
        master, slave = terminals.open_pair()
        import fcntl, struct, termios
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([lab.MPROF, *args], stdin=slave, stdout=slave, stderr=slave, cwd=self.folder,
                                   env=self.env)
        os.close(slave)
        seen, deadline = b"", time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                block = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not block:
                break
            seen += block
            if answer and says in seen:
                os.write(master, answer)
                answer = b""
        os.close(master)
        return process.wait(60), seen.decode(errors="replace").replace("\r\n", "\n")


class List(Files):
    def test_lines_begin_as_those_of_mprof(self):
        self.record(7, 3, 5)
        lines = self.mprof("list", status=0).stdout.splitlines()
        self.assertEqual([line[:50] for line in lines],
                         [f"{i} {name(n)} 00:00:0{n} 01/01/2024 " for i, n in enumerate((3, 5, 7))])

    def test_duration_peak_and_command(self):
        self.record(1, command="python3 'a b.py' --seed -1", peak=2048, seconds=125)
        self.assertRegex(self.mprof("list", status=0).stdout,
                         r" 01/01/2024 +2 min 05 s +2\.00 GiB +python3 'a b\.py' --seed -1\n\Z")

    def test_columns_stand_below_each_other(self):
        for i in range(11):
            self.write(name(i), content("same", 10 ** (i % 4 + 1), 3 + 60 * i))
        self.write(name(20, ".dat.gz"), gzip.compress(content("same").encode()))
        lines = self.mprof("list", status=0).stdout.splitlines()
        self.assertEqual(len(lines), 12)
        self.assertEqual({line.index(" mprofile_") for line in lines}, {2})
        self.assertEqual({line.index("same") for line in lines}, {lines[0].index("same")})
        self.assertEqual({line.index("iB") for line in lines}, {lines[0].index("iB")})

    def test_no_recordings(self):
        done = self.mprof("list", status=0)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Amprof-c: no recordings in this folder; [^\n]+\n\Z")

    def test_other_files_are_no_recordings(self):
        for other in ("a.dat", "mprofile_2024.dat", "mprofile_20240101000000.png", "mprofile_2024010100000x.dat"):
            self.write(other, content())
        self.assertEqual(self.mprof("list", status=0).stdout, "")

    def test_what_cannot_be_read_is_listed_with_the_reason(self):
        self.record(1, 9)
        (self.folder / name(2)).mkdir()
        os.mkfifo(self.folder / name(3))  # opening it would wait for a writer
        (self.folder / name(4)).symlink_to("nowhere")
        self.write(name(5), "")
        self.write(name(6), b"\x00\xff\x1b[31m" * 100)
        self.write(name(7), b"\x1f\x8b damaged")
        lines = self.mprof("list", status=0).stdout.splitlines()
        self.assertEqual(len(lines), 8)
        for line, reason in zip(lines[1:4], ("Is a directory", "not a file", "No such file")):
            self.assertIn("cannot be read", line)
            self.assertIn(reason, line)
        self.assertIn("no samples", lines[4])
        self.assertIn("no samples", lines[5])
        self.assertIn("cannot be read: damaged", lines[6])
        self.assertIn("100.0 MiB", lines[7])

    @unittest.skipIf(ROOT, "root may read every file")
    def test_a_recording_of_somebody_else(self):
        self.record(1, 2)
        (self.folder / name(1)).chmod(0)
        lines = self.mprof("list", status=0).stdout.splitlines()
        self.assertIn("cannot be read: Permission denied", lines[0])
        self.assertIn("100.0 MiB", lines[1])

    def test_a_cut_last_line_and_broken_lines_do_no_harm(self):
        self.write(name(1), content() + "MEM x y\nMEM 99999.0 17")
        self.assertIn("100.0 MiB", self.mprof("list", status=0).stdout)

    def test_a_command_cannot_reach_the_terminal(self):
        self.write(name(1), content("a\x1b[2J\rb\u202e\x9b31m").encode("utf-8", "surrogateescape"))
        self.write(name(2), b"CMDLINE a \xff\xfe b\n" + content().encode().split(b"\n", 1)[1])
        done = self.mprof("list", status=0)
        self.assertEqual(done.stdout.count("\n"), 2)
        self.assertFalse(set("\x1b\r\u202e\x9b") & set(done.stdout), done.stdout)
        self.assertIn("\\xff\\xfe", done.stdout)

    def test_a_command_is_whole_in_a_pipe_and_shortened_on_a_terminal(self):
        command = "python3 train.py " + "한국어 " * 100 + "--the-end"
        self.record(1, command=command)
        self.assertIn(command, self.mprof("list", status=0).stdout)
        status, seen = self.on_terminal("list", columns=120)
        self.assertEqual(status, 0)
        self.assertRegex(seen, r"python3 train.*….*--the-end\n\Z")
        width = sum(2 if "가" <= c <= "힣" else 1 for c in seen.rstrip("\n"))
        self.assertIn(width, range(116, 121))

    def test_a_narrow_terminal(self):
        self.record(1)
        for columns in (1, 40, 70, 80):
            status, seen = self.on_terminal("list", columns=columns)
            self.assertEqual(status, 0)
            self.assertTrue(seen.startswith(f"0 {name(1)} 00:00:01 01/01/2024"), seen)
            self.assertEqual(seen.count("\n"), 1 if columns == 1 else 2)

    def test_a_command_that_has_no_room_beside_stands_below(self):
        command = "python3 train.py --epochs 30 --batch-size 512 --data /srv"
        self.record(1, 2, command=command)
        for columns, lines in ((80, 4), (150, 2)):
            seen = self.on_terminal("list", columns=columns)[1]
            self.assertEqual(seen.count(command), 2, seen)
            self.assertEqual(len(seen.splitlines()), lines, seen)
            self.assertLessEqual(max(map(len, seen.splitlines())), columns)
            self.assertEqual([line for line in seen.splitlines() if line != line.rstrip()], [])

    def test_the_time_is_that_of_the_run_not_of_the_name(self):
        self.write(name(1), content(start=1714564800))  # as mprof's, copied to another name
        self.write(name(2), content(start=7).replace("\n", "\nMETA format=1 start=1714564805.5\n", 1))
        self.write(name(3), "CMDLINE true\n")  # nothing tells a time but its name
        lines = self.mprof("list", status=0).stdout.splitlines()
        for line, date in zip(lines, ("12:00:00 01/05/2024", "12:00:05 01/05/2024", "00:00:03 01/01/2024")):
            self.assertIn(f".dat {date}", line)

    def test_the_duration_reaches_to_the_end_of_the_run(self):
        self.record(1, rest="EXIT 0 1704067209.500000 90 3 0\n")
        self.record(2, rest="EXIT 0 1704067201.500000 90 3 0\n")  # a clock that was set back: never before a sample
        first, second = self.mprof("list", status=0).stdout.splitlines()
        self.assertIn(" 8.50 s ", first)
        self.assertIn(" 2.00 s ", second)

    def test_the_peak_is_the_highest_that_is_known(self):
        gone = "GONE 7 1704067209.000000 300.0 0\nEXIT 0 1704067209.000000 300.0 3 0\n"
        for i, (meta, peak) in enumerate((("metric=rss tree=0", 300), ("metric=rss tree=1", 300), ("metric=pss tree=0", 100))):
            self.record(i, rest=f"META pid=7 {meta}\n" + gone)
            self.assertIn(f" {peak}.0 MiB ", self.mprof("list", status=0).stdout.splitlines()[-1])
        one = json.loads(self.mprof("list", "--json", status=0).stdout)[0]
        self.assertEqual((one["sampled_peak_mib"], one["peak_mib"]), (100, 300))

    def test_how_each_ended(self):
        for i, end in enumerate(("0", "3", "-9", "-40", "?")):
            self.record(i, rest=f"EXIT {end} 1704067210.000000 90 3 0\n")
        self.record(5)
        ends = [line.split(" MiB")[1].split("python3")[0].strip()
                for line in self.mprof("list", status=0).stdout.splitlines()]
        self.assertEqual(ends, ["exit 0", "exit 3", "SIGKILL", "signal 40", "?", ""])

    def test_json_has_all_that_the_lines_have(self):
        self.record(1, command="a 'b\"c'", rest="META metric=pss killed=oom\nEXIT -9 1704067204.000000 90 3 0\n")
        self.write(name(2), "CMDLINE true\n")
        (self.folder / name(3)).mkdir()
        first, empty, folder = json.loads(self.mprof("list", "--json", status=0).stdout)
        self.assertEqual(first, {
            "index": 0, "profile": name(1), "start": 1704067201, "samples": 3, "duration_s": 3, "sampled_peak_mib": 100,
            "peak_mib": 100,
            "known": "at-least", "metric": "pss", "ended": True, "status": None, "signal": 9, "killed": "killed: out of memory", "near_limit": None,
            "command": "a 'b\"c'"})
        self.assertEqual((empty["samples"], empty["peak_mib"], empty["ended"], empty["status"]), (0, None, False, None))
        self.assertEqual(folder, {"index": 2, "profile": name(3), "unreadable": "Is a directory"})

    def test_json_of_no_recording_is_an_empty_list(self):
        done = self.mprof("list", "--json", status=0)
        self.assertEqual((json.loads(done.stdout), done.stderr), ([], ""))

    def test_a_real_recording_is_of_now_and_has_its_status(self):
        self.mprof("run", "-o", name(1), "sh", "-c", "exit 7", status=7)
        line = self.mprof("list", status=0).stdout
        self.assertIn(time.strftime(" %d/%m/%Y ", time.gmtime()), line)
        self.assertIn("  exit 7  sh -c 'exit 7'", line)

    def test_list_takes_no_argument(self):
        self.refuses("list", "0", says="takes no argument")

    @unittest.skipIf(ROOT, "root may read every folder")
    def test_a_folder_that_may_not_be_read(self):
        self.folder.chmod(0o311)
        self.addCleanup(self.folder.chmod, 0o755)
        for command in ("list", "clean", "peak"):
            self.refuses(command, status=1, says="cannot list this folder: Permission denied")

    def test_a_file_needs_no_list_of_the_folder(self):
        self.write("a.dat", content())
        if not ROOT:
            self.folder.chmod(0o311)
            self.addCleanup(self.folder.chmod, 0o755)
        self.assertIn("a.dat\t100.000 MiB", self.mprof("peak", "a.dat", status=0).stdout)

    def test_standard_output_that_is_full(self):
        self.record(1)
        with open("/dev/full", "w") as full:
            done = self.mprof("list", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: cannot write to standard output: [^\n]+\n\Z")

    def test_thousands_of_recordings(self):
        text = content()
        for i in range(5000):
            (self.folder / f"mprofile_2024010100{i // 60:02d}{i % 60:02d}.dat").write_text(text)
        begin = time.monotonic()
        lines = self.mprof("list", status=0).stdout.splitlines()
        self.assertEqual(len(lines), 5000)
        self.assertTrue(lines[4999].startswith("4999 mprofile_20240101008319.dat "))
        self.assertIn("100.000 MiB", self.mprof("peak", "-1", status=0).stdout)
        self.mprof("clean", status=0)
        self.assertEqual(self.left(), [])
        if not lab.SANITIZED:
            self.assertLess(time.monotonic() - begin, 10)  # 0.3 s where nothing else runs


class Remove(Files):
    def test_by_index_and_by_name(self):
        self.record(1, 2, 3)
        self.mprof("rm", "0", name(3), status=0)
        self.assertEqual(self.left(), [name(2)])

    def test_indices_are_those_before_anything_is_removed(self):
        self.record(1, 2, 3, 4)
        self.mprof("rm", "0", "1", "-1", status=0)
        self.assertEqual(self.left(), [name(3)])

    def test_dry_run_names_as_mprof_does_and_removes_nothing(self):
        self.record(1, 2, 3)
        done = self.mprof("rm", "--dry-run", "-1", "0", status=0)
        self.assertEqual(done.stdout, f"Files to be removed: \n{name(3)}\n{name(1)}\n")
        self.assertEqual(len(self.left()), 3)

    def test_options_and_negative_indices_in_any_order(self):
        self.record(1, 2, 3)
        for words in (("-1", "--dry-run", "0"), ("--dry-run", "-1", "0"), ("-1", "0", "--dry-run")):
            self.assertEqual(self.mprof("rm", *words, status=0).stdout.splitlines()[1:], [name(3), name(1)])

    def test_ranges(self):
        for word, gone in (("0-2", (0, 1, 2)), ("-3--1", (2, 3, 4)), ("1--2", (1, 2, 3)), ("-2-4", (3, 4)), ("4-4", (4,)),
                           ("0--1", (0, 1, 2, 3, 4))):
            for words in ((word,), ("--dry-run", word), (word, "--dry-run")):
                self.record(*range(5))
                shown = self.mprof("rm", *words, status=0).stdout.splitlines()[1:]
                if len(words) == 1:
                    self.assertEqual(self.left(), [name(i) for i in range(5) if i not in gone], word)
                else:
                    self.assertEqual(shown, [name(i) for i in gone])

    def test_a_range_that_there_is_not(self):
        self.record(*range(3))
        for word, status, says in (("2-0", 2, "2-0 runs backwards"), ("-1--3", 2, "runs backwards"), ("1-3", 1, "0 to 2"),
                                   ("-4-1", 1, "0 to 2"), ("0-99999999999999999999", 1, "0 to 2"),
                                   ("0-", 1, "cannot find"), ("0-1-2", 1, "cannot find"), ("a-1", 1, "cannot find"),
                                   ("0-" + 99 * "1", 1, "0 to 2")):
            self.refuses("rm", word, status=status, says=says)
            self.refuses("rm", "0", word, status=status, says=says)
        self.refuses("rm", "-1-", says="no option -1")
        self.assertEqual(len(self.left()), 3)

    def test_a_file_that_is_called_as_a_range(self):
        self.record(*range(3))
        self.write("0-1", content())
        self.refuses("rm", "0-1", says="both a file here and an index")
        self.write("7-9", content())
        self.mprof("rm", "7-9", "./0-1", status=0)
        self.assertEqual(len(self.left()), 3)

    def test_ranges_serve_other_commands_too(self):
        self.record(*range(3))
        self.assertEqual(self.mprof("peak", "-2--1", status=0).stdout.count("100.000 MiB"), 2)
        self.refuses("report", "0-1", says="report takes one recording")
        self.mprof("report", "0-0", status=1)

    def test_named_twice(self):
        self.record(1, 2)
        self.assertEqual(self.mprof("rm", "--dry-run", "0", name(1), "-2", status=0).stdout.splitlines()[1:], [name(1)])
        self.mprof("rm", "0", name(1), "./" + name(1), status=0)
        self.assertEqual(self.left(), [name(2)])

    def test_one_bad_word_and_nothing_is_removed(self):
        self.record(1, 2, 3)
        self.write("notes.txt", "do not lose me\n")
        for word, says in (("3", "there are 3 recordings here, 0 to 2"), ("-4", "0 to 2"), ("absent.dat", "cannot find"),
                           ("notes.txt", "does not look like a recording"), (".", "is a folder"), ("", "cannot find")):
            self.refuses("rm", "0", word, status=1, says=says)
            self.assertEqual(len(self.left()), 4, word)

    def test_how_many_there_are(self):
        self.refuses("rm", "0", status=1, says="there are none in this folder")
        self.record(1)
        self.refuses("rm", "1", status=1, says="there is 1 recording here, 0")

    def test_nothing_named(self):
        self.refuses("rm", says="name what to remove")

    def test_what_begins_as_a_recording_is_one(self):
        for i, line in enumerate(("CMDLINE a\n", "MEM 1.0 2.0\n", "FUNC f 1 2 3 4\n", "META format=1\n", "CHLD 1 2.0 3.0\n")):
            self.write(f"r{i}", line)
        self.write("empty.dat", "")
        self.write("packed", gzip.compress(content().encode()))
        self.mprof("rm", *self.left(), status=0)
        self.assertEqual(self.left(), [])

    def test_what_only_has_the_ending_is_none(self):
        others = {"precious.dat": "1,2,3\n", "empty.txt": "", "packed.dat.gz": gzip.compress(b"1,2,3\n"),
                  "memo": "MEMORIES of a file\n", "short": "ME"}
        for other, text in others.items():
            self.write(other, text)
        for other in others:
            self.refuses("rm", other, status=1, says="does not look like a recording")
        self.assertEqual(self.left(), sorted(others))

    def test_a_pipe_is_not_opened(self):
        os.mkfifo(self.folder / "pipe.dat")
        self.refuses("rm", "pipe.dat", status=1, says="does not look like a recording")

    def test_a_link_is_removed_and_not_its_end(self):
        self.record(1)
        (self.folder / "link.dat").symlink_to(name(1))
        self.mprof("rm", "link.dat", status=0)
        self.assertEqual(self.left(), [name(1)])
        (self.folder / name(0)).symlink_to("nowhere")
        self.mprof("rm", "0", status=0)
        self.assertEqual(self.left(), [name(1)])

    def test_a_file_named_like_an_index(self):
        self.record(1)
        self.write("0", content())
        self.refuses("rm", "0", says="write ./0 for the file")
        self.mprof("rm", "./0", status=0)
        self.assertEqual(self.left(), [name(1)])

    def test_hostile_names(self):
        names = ["a\nb.dat", "\x1b[31mred.dat", "-x.dat", "--dry-run.dat", " ", "$(id)", "x" * 255, "한국어.dat", "%s%n"]
        for hostile in names:
            self.write(hostile, content())
        done = self.mprof("rm", "--dry-run", "--", *names, status=0)
        self.assertEqual(done.stdout.count("\n"), len(names) + 1)
        self.assertNotIn("\x1b", done.stdout)
        self.mprof("rm", "--", *names, status=0)
        self.assertEqual(self.left(), [])

    def test_a_hostile_name_that_is_refused_is_one_line(self):
        self.refuses("rm", "a\nmprof-c: b\x1b[31m", status=1, says="cannot find a\\nmprof-c: b\\x1b[31m")
        self.refuses("rm", "x" * 256, status=1, says="cannot find")

    @unittest.skipIf(ROOT, "root may write to every folder")
    def test_what_cannot_be_removed_is_said_for_each(self):
        self.record(1, 2)
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        done = self.mprof("rm", "0", "1", status=1)
        self.assertEqual(done.stderr.count("cannot remove"), 2)
        self.assertEqual(self.mprof("clean", status=1).stderr.count("Permission denied"), 2)


class Clean(Files):
    def test_removes_recordings_and_nothing_else(self):
        self.record(1, 2)
        self.write(name(3, ".dat.gz"), b"")
        self.write("a.dat", content())
        self.write("mprofile_notes.dat", content())
        self.assertEqual(self.mprof("clean", status=0).stdout, "")
        self.assertEqual(self.left(), ["a.dat", "mprofile_notes.dat"])

    def test_dry_run(self):
        self.record(1, 2)
        self.assertEqual(self.mprof("clean", "--dry-run", status=0).stdout,
                         f"Files to be removed: \n{name(1)}\n{name(2)}\n")
        self.assertEqual(self.left(), [name(1), name(2)])

    def test_asks_on_a_terminal(self):
        self.record(1, 2)
        os.truncate(self.folder / name(1), 3 << 20)
        for answer in (b"\n", b"n\n", b"no\n", b"\x04"):
            status, seen = self.on_terminal("clean", says=b"? [y/N] ", answer=answer)
            self.assertEqual(status, 1)
            self.assertIn("remove 2 recordings (3.0 MiB)? [y/N] ", seen)
            self.assertIn("mprof-c: nothing was removed\n", seen)
            self.assertEqual(len(self.left()), 2)
        self.assertEqual(self.on_terminal("clean", says=b"? [y/N] ", answer=b"y\n")[0], 0)
        self.assertEqual(self.left(), [])

    def test_yes_asks_nothing(self):
        self.record(1)
        self.assertEqual(self.on_terminal("clean", "-y"), (0, ""))
        self.assertEqual(self.left(), [])
        self.assertEqual(self.on_terminal("clean"), (0, ""))  # nothing to ask about either

    def test_a_question_that_nobody_would_see(self):
        self.record(1)
        master, slave = terminals.open_pair()
        done = self.mprof("clean", stdin=slave, status=1)
        os.close(slave)
        os.close(master)
        self.assertIn("-y removes without one", done.stderr)
        self.assertEqual(self.left(), [name(1)])

    def test_goes_on_after_one_that_stays(self):
        self.record(1, 3)
        (self.folder / name(2)).mkdir()
        done = self.mprof("clean", status=1)
        self.assertRegex(done.stderr, rf"\Amprof-c: cannot remove {name(2)}: Is a directory\n\Z")
        self.assertEqual(self.left(), [name(2)])

    def test_clean_takes_no_argument(self):
        self.record(1)
        self.refuses("clean", "0", says="mprof-c rm")
        self.assertEqual(self.left(), [name(1)])


if __name__ == "__main__":
    lab.main()
