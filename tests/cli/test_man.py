"""Every command has a page, and page and program name the same options."""
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

MAN = lab.ROOT / "man"


def named_in(page):
    """The long options that head a paragraph of the page."""
    text = page.read_text().replace("\\-", "-").replace("\\fI", "").replace("\\fR", "")
    heads = re.findall(r"^\.TP\n(\..*)$", text, re.M)
    return {option for head in heads for option in re.findall(r"--[a-z-]+", head)}


class Man(lab.Lab):
    def commands(self):
        return [line.split("\t")[0] for line in self.mprof("--commands", status=0).stdout.splitlines()]

    def test_every_command_has_its_options_in_its_page(self):
        for command in self.commands():
            listed = self.mprof(command, "--options", status=0).stdout
            options = set(re.findall(r"(?m)(?:^| )(--[a-z-]+)", re.sub(r"\t.*", "", listed)))
            self.assertEqual(options, named_in(MAN / f"mprof-c-{command}.1"), command)

    def test_short_options_too(self):
        for command in self.commands():
            page = (MAN / f"mprof-c-{command}.1").read_text().replace("\\-", "-")
            for line in self.mprof(command, "--options", status=0).stdout.splitlines():
                if re.match(r"-\w ", line):
                    self.assertIn(line[:2] + " ", page + " ", command)

    def test_every_metric_has_its_words(self):
        listed = re.search(r"^-b .*\t(.*)$", self.mprof("run", "--options", status=0).stdout, re.M)[1].split(",")
        self.assertLessEqual({"rss", "cgroup.anon", "gpu"}, set(listed))
        heads = " ".join(re.findall(r"^\.TP\n\.\w+ (.*)$", (MAN / "mprof-c-run.1").read_text(), re.M))
        self.assertEqual(set(listed) - set(re.findall(r"[a-z.]+", heads)), set())

    def test_the_overview_names_every_command(self):
        text = (MAN / "mprof-c.1").read_text().replace("\\-", "-")
        for command in self.commands():
            self.assertIn(f"mprof-c-{command} (1)", text)

    def test_every_page_is_installed(self):
        installed = re.findall(r"'(.+\.[135])'", (MAN / "meson.build").read_text())
        self.assertEqual(sorted(installed), sorted(page.name for page in MAN.glob("*.[135]")))

    def test_the_format_names_every_record(self):
        text = (MAN / "mprof-c-profile.5").read_text()
        kinds = re.findall(r'\[PROFILE_[A-Z]+\] = \{ TAG\("([A-Z]+)"\)', (lab.ROOT / "share" / "profile" / "kinds.c").read_text())
        self.assertEqual(len(kinds), len(set(kinds)))
        self.assertIn("EXIT", kinds)
        for kind in kinds:
            self.assertRegex(text, rf"(?m)^\.BI {kind} ")

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "man or groff is not installed")
    def test_pages_are_formatted_without_a_word(self):
        for page in sorted(MAN.glob("*.[135]")):
            done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", str(page)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)


if __name__ == "__main__":
    lab.main()
