"""--prometheus and openmetrics, held against the real Prometheus and its node_exporter, on ports of the loopback that are free.

What needs them is skipped where they are not there (Debian: prometheus, prometheus-node-exporter; share/setup.sh ci).
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

HERE = all(map(shutil.which, ("prometheus", "promtool", "prometheus-node-exporter")))
needs_them = unittest.skipUnless(HERE, "no Prometheus here (Debian: prometheus, prometheus-node-exporter)")
SLEEPER = [sys.executable, "-c", "import sys, time; held = bytearray(int(sys.argv[1]) << 20); time.sleep(60)"]
FAMILIES = {"mprof_memory_rss_bytes", "mprof_memory_rss_peak_bytes", "mprof_samples_total", "mprof_last_sample_timestamp_seconds",
            "mprof_sample_interval_seconds", "mprof_run_info"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def series(text):
    """{(name, labels): value} of what node_exporter, or one file of ours, says."""
    found = re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.M)
    return {(name, labels): float(value) for name, labels, value in found}


def dashboard():
    return json.loads((lab.ROOT / "share/grafana/mprof-c.json").read_text())


def asked(expression, job=".*", node=".*"):
    """An expression as Grafana would ask it."""
    for word, value in {"$job_id": job, "$node": node, "${metric}": "rss", "$__range": "3600s"}.items():
        expression = expression.replace(word, value)
    assert "$" not in expression, expression
    return expression


class Dashboard(lab.Lab):
    def test_structure(self):
        told = dashboard()
        self.assertEqual(sorted(v["name"] for v in told["templating"]["list"]), ["datasource", "job_id", "metric", "node"])
        self.assertEqual(len({panel["id"] for panel in told["panels"]}), len(told["panels"]))
        places = set()
        for panel in told["panels"]:
            self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"})
            self.assertEqual(len({target["refId"] for target in panel["targets"]}), len(panel["targets"]))
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertTrue(max(x for x, _ in cells) < 24 and not cells & places, panel["title"])
            places |= cells

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here (Debian: prometheus)")
    def test_rules(self):
        done = subprocess.run(["promtool", "check", "rules", lab.ROOT / "share/grafana/mprof-c.rules.yml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here (Debian: prometheus)")
    def alerts(self, labels, interval, wanted):
        shown = ", ".join(f"{word.split('=')[0]}: {word.split('=')[1]}" for word in labels.split(","))
        alert = f"""[{{exp_labels: {{{shown}}}, exp_annotations: {{summary: "{wanted}"}}}}]""" if wanted else "[]"
        self.write("test.yml", f"""
rule_files: [{lab.ROOT}/share/grafana/mprof-c.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'mprof_last_sample_timestamp_seconds{{{labels}}}'
        values: '0x9'
      - series: 'mprof_sample_interval_seconds{{{labels}}}'
        values: '{interval}x9'
    alert_rule_test:
      - eval_time: 5m
        alertname: MprofRecorderGone
        exp_alerts: {alert}
""")
        done = subprocess.run(["promtool", "test", "rules", "test.yml"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here (Debian: prometheus)")
    def test_an_alert_names_whom_it_is_of(self):
        for labels, who in (('job_id="18",step_id="0",rank="3",node="n0"', "job 18, rank 3, on n0"), ('node="n0",profile="a.dat"', "a.dat on n0")):
            self.alerts(labels, 0.1, f"{who}: no sample for 5m 0s")

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here (Debian: prometheus)")
    def test_an_alert_waits_for_rare_samples(self):
        for interval, wanted in ((30, "a.dat on n0: no sample for 5m 0s"), (100, ""), (3600, "")):
            self.alerts('node="n0",profile="a.dat"', interval, wanted)


class Recorded(lab.Lab):
    def setUp(self):
        super().setUp()
        self.published = self.folder / "textfile"
        self.published.mkdir()

    def record(self, *args, mib=30, env=None, name="a.dat", interval="0.02"):
        """A recorder under way, whose file is there."""
        before = set(self.published.glob("*.prom"))
        process = subprocess.Popen([lab.MPROF, "run", "-q", "-T", interval, "-o", name, "--prometheus", str(self.published), *args, *SLEEPER, str(mib)],
                                   cwd=self.folder, env={**self.env, **(env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, process)

        def said():
            new = set(self.published.glob("*.prom")) - before
            return next((path for path in new if self.holds(path, mib)), None)
        path = self.wait_for(said)
        self.assertTrue(path, process.poll())
        return process, path

    def holds(self, path, mib):
        try:
            return max((value for (name, _), value in series(path.read_text()).items() if name == "mprof_memory_rss_bytes"), default=0) > mib << 20
        except FileNotFoundError:
            return False

    def end(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
        process.wait(timeout=20)

    def end_abruptly(self, process):
        """The recorder alone, then what it has left behind."""
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.wait(timeout=20)
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass


class File(Recorded):
    def test_figures(self):
        process, path = self.record("-b", "rss,swap", interval="0.01")
        pid = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        told = series(path.read_text())
        names = {name for name, _ in told}
        self.assertLessEqual(FAMILIES | {"mprof_memory_swap_bytes"}, names)
        self.assertLessEqual(names - FAMILIES, {"mprof_memory_swap_bytes", "mprof_memory_limit_bytes", "mprof_gpu_memory_bytes"})
        held = {name: value for (name, labels), value in told.items()}
        self.wait_until_it_sleeps(pid)
        rss = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

        def is_it():
            now = {name: value for (name, _), value in series(path.read_text()).items()}
            return abs(now["mprof_memory_rss_bytes"] - rss) <= 1 << 18 and now["mprof_memory_rss_peak_bytes"] >= now["mprof_memory_rss_bytes"]
        self.assertTrue(self.wait_for(is_it))
        self.assertLess(abs(time.time() - held["mprof_last_sample_timestamp_seconds"]), 10)
        self.assertEqual(held["mprof_sample_interval_seconds"], 0.01)
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        for name, labels in told:
            self.assertEqual("pid=" in labels or "command=" in labels or "version=" in labels, name == "mprof_run_info")
            self.assertNotRegex(labels, r"\b(job|instance)=")
            self.assertIn('profile="a.dat"', labels)
        self.assertEqual(path.name, f"mprof-{socket.gethostname()}-{process.pid}.prom")
        self.end(process)
        self.assertEqual(list(self.published.iterdir()), [])

    def test_nothing_but_once_a_second_or_at_a_peak(self):
        process, path = self.record(interval="0.005")
        seen = set()
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            seen.add(path.stat().st_ino * 2 ** 64 + path.stat().st_mtime_ns)
            time.sleep(0.02)
        self.assertLessEqual(len(seen), 5)
        self.assertGreaterEqual(len(seen), 2)

    def test_a_rank_of_a_job(self):
        slurm = {"SLURM_JOB_ID": "17", "SLURM_STEP_ID": "2", "SLURM_PROCID": "3", "SLURMD_NODENAME": "n1"}
        _, path = self.record(env=slurm)
        self.assertEqual(path.name, "mprof-17-2-3.prom")
        labels = 'job_id="17",step_id="2",rank="3",node="n1"'
        self.assertEqual({of for name, of in series(path.read_text()) if name == "mprof_memory_rss_bytes"}, {labels})
        _, second = self.record(env=slurm, name="b.dat")
        self.assertEqual(second.name, "mprof-17-2-3-2.prom")
        self.assertEqual({of for name, of in series(second.read_text()) if name == "mprof_memory_rss_bytes"}, {labels + ',profile="b.dat"'})

    def test_words_that_are_hard(self):
        env = {"SLURM_JOB_ID": '../../a b"\\', "SLURM_STEP_ID": "0", "SLURM_PROCID": "1"}
        _, path = self.record(env=env)
        self.assertEqual(path.parent, self.published)
        self.assertRegex(path.name, r"\Amprof-[A-Za-z0-9._-]+\.prom\Z")
        self.assertIn(r'job_id="../../a b\"\\"', path.read_text())

    def test_attach(self):
        target = subprocess.Popen([*SLEEPER, "20"])
        self.addCleanup(target.wait)
        self.addCleanup(target.kill)
        self.wait_until_it_holds(target.pid, 20)
        process = subprocess.Popen([lab.MPROF, "attach", "-q", "-o", "a.dat", "--prometheus", self.published, str(target.pid)], cwd=self.folder, env=self.env)
        self.addCleanup(process.wait)
        self.assertTrue(self.wait_for(lambda: any(self.holds(path, 20) for path in self.published.glob("*.prom"))))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=20), 0)
        self.assertEqual(list(self.published.iterdir()), [])

    def test_after_the_timeout_there_is_nothing(self):
        process, path = self.record("-t", "2")
        self.assertTrue(self.wait_for(lambda: not path.exists()))
        self.assertIsNone(process.poll())

    def test_what_the_dead_have_left_is_removed(self):
        killed, left = self.record()
        _, lives = self.record(name="b.dat")
        self.end_abruptly(killed)
        foreign = self.write(self.published / "mprof-x.prom", "foreign 1\n")
        self.assertTrue(left.exists())
        self.mprof("run", "-q", "-o", "c.dat", "--prometheus", self.published, "sleep", "0.2", status=0)
        self.assertFalse(left.exists())
        self.assertTrue(lives.exists() and foreign.exists())

    def test_refusals(self):
        self.write("plain", "")
        self.refuses("run", "--prometheus", "missing", "true", status=1, says="there is no folder missing for --prometheus")
        self.refuses("run", "--prometheus", "plain", "true", status=1, says="Not a directory")
        self.refuses("run", "--prometheus=", "true", status=1, says="no folder")
        self.refuses("attach", "--prometheus", "/proc", "1", status=1, says="/proc")
        self.assertEqual(list(self.folder.glob("*.dat")), [])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare") and shutil.which("mount"), "only root can fill a disk of its own")
    def test_a_disk_that_fills_up_is_told_of_once(self):
        script = f"""mount -t tmpfs -o size=64k none {self.published} || exit 77
            {lab.MPROF} run -T 0.02 -o a.dat --prometheus {self.published} sh -c 'sleep 0.3; head -c 200000 /dev/zero >{self.published}/full; sleep 2.2'"""
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        if "a.dat" not in os.listdir(self.folder):
            self.skipTest("no file system of its own can be mounted here")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = [line for line in done.stderr.splitlines() if "Prometheus" in line]
        self.assertEqual(len(told), 1, done.stderr)
        self.assertIn("could not be written to the end: No space left on device", told[0])
        self.assertGreater(sum(line[0] == "MEM" for line in self.recording()), 50)


@needs_them
class Servers(Recorded):
    """One Prometheus and one node_exporter, for all of these tests; 5 scrapes a second."""

    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="mprof-prometheus-"))
        cls.ports = free_port(), free_port()
        (cls.place / "textfile").mkdir()
        (cls.place / "prometheus.yml").write_text(
            "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
            f"scrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{cls.ports[0]}']}}]}}]\n")
        cls.logs = [open(cls.place / name, "w") for name in ("node.log", "prometheus.log")]
        # Four hours ago: before what a Prometheus holds in memory.
        cls.backfill()
        cls.servers = [
            subprocess.Popen(["prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                              f"--collector.textfile.directory={cls.place}/textfile", f"--web.listen-address=127.0.0.1:{cls.ports[0]}"], stderr=cls.logs[0]),
            subprocess.Popen(["prometheus", f"--config.file={cls.place}/prometheus.yml", f"--storage.tsdb.path={cls.place}/data",
                              f"--web.listen-address=127.0.0.1:{cls.ports[1]}"], stdout=subprocess.DEVNULL, stderr=cls.logs[1])]

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.terminate()
        for server in cls.servers:
            server.wait(timeout=20)
        for log in cls.logs:
            log.close()
        shutil.rmtree(cls.place, ignore_errors=True)

    @classmethod
    def backfill(cls):
        """Two ranks whose moments lie four hours back; what they hold is in `history`."""
        cls.history, folder, start = {}, cls.place / "history", int(time.time()) - 4 * 3600
        folder.mkdir()
        for rank in range(2):
            held = [Decimal(40 + (i * 37 + rank) % 911) + Decimal(i) / 256 for i in range(600)]
            (folder / f"{rank}.dat").write_text("".join(
                [f"CMDLINE ./a\nMETA format=1 metric=rss interval=0.1 pid=7 start={start}.0 job=16 step=0 rank={rank} node=n{rank}\n"]
                + [f"MEM {mib:.6f} {start + i // 10}.{i % 10}00000\n" for i, mib in enumerate(held)] + [f"EXIT 0 {start + 60}.0 0.0 600 0\n"]))
            cls.history[str(rank)] = held
        subprocess.run([lab.MPROF, "export", "-o", "a.om", "0.dat", "1.dat", "0.dat"], cwd=folder, check=True, capture_output=True)
        cls.taken = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "a.om", str(cls.place / "data")], cwd=folder,
                                   capture_output=True, text=True)

    def setUp(self):
        super().setUp()
        self.published = self.place / "textfile"
        self.assertTrue(self.wait_for(self.is_ready), (self.place / "prometheus.log").read_text())

    def is_ready(self):
        try:
            fetch(f"http://127.0.0.1:{self.ports[0]}/")
            return fetch(f"http://127.0.0.1:{self.ports[1]}/-/ready")
        except OSError:
            return False

    def ask(self, query, **more):
        """{labels: value} of an instant query; what is no answer fails."""
        words = urllib.parse.urlencode({"query": query, **more})
        answer = json.loads(fetch(f"http://127.0.0.1:{self.ports[1]}/api/v1/query?{words}"))
        self.assertEqual(answer["status"], "success")
        result = answer["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result] if answer["data"]["resultType"] == "vector" else result

    def scrape(self):
        return fetch(f"http://127.0.0.1:{self.ports[0]}/metrics")

    def test_two_ranks_together(self):
        job = {"SLURM_JOB_ID": "18", "SLURM_STEP_ID": "0", "SLURMD_NODENAME": "n0"}
        ranks = [self.record(env={**job, "SLURM_PROCID": str(rank)}, mib=20 + rank * 20, name=f"{rank}.dat") for rank in range(2)]
        alone, _ = self.record("-b", "rss,pss", name="alone.dat", mib=10)
        for path in self.published.glob("*.prom"):
            done = subprocess.run(["promtool", "check", "metrics"], input=path.read_text(), capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path)
        told = series(self.scrape())
        self.assertEqual(told["node_textfile_scrape_error", ""], 0)
        self.assertEqual({value for (name, _), value in told.items() if name == "promhttp_metric_handler_errors_total"} - {0.0}, set())
        self.assertEqual(sum(name == "mprof_memory_rss_bytes" for name, _ in told), 3)
        self.assertTrue(self.wait_for(lambda: len(self.ask('mprof_memory_rss_bytes{job_id="18"} > 20 * 2 ^ 20')) == 2))
        self.assertEqual([labels["rank"] for labels, _ in self.ask('topk(1, mprof_memory_rss_bytes{job_id="18"})')], ["1"])
        self.assertEqual(self.ask('{__name__=~"mprof_.+",exported_job=~".+"} or {__name__=~"mprof_.+",exported_instance=~".+"}'), [])
        self.assertGreaterEqual({labels["__name__"] for labels, _ in self.ask('{__name__=~"mprof_.+"}')}, FAMILIES | {"mprof_memory_pss_bytes"})
        self.dashboard()
        self.end_abruptly(ranks[0][0])
        self.end(ranks[1][0])
        self.assertTrue(self.wait_for(lambda: [labels["rank"] for labels, _ in self.ask('mprof_memory_rss_bytes{job_id="18"}')] == ["0"]))
        # What a recorder that was killed has left says how old it is, and the next one removes it.
        self.assertTrue(self.wait_for(lambda: self.ask('time() - mprof_last_sample_timestamp_seconds{job_id="18"} > 1.5')))
        self.mprof("run", "-q", "-o", "c.dat", "--prometheus", self.published, "sleep", "0.1", status=0)
        self.end(alone)
        self.assertEqual(list(self.published.iterdir()), [])
        self.assertTrue(self.wait_for(lambda: not self.ask('mprof_memory_rss_bytes')))

    def dashboard(self):
        """Each expression of the dashboard and of the alerts, as Grafana would ask it, is answered, and with something."""
        labels = 'job_id="18",step_id="0",rank="1",node="n0"'
        made_up = self.write(self.published / "other.prom",
                             "# HELP mprof_memory_limit_bytes What its control group allows, where that is below the machine's.\n"
                             f'mprof_memory_limit_bytes{{{labels},kind="cgroup"}} 4e7\n'
                             "# HELP mprof_gpu_memory_bytes VRAM held on a GPU, by the recorded tree or by all that use it.\n"
                             f'mprof_gpu_memory_bytes{{{labels},gpu="0",scope="tree"}} 5e9\n')
        self.assertTrue(self.wait_for(lambda: self.ask("mprof_gpu_memory_bytes")))
        for variable in dashboard()["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
                self.assertTrue(any(label in of for of, _ in self.ask(asked(metric))), metric)
        for panel in dashboard()["panels"]:
            for target in panel["targets"]:
                for job in (".*", "18|19"):
                    self.assertTrue(self.ask(asked(target["expr"], job)), target["expr"])
        for expression in re.findall(r"expr: (.*)", (lab.ROOT / "share/grafana/mprof-c.rules.yml").read_text()):
            self.assertTrue(self.ask(re.sub(r"> 120 \+ 2 \* ", "> 0 * ", expression)), expression)
        made_up.unlink()

    def test_no_scrape_is_incomplete(self):
        writer = subprocess.Popen([lab.target("rewrite"), str(self.published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        scrapes = []

        def scrape_on():
            while writer.poll() is None and len(scrapes) < 130:
                scrapes.append(self.scrape())
        threads = [threading.Thread(target=scrape_on) for _ in range(2)]
        self.assertTrue(self.wait_for(lambda: any("mprof_many" in path.read_text() for path in self.published.glob("mprof-many.prom"))))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rewritten = int(writer.communicate()[0])
        whole = [text for text in scrapes if 'file="' in text and "mprof-many.prom" in text]
        self.assertGreaterEqual(rewritten, 100)
        self.assertGreaterEqual(len(whole), 100)
        for text in whole[:-2]:
            values = [value for (name, _), value in series(text).items() if name == "mprof_many"]
            self.assertEqual((len(values), len(set(values))), (2000, 1))
        self.assertEqual(series(self.scrape())["node_textfile_scrape_error", ""], 0)

    def test_what_has_ended_is_taken_as_history(self):
        self.assertEqual(self.taken.returncode, 0, self.taken.stderr)
        told = {labels["rank"]: (value, labels) for labels, value in self.ask('max_over_time(mprof_memory_rss_bytes{job_id="16"}[6h])')}
        counts = {labels["rank"]: value for labels, value in self.ask('count_over_time(mprof_memory_rss_bytes{job_id="16"}[6h])')}
        for rank, held in self.history.items():
            self.assertEqual(told[rank][0], int(max(held) * 2 ** 20))
            self.assertEqual(counts[rank], len(held))
            self.assertEqual(told[rank][1]["node"], f"n{rank}")
        # The dashboard offers its job, and tells its peak, which no recorder publishes any more.
        for variable in dashboard()["templating"]["list"]:
            if variable["type"] == "query":
                metric = re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"])[1]
                self.assertIn("16", {labels.get("job_id") for labels, _ in self.ask(asked(f"last_over_time({metric}[6h])", "16"))})
        peak, = (panel for panel in dashboard()["panels"] if panel["title"] == "Peak, the highest")
        highest = int(max(max(held) for held in self.history.values()) * 2 ** 20)
        self.assertEqual(self.ask(asked(peak["targets"][0]["expr"].replace("$__range", "6h"), "16")), [({}, highest)])
        self.assertEqual([labels["rank"] for labels, _ in self.ask('topk(1, max_over_time(mprof_memory_rss_bytes{job_id="16"}[6h]))')],
                         [max(self.history, key=lambda rank: max(self.history[rank]))])


if __name__ == "__main__":
    lab.main()
