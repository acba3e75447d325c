"""In a container: a static recorder in a root of its own, as process 1, given to others by mprof-c install, and what is left of it
when all of the container is killed. Namespaces stand for the containers, and what share/ has for them is run in those."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lab

# Where BUILD is not a static one itself.
STATIC = Path(os.environ.get("MPROF_STATIC", lab.MPROF))
MANIFEST = lab.ROOT / "share" / "kubernetes" / "job.yaml"
DOCKERFILE = lab.ROOT / "share" / "container" / "Dockerfile"
LARGEST = 3 << 19  # bytes of a static recorder
LIBRARIES = ["libmprof-heap.so", "libmprof-python.so"]


def interpreter(path):
    """What the kernel is to load a program by; None: nothing."""
    if not shutil.which("readelf"):
        raise unittest.SkipTest("no readelf here; install binutils")
    told = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True).stdout
    found = re.search(r"program interpreter: (\S+)\]", told)
    return found and found[1]


def needs_static():
    if interpreter(STATIC):
        raise unittest.SkipTest("no static mprof-c here; make one with: meson setup build-static -Dstatic=true && ninja -C build-static mprof-c mprof-c-gpu")


class Container(lab.Lab):
    """A namespace of processes and mounts, with a root of its own."""

    def setUp(self):
        super().setUp()
        if os.getuid() != 0 or subprocess.run(["unshare", "-mpf", "true"], capture_output=True).returncode != 0:
            self.skipTest("namespaces need root, and a machine that allows them")
        self.root = self.folder / "root"
        for folder in ("proc", "dev", "data"):
            (self.root / folder).mkdir(parents=True)

    def words(self, *words, root=None):
        root = root or self.root
        script = f'mount --make-rprivate / && mount -t proc proc {root}/proc && exec chroot {root} "$@"'
        return ["unshare", "-mpf", "sh", "-c", script, "sh", *map(str, words)]

    def inside(self, *words, root=None, status=None, **env):
        done = subprocess.run(self.words(*words, root=root), cwd=self.folder, env={**self.env, **env}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{words}: {done.stdout!r} {done.stderr!r}")
        return done

    def put(self, name, file, root=None):
        path = (root or self.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, path)
        return path


class Empty(Container):
    """Nothing is there but mprof-c and /proc."""

    def setUp(self):
        super().setUp()
        needs_static()
        self.put("mprof-c", STATIC)
        self.put("tiny", lab.target("tiny"))
        if interpreter(self.root / "tiny"):
            self.skipTest("no program without a C library can be built here")

    def test_every_command_of_it(self):
        self.inside("/mprof-c", "run", "-o", "/data/a.dat", "/tiny", status=0)
        self.inside("/mprof-c", "run", "-T", "0.0001", "-C", "-b", "rss,pss,swap", "-o", "/data/b.dat", "/mprof-c", "list", status=0)
        for words in (["peak", "/data/a.dat"], ["peak", "--json", "/data/a.dat"], ["why", "/data/a.dat"], ["--version"], ["run", "--help"]):
            self.assertNotEqual(self.inside("/mprof-c", *words, status=0).stdout, "", words)
        done = self.inside("/mprof-c", "report", "/data/a.dat")
        self.assertIn("growth", (done.stdout + done.stderr).lower())
        self.inside("/mprof-c", "list", status=0)
        self.inside("/mprof-c", "install", "/data/bin", status=0)
        self.assertIn("EXIT 0", (self.root / "data" / "a.dat").read_text())
        for words in (["plot", "/data/a.dat"], ["run", "/nothing"], ["run", "--gpu=on", "/tiny"], ["install", "/no/where"]):
            self.assertRegex(self.inside("/mprof-c", *words).stderr, r"\Amprof-c: [^\n]+\n\Z", words)

    def test_it_copies_itself_where_not_even_proc_is(self):
        done = subprocess.run(["chroot", self.root, "/mprof-c", "install", "/data"], env=self.env, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.root / "data" / "mprof-c").read_bytes(), STATIC.read_bytes())

    def test_it_is_small(self):
        if not shutil.which("strip"):
            self.skipTest("no strip here; install binutils")
        subprocess.run(["strip", "-o", self.folder / "stripped", STATIC], check=True)
        self.assertLess((self.folder / "stripped").stat().st_size, LARGEST)

    def test_what_asks_a_driver_is_a_program_of_its_own(self):
        helper = STATIC.with_name("mprof-c-gpu")
        self.assertTrue(interpreter(helper))
        for words in ([], ["0.0.0", "1", "1", "0", "0", "1"], ["x"] * 6):
            done = subprocess.run([helper, *words], env=self.env, capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, r"\Amprof-c: [^\n]+\n\Z")


class Install(lab.Lab):
    def install(self, folder="bin", program=lab.MPROF, **kw):
        return subprocess.run([program, "install", folder], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60, **kw)

    def test_a_copy_with_what_it_works_with(self):
        done = self.install()
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertRegex(done.stderr, r"\Amprof-c: version \S+ is in bin, with [^\n]+\n\Z")
        self.assertIn("needs a glibc there that is no older than", done.stderr)
        for name in ("mprof-c", *LIBRARIES):
            copy = self.folder / "bin" / name
            self.assertEqual(copy.read_bytes(), (lab.BUILD / name).read_bytes())
            self.assertEqual(copy.stat().st_mode & 0o7777, 0o755)
        self.assertFalse((self.folder / "bin" / "mprof-c-plot").exists())
        ran = subprocess.run(["bin/mprof-c", "run", "-q", "-o", "a.dat", "true"], cwd=self.folder, env=self.env)
        self.assertEqual(ran.returncode, 0)

    def test_the_mode_is_everybodys_whatever_the_umask(self):
        self.install(preexec_fn=lambda: os.umask(0o077))
        self.assertEqual((self.folder / "bin" / "mprof-c").stat().st_mode & 0o7777, 0o755)

    def test_again_while_it_runs(self):
        self.install()
        run = subprocess.Popen(["bin/mprof-c", "run", "-q", "-o", "a.dat", "sleep", "0.5"], cwd=self.folder, env=self.env)
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.install(program=self.folder / "bin" / "mprof-c").returncode, 0)  # onto itself
        self.assertEqual(run.wait(20), 0)
        self.assertEqual(sorted(p.name for p in (self.folder / "bin").iterdir()), sorted(["mprof-c", *LIBRARIES, *self.gpu()]))

    def gpu(self):
        return ["mprof-c-gpu"] if (lab.BUILD / "mprof-c-gpu").exists() else []

    def test_another_process_1_left_its_part(self):
        (self.folder / "bin").mkdir()
        script = 'touch bin/.mprof-c.1.part && exec "$1" install bin'
        done = subprocess.run(["unshare", "-pf", "sh", "-c", script, "sh", lab.MPROF], cwd=self.folder, env=self.env, capture_output=True, text=True)
        if "unshare" in done.stderr:
            self.skipTest("no namespaces here")
        self.assertEqual(done.returncode, 0, done.stderr)
        many = [subprocess.Popen(["unshare", "-pf", lab.MPROF, "install", "bin"], cwd=self.folder, env=self.env, stderr=subprocess.PIPE, text=True) for _ in range(8)]
        for one in many:
            self.assertIn("is in bin", one.communicate(timeout=60)[1])
        self.assertEqual((self.folder / "bin" / "mprof-c").read_bytes(), Path(lab.MPROF).read_bytes())

    def test_what_is_no_program_stays(self):
        (self.folder / "bin").mkdir()
        for make in (lambda p: p.write_text("notes\n"), lambda p: p.mkdir(), lambda p: p.symlink_to("/bin/sh"), os.mkfifo):
            path = self.folder / "bin" / "mprof-c"
            make(path)
            self.refuses("install", "bin", status=1, says="bin/mprof-c is no program; it is not replaced")
            self.assertEqual(list((self.folder / "bin").glob(".*")), [])
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def test_where_it_cannot(self):
        self.refuses("install", status=2, says="name the folder")
        self.refuses("install", "a", "b", status=2, says="one folder")
        self.refuses("install", "no/such/place", status=1, says="cannot use the folder no/such/place: No such file")
        self.write("file", "x")
        self.refuses("install", "file", status=1, says="Not a directory")

    def test_a_full_disk_leaves_nothing(self):
        script = 'mount -t tmpfs -o size=512k none full && "$1" install full; status=$?; ls -A full; exit $status'
        (self.folder / "full").mkdir()
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", lab.MPROF], cwd=self.folder, env=self.env, capture_output=True, text=True)
        if "mount" in done.stderr or "unshare" in done.stderr:
            self.skipTest("no file system can be mounted here")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Amprof-c: cannot write full/\S+: No space left on device\n\Z")
        self.assertNotIn(".part", done.stdout)


class First(lab.Lab):
    """The recorder as process 1, which the one who ends a container signals, and nobody else of it."""

    def test_a_signal_that_comes_at_once(self):
        script = "trap 'echo heard; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
        run = subprocess.Popen(["unshare", "-mpf", "--mount-proc", lab.MPROF, "run", "-q", "-o", "a.dat", "sh", "-c", script], cwd=self.folder,
                               env={**self.env, "KUBERNETES_SERVICE_HOST": "10.0.0.1", "JOB_COMPLETION_INDEX": "0"}, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if run.stdout.readline() != "ready\n":
            self.skipTest(f"no namespaces here: {run.communicate()[1]}")
        first = int(Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text())
        os.kill(first, signal.SIGTERM)
        try:
            self.assertEqual(run.communicate(timeout=20), ("heard\n", ""))
        except subprocess.TimeoutExpired:
            os.kill(first, signal.SIGKILL)
            run.communicate()
            self.fail("the program was not told")
        self.assertEqual(run.returncode, 3)


class LastWords(lab.Lab):
    """--termination-log."""

    def run_with(self, *words, **kw):
        return self.mprof("run", "-q", "-T", "0.02", "-o", "a.dat", "--termination-log", "log", *words, **kw)

    def test_the_end(self):
        self.run_with("sh", "-c", "sleep 0.2; exit 3", status=3, env={"JOB_COMPLETION_INDEX": "7"})
        self.assertRegex((self.folder / "log").read_text(),
                         r"\Amprof-c: (exact peak|peak at least) \S+ [KM]iB( of \S+ GiB allowed)?( at \S+ \S+ UTC)?, rank 7(; its control group at least [^;]*)?; exit 3\n\Z")

    def test_it_is_there_before_a_kill(self):
        run = subprocess.Popen([lab.MPROF, "run", "-q", "-T", "0.02", "-o", "a.dat", "--termination-log", "log", lab.target("spend"), "60", "9000"],
                               cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL)
        log = self.folder / "log"
        self.assertTrue(self.wait_for(lambda: log.exists() and re.search(r" [67]\d\.\d MiB", log.read_text())))
        run.kill()
        run.wait()
        os.kill(int(re.search(r"\bpid=(\d+)", (self.folder / "a.dat").read_text())[1]), signal.SIGKILL)
        self.assertRegex(log.read_text(), r"\Amprof-c: sampled peak \S+ MiB[^;]* at 20\S+ \S+ UTC(; its control group at least .*)?\n\Z")

    def test_the_programs_own_stay(self):
        self.run_with("sh", "-c", "sleep 0.2; echo no such data > log; sleep 0.2", status=0)
        self.assertEqual((self.folder / "log").read_text(), "no such data\n")
        self.refuses("run", "-o", "b.dat", "--termination-log", "log", "true", status=1, says="log holds something else")
        self.assertFalse((self.folder / "b.dat").exists())

    def test_what_is_no_file(self):
        for name in ("/dev/null", "."):
            self.refuses("run", "--termination-log", name, "true", status=1, says="it is no file")
        self.refuses("run", "-o", "x", "--termination-log", "x", "true", status=2, says="name one file")
        os.symlink("c.dat", self.folder / "link")
        self.mprof("run", "-q", "-o", "c.dat", "--termination-log", "link", "sleep", "0.1", status=0)
        self.assertTrue((self.folder / "c.dat").read_text().startswith("CMDLINE "))


def documents():
    try:
        import yaml
    except ImportError:
        raise unittest.SkipTest("no YAML here; install python3-yaml")
    return list(yaml.safe_load_all(MANIFEST.read_text()))


# What may stand in an object of the manifest, by Kubernetes' own schema; what must, in capitals' place, is "!".
MOUNT = {"name": "!", "mountPath": "!", "readOnly": bool}
PART = {"name": "!", "image": "!", "command": [str], "args": [str], "resources": {"limits": {"memory": str}}, "volumeMounts": [MOUNT]}
SHAPES = {
    "PersistentVolumeClaim": {"apiVersion": "!", "kind": "!", "metadata": {"name": "!"},
                              "spec": {"accessModes": [str], "resources": {"requests": {"storage": str}}}},
    "Job": {"apiVersion": "!", "kind": "!", "metadata": {"name": "!"}, "spec": {
        "completions": int, "parallelism": int, "completionMode": str, "backoffLimit": int, "template": {"spec": {
            "restartPolicy": str, "initContainers": [PART], "containers": [PART],
            "volumes": [{"name": "!", "emptyDir": {}, "persistentVolumeClaim": {"claimName": "!"}}]}}}},
}


def faults(value, shape, path=""):
    """Where it is not of that shape."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        lacks = [f"{path}.{key} is missing" for key, kind in shape.items() if kind == "!" and key not in value]
        strange = [f"{path}.{key} is strange" for key in value if key not in shape]
        return lacks + strange + [f for key in value if key in shape for f in faults(value[key], shape[key], f"{path}.{key}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [f for i, one in enumerate(value) for f in faults(one, shape[0], f"{path}[{i}]")]
    return [] if isinstance(value, str if shape == "!" else shape) else [f"{path} is {value!r}"]


class Manifest(lab.Lab):
    def test_its_shape(self):
        for document in documents():
            self.assertEqual(faults(document, SHAPES[document["kind"]]), [], document["kind"])
        self.assertEqual([(d["kind"], d["apiVersion"]) for d in documents()], [("PersistentVolumeClaim", "v1"), ("Job", "batch/v1")])
        self.assertEqual(faults({"name": 7, "mountPth": "x"}, MOUNT), [".mountPath is missing", ".mountPth is strange", ".name is 7"])

    def test_what_it_names_is_there(self):
        claim, job = documents()
        spec = job["spec"]["template"]["spec"]
        volumes = {volume["name"] for volume in spec["volumes"]}
        for part in spec["initContainers"] + spec["containers"]:
            self.assertLessEqual({mount["name"] for mount in part["volumeMounts"]}, volumes)
        self.assertIn(claim["metadata"]["name"], [v["persistentVolumeClaim"]["claimName"] for v in spec["volumes"] if "persistentVolumeClaim" in v])
        self.assertEqual(job["spec"]["completionMode"], "Indexed")
        self.assertIn(spec["restartPolicy"], ("Never", "OnFailure"))  # what a Job may have


def image():
    """The Dockerfile's instructions, by stage: {name: [(word, the rest)]}."""
    stages = {}
    for line in DOCKERFILE.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            name = rest.partition(" AS ")[2] or rest
            stages[name] = []
        elif word and word != "#":
            stages[name].append((word, rest))
    return stages


class Pod(Container):
    """The steps of the Dockerfile and of the manifest."""

    SYSTEM = ["usr", "bin", "lib", "lib64", "etc"]

    def setUp(self):
        super().setUp()
        needs_static()

    def container(self, root, words, volumes=(), system=False, host="pod", ready="", **env):
        """What a container of it is started by: as process 1, with its volumes [(folder, place)]."""
        script = "mount --make-rprivate / && hostname " + host
        binds = [*volumes, *((f"/{name}", name) for name in self.SYSTEM if system and os.path.isdir(f"/{name}"))]
        for folder, place in [*binds, ("/dev/null", "dev/null")]:
            point = root / str(place).lstrip("/")
            point.parent.mkdir(parents=True, exist_ok=True)
            point.mkdir(exist_ok=True) if os.path.isdir(folder) else point.touch()
            script += f" && mount --rbind {folder} {point}"
        (root / "proc").mkdir(exist_ok=True)
        script += f' && mount -t proc proc {root}/proc && exec chroot {root} "$@"'
        run = subprocess.Popen(["unshare", "-mpuf", "sh", "-c", script, "sh", *words], cwd=self.folder, env={**self.env, **env},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, run)
        return run

    def stop(self, run):
        if run.poll() is None:
            for pid in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            run.communicate(timeout=20)

    def heard(self, run):
        """The next line of it, which has to come."""
        self.assertTrue(select.select([run.stdout], [], [], 30)[0], "nothing comes of it")
        return run.stdout.readline()

    def end(self, run, status=0):
        said = "".join(run.communicate(timeout=60))
        self.assertEqual(run.returncode, status, said)
        return said

    def make_image(self):
        """The build's stage as far as it is not what built STATIC, and all of the last one."""
        stages = image()
        self.assertEqual(list(stages), ["build", "scratch"])
        runs = [rest for word, rest in stages["build"] if word == "RUN"]
        setup, build, strip = runs
        self.assertEqual(setup, "sh share/setup.sh build")
        self.assertRegex(build, r"\Ameson setup /build -Dstatic=true && ninja -C /build mprof-c mprof-c-gpu\Z")
        if not shutil.which("strip"):
            self.skipTest("no strip here; install binutils")
        work = self.folder / "build"
        work.mkdir()
        self.end(self.container(work, ["/bin/sh", "-c", strip], [(STATIC.parent, "build")], system=True, PATH="/usr/sbin:/usr/bin:/sbin:/bin"))
        empty = self.folder / "image"
        (empty / "dev").mkdir(parents=True)
        for word, rest in stages["scratch"]:
            if word == "COPY":
                source, *files, place = rest.split()
                self.assertEqual((source, place), ("--from=build", "/"))
                for file in files:
                    shutil.copy(work / file.lstrip("/"), empty)
        return empty, json.loads(dict(stages["scratch"])["ENTRYPOINT"])

    def part(self, kind):
        return documents()[1]["spec"]["template"]["spec"][kind][0]

    def volumes(self, part):
        found = []
        for mount in part["volumeMounts"]:
            (self.folder / mount["name"]).mkdir(exist_ok=True)
            found.append((self.folder / mount["name"], mount["mountPath"]))
        return found

    def put_into_volume(self):
        empty, entry = self.make_image()
        init = self.part("initContainers")
        self.assertEqual(init["command"][:1], entry)
        said = self.end(self.container(empty, init["command"], self.volumes(init)))
        self.assertRegex(said, r"\Amprof-c: version \S+ is in /mprof, with mprof-c-gpu; unlike mprof-c, that needs the glibc of its build there, or a newer one\n\Z")

    def rank(self, n, script):
        """One of the Job's pods: its root, and the recorder under way."""
        part = self.part("containers")
        root = self.folder / f"rank{n}"
        (root / "dev").mkdir(parents=True)
        (root / "train.py").write_text(script)
        (root / "dev" / "termination-log").touch()
        words = [*part["command"], *part["args"]]
        self.assertEqual(words[-2:], ["python3", "train.py"])
        words[-2] = "/usr/bin/python3"
        run = self.container(root, words, self.volumes(part), system=True, host=f"train-{n}-abcde", JOB_COMPLETION_INDEX=str(n),
                             KUBERNETES_SERVICE_HOST="10.0.0.1", PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        return root, run

    def test_the_job(self):
        self.put_into_volume()
        ranks = [self.rank(n, f"import time\nx = b'x' * ({n + 1} << 24)\ntime.sleep(0.4)\nraise SystemExit({n})\n") for n in range(4)]
        for n, (root, run) in enumerate(ranks):
            self.end(run, n)
            self.assertRegex((root / "dev" / "termination-log").read_text(), rf"\Amprof-c: [^\n]*peak[^\n]* MiB[^\n]*, rank {n}[^\n]*; exit {n}\n\Z")
        made = sorted(path.name for path in (self.folder / "recordings").iterdir())
        for n, name in enumerate(made):
            self.assertRegex(name, rf"\Arank{n}-train-{n}-abcde-\d{{14}}\.dat\Z")
            self.assertIn(f"\nEXIT {n} ", (self.folder / "recordings" / name).read_text())
        self.assertEqual(len(made), 4)

    def first(self, run):
        """Process 1 of the namespace, as it is seen from here, once it is the recorder."""
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        self.assertTrue(self.wait_for(lambda: children.read_text().strip()))
        return int(children.read_text())

    def started(self):
        return self.wait_for(lambda: "MEM " in "".join(p.read_text() for p in (self.folder / "recordings").glob("*.dat")))

    def test_a_pod_that_is_deleted(self):
        """The program gets the signal, once; orphans are buried; the recorder passes on how it ended."""
        self.put_into_volume()
        orphans = ("import os, signal, time\nheard = []\nsignal.signal(signal.SIGTERM, lambda *a: heard.append(1))\n"
                   "for i in range(4):\n    if os.fork() == 0:\n        os.fork() or time.sleep(0.2)\n        os._exit(0)\n    os.wait()\n"
                   "print('ready', flush=True)\nwhile not heard: time.sleep(0.05)\ntime.sleep(0.3)\n"
                   "zombies = sum(') Z ' in open(f'/proc/{p}/stat').read() for p in os.listdir('/proc') if p.isdigit())\n"
                   "print(len(heard), zombies, flush=True)\nsignal.signal(signal.SIGTERM, signal.SIG_DFL)\nos.kill(os.getpid(), signal.SIGTERM)\n")
        root, run = self.rank(2, orphans)
        self.assertEqual(self.heard(run), "ready\n")
        self.assertTrue(self.started())
        os.kill(self.first(run), signal.SIGTERM)
        self.assertEqual(self.heard(run), "1 0\n")
        self.end(run, 128 + 15)
        self.assertRegex((root / "dev" / "termination-log").read_text(), r", rank 2.*; SIGTERM\n\Z")

    def test_a_container_that_is_killed_whole(self):
        self.put_into_volume()
        root, run = self.rank(1, "import time\nx = b'x' * (40 << 20)\ntime.sleep(60)\n")
        log = root / "dev" / "termination-log"
        self.assertTrue(self.started())
        self.assertTrue(self.wait_for(lambda: re.search(r" [45]\d\.\d MiB", log.read_text())))
        os.kill(self.first(run), signal.SIGKILL)  # all of the namespace goes with it
        run.communicate(timeout=20)
        self.assertRegex(log.read_text(), r"\Amprof-c: sampled peak [45]\d\.\d MiB[^\n]* at [^\n]* UTC, rank 1[^\n]*\n\Z")
        (made,) = (self.folder / "recordings").iterdir()
        why = json.loads(self.mprof("why", "--json", made, status=0).stdout)
        self.assertIn(why["end"]["kind"], ("interrupted", "limit"))


if __name__ == "__main__":
    lab.main()
