"""Recordings made by hand, one for each thing that a picture can show. All figures are whole steps, so that every
machine computes the same."""

START = 1700000000


def moment(seconds):
    return f"{START + seconds:.6f}"


def head(command, **settings):
    pairs = {"format": 1, "tool": "mprof-c/0.1.0", "metric": "rss", "interval": "0.1", "pid": 100, **settings}
    return [f"CMDLINE {command}", "META " + " ".join(f"{k}={v}" for k, v in pairs.items())]


def memory(samples, step):
    return [f"MEM {mib:.6f} {moment(i * step)}" for i, mib in enumerate(samples)]


def text(*parts):
    return "\n".join([line for part in parts for line in part] + [""])


def epochs(n, period, low, high):
    """Rises for most of a period, then lets go; and a little more stays each time."""
    return [low + (high - low) * min(i % period, period * 3 // 4) // (period * 3 // 4) + i * 60 // n for i in range(n)]


def exact(n=60, step=0.1):
    """Spikes between the samples, with --exact."""
    held = epochs(n, 20, 60, 140)
    marks = [f"PEAK {max(held[i - 1:i + 1]) + (75 if i % 20 == 9 else 12 + i * 7 % 13):.6f} {moment(i * step)} {moment((i - 1) * step)}"
             for i in range(1, n) if i % 20 == 9 or i % 3]
    return text(head("./train.py --epochs 3", exact=1), memory(held, step), marks,
                [f"GONE 100 {moment(n * step)} 231.000000 0", f"EXIT 0 {moment(n * step)} 231.000000 {n} 0"])


def beyond():
    """A peak that no sample saw, of which the kernel knows how high it was."""
    return text(head("./train.py"), memory([20, 80, 80, 90, 90, 60, 60, 60], 0.5),
                [f"GONE 100 {moment(4)} 212.300000 0", f"EXIT 0 {moment(4)} 212.300000 8 0"])


def killed():
    """Up to the control group's limit, and over it, in two calls that never ended."""
    held = [min(30 + i * i // 3, 505) for i in range(40)]
    calls = [f"FUNC load 30.000000 {moment(0.2)} 60.000000 {moment(1.0)} 1",
             f"ENTER main 30.000000 {moment(0.1)} 0 100", f"ENTER train 62.000000 {moment(1.1)} 1 100"]
    return text(head("./train.py --batch 4096"), memory(held, 0.1), calls,
                ["META limit=512 limit_kind=cgroup", "META killed=oom killed_pid=100",
                 f"GONE 100 {moment(4)} 511.000000 -9", f"EXIT -9 {moment(4)} 511.000000 40 0"])


def gpu(n=60):
    """Far more on the device than in the program: an axis of its own. One device's figures are of the whole device."""
    held = [40 + min(i, 20) * 60 for i in range(n)]
    first = [f"GPU 0 {max(0, min(i - 10, 30)) * 2400}.000000 {moment(i * 0.1)} tree" for i in range(n)]
    second = [f"GPU 1 {3000 + i % 10 * 800}.000000 {moment(i * 0.1)} device" for i in range(n)]
    return text(head("python train.py --devices 2"), memory(held, 0.1), first, second,
                ["META 'gpu0=NVIDIA H100' gpu0_total=81559 'gpu1=NVIDIA H100' gpu1_total=81559",
                 f"EXIT 0 {moment(6)} 1240.000000 {n} 0"])


def gpu_alike(n=40):
    """As much on the device as in the program: one axis for both, and the device's end in sight."""
    held = [400 + min(i, 20) * 60 for i in range(n)]
    device = [f"GPU 0 {max(0, min(i - 10, 20)) * 170}.000000 {moment(i * 0.1)} tree" for i in range(n)]
    return text(head("python infer.py"), memory(held, 0.1), device, ["META 'gpu0=GeForce MX150' gpu0_total=4096",
                                                                   f"EXIT 0 {moment(4)} 1600.000000 {n} 0"])


def metrics(n=50):
    held = [50 + i * 6 - (i // 10) * 20 for i in range(n)]
    further = [f"VAL {name} {figure(i)}.000000 {moment(i * 0.1)}" for i in range(n) for name, figure in (
        ("pss", lambda i: held[i] * 3 // 4), ("swap", lambda i: max(0, i - 30) * 4), ("cgroup", lambda i: held[i] + 60))]
    marks = [f"MARK {held[5]}.000000 {moment(0.5)} warm-up over", f"MARK {held[6]}.000000 {moment(0.62)} epoch 1",
             f"MARK {held[25]}.000000 {moment(2.5)} epoch 2", f"MARK {held[48]}.000000 {moment(4.8)} about to save the model"]
    return text(head("./train.py", metrics="rss,pss,swap,cgroup"), memory(held, 0.1), further, marks,
                ["META limit=8192 limit_kind=cgroup", f"EXIT 0 {moment(5)} 300.000000 {n} 0"])


def families(n=40):
    """Eight workers that are alike, three loaders, and a crowd of small ones."""
    lines = memory([30] * n, 0.1)
    born = []
    for pid in range(200, 208):
        born.append(f"PROC {pid} 100 {moment(0.1 * (pid - 199))} python worker")
        lines += [f"CHLD {pid} {20 + min(i, 25) * (1 + pid % 3)}.000000 {moment(i * 0.1)}" for i in range(pid - 199, n - (pid - 200) // 3)]
    for pid in range(300, 303):
        born.append(f"PROC {pid} 100 {moment(0.3)} pt_data_loader")
        lines += [f"CHLD {pid} {40 + (i + pid) % 7 * 8}.000000 {moment(i * 0.1)}" for i in range(3, n)]
    for pid in range(400, 430):
        born.append(f"PROC {pid} 100 {moment(1)} tool{pid % 15}")
        lines += [f"CHLD {pid} {2 + pid % 5}.000000 {moment(i * 0.1)}" for i in range(10 + pid % 9, 20 + pid % 9)]
    born.append(f"PROC 500 100 {moment(0.5)} postgres")
    lines += [f"CHLD 500 {90 - i}.000000 {moment(i * 0.1)}" for i in range(5, n)]
    lines.sort(key=lambda line: line.split()[-1])  # as they were recorded; MEM first, since the sort is stable
    return text(head("python serve.py", children=1), born, lines, [f"EXIT 0 {moment(4)} 120.000000 {n} 0"])


def growth():
    """Where in a Python program its memory grew: a loader, a temporary of numpy's, and a leak."""
    paths = ["PATH 1 /home/u/train.py", "PATH 2 /usr/lib/python3/dist-packages/numpy/core/_methods.py"]
    frames = ["FRAME 1 0 1 40 main", "FRAME 2 1 1 8 load", "FRAME 3 1 1 15 matrix", "FRAME 4 3 2 47 _sum",
              "FRAME 5 1 1 22 Model.step"]
    held, at, steps = [20], 20, []
    for i in range(1, 60):
        now, frame = at, 0
        if 3 <= i < 9:
            now, frame = at + 25, 2
        elif 20 <= i < 23:
            now, frame = at + 150, 4
        elif i == 28:
            now, frame = at - 450, 3
        elif i >= 35 and i % 4 == 0:
            now, frame = at + 12, 5
        if now != at:
            steps.append(f"GROW {now - at}.000000 {moment(i * 0.1 - 0.02)} {now}.000000 100 100 {frame}")
        at = now
        held.append(at)
    return text(head("python train.py"), paths, frames, memory(held, 0.1), steps,
                [f"GONE 100 {moment(6)} 620.000000 0", f"EXIT 0 {moment(6)} 620.000000 60 0"])


def heap(n=60, step=0.5):
    """A service whose cache leaks beside an export that gives everything back, and a child that inherited some."""
    lines = [("/srv/app/cache.py", 88, "remember"), ("/srv/app/export.py", 31, "rows"), ("/srv/app/index.py", 12, "build"),
             ("/usr/lib/python3.11/json/decoder.py", 353, "raw_decode"), ("/srv/app/log.py", 7, "keep")]
    names = []
    for i, (path, line, function) in enumerate(lines, 1):
        names += [f"PATH {i} {path}", f"FRAME {i} {2 if i == 4 else 0} {i} {line} {function}"]
    live, out, held = [0] * 5, [], []
    for i in range(n):
        want = [i * 2, (i % 20) * 12 if i % 20 < 15 else 0, min(i, 8) * 6, (i % 20) * 2 if i % 20 < 15 else 0, i // 4]
        out.append(f"MEM {60 + sum(want) + (0 if i < 14 else 170):.6f} {moment(i * step)}")
        for k, now in enumerate(want):
            if now != live[k]:
                change, back = now - live[k], max(live[k] - now, 0)
                out.append(f"HEAP 100 {k + 1} {change:.6f} {back:.6f} {4 * change} {change * 0.25:.6f} {moment(i * step)}")
        live = want
        if i % 20 == 0:
            out.append(f"MARK {60 + sum(want):.6f} {moment(i * step)} batch {i // 20}")
    child = [f"PROC 101 100 {moment(5)} worker", f"HEAP 101 1 20.000000 0.000000 80 5.000000 {moment(5.5)} inherited",
             f"HEAP 101 3 9.000000 0.000000 36 2.250000 {moment(6)}", f"GONE 101 {moment(12)} 40.000000 0"]
    return text(head("./serve.py", heap=262144), names, out, child,
                [f"GONE 100 {moment(n * step)} 500.000000 0", f"EXIT 0 {moment(n * step)} 500.000000 {n} 0"])


def bill(n=60, step=0.5):
    """A loader that maps its arrays, whose malloc keeps what it was given back: a bill of every second sample, one of no moment,
    and one of a class of a later version."""
    out = []
    for i in range(n):
        used = min(i, 30) * 8 if i < 40 else 60
        classes = {"program": 14, "stack": 0.25, "used": used, "kept": 0 if i < 40 else 170, "anonymous": 20 + i % 10, "huge": 32 * (i > 10),
                   "shared": 48 * (i > 20), "array": min(i, 24) * 10, "file": 2, "later": 1, "hugetlb": 64}
        total = sum(classes.values()) - 64 + (9 if i == 36 else 0)
        out.append(f"MEM {total:.6f} {moment(i * step)}")
        if i % 2 == 0:
            out += [f"BILL {name} {mib:.6f} {moment(i * step)}" for name, mib in classes.items() if mib]
        if i == 36:
            out.append(f"BILL off 9.000000 {moment(i * step)}")
    return text(head("./load.py", metrics="rss,bill"), out,
                [f"GONE 100 {moment(n * step)} 640.000000 0", f"EXIT 0 {moment(n * step)} 640.000000 {n} 0"])


def card(n=100, step=0.6):
    """Training on one of two GPUs, as its VRAM records tell, until one batch finds no memory left."""
    frames = ["PATH 1 /home/u/train.py", "PATH 2 /usr/lib/python3/dist-packages/torch/nn/modules/module.py",
              "PATH 3 /usr/lib/python3/dist-packages/torch/autograd/__init__.py", "PATH 4 /usr/lib/python3/dist-packages/torch/optim/adam.py",
              "FRAME 1 0 1 10 main", "FRAME 2 1 2 900 Module.to", "FRAME 3 1 2 1500 Module._call_impl", "FRAME 4 1 3 200 backward",
              "FRAME 5 1 4 300 Adam.step"]
    levels = {6: (500, 1), 12: (11000, 2), 24: (24000, 3), 36: (34000, 4), 48: (54000, 5), 90: (60500, 3)}
    owed = [("total", 81559), ("free", 18559), ("allocated", 59000), ("reserved", 60000), ("weights", 10000), ("gradients", 10000),
            ("optimizer", 20000), ("buffers", 100), ("activations", 18900), ("unused", 1000), ("outside", 500), ("neighbour", 2400), ("rest", 100)]
    lines, held = [], 0
    for i in range(n):
        at = moment(i * step)
        lines.append(f"MEM {900 + min(i, 20) * 50}.000000 {at}")
        level, frame = levels.get(i, (held, 0))
        if level != held:
            lines.append(f"VRAM 0 {level - held}.000000 {at} 42 {frame}")
        held = level
        lines += [f"GPU 0 {held}.000000 {at} tree", f"GPU 1 {held // 5}.000000 {at} tree"]
        if i == 60:
            lines.append(f"MARK 0.000000 {at} epoch 2")
    end = moment(n * step)
    lines.append(f"OOM 42 0 30720.000000 {end} 3 torch 2.11.0")
    lines += [f"OWED 42 0 {name} {mib}.000000 {'77 python3' if name == 'neighbour' else '-'}" for name, mib in owed]
    lines.append(f"EXIT 1 {moment(n * step + 0.4)} 1900.000000 {n} 0")
    settings = {"pid": 42, "gpu0": "'NVIDIA H100'", "gpu0_total": "81559.000000", "gpu1": "'NVIDIA H100'", "gpu1_total": "81559.000000"}
    return text(head("python3 train.py", **settings), frames, lines)


def gaps(n=200):
    """Compilers in two bursts with nobody between them, and a time in which the recorder slept."""
    lines = [f"MEM {20 + i % 40 // 4}.000000 {moment(i * 0.1)}" for i in range(n) if not 80 <= i < 120]
    born = []
    for k, (start, end) in enumerate(((20, 50), (25, 47), (140, 170), (145, 167))):
        born += [f"PROC {200 + k} 100 {moment(start * 0.1)} cc1", f"GONE {200 + k} {moment(end * 0.1)} 90.000000 0"]
        lines += [f"CHLD {200 + k} {30 + i - start + k * 5}.000000 {moment(i * 0.1)}" for i in range(start, end)]
    lines.sort(key=lambda line: line.split()[-1])
    return text(head("make", children=1), born, lines, [f"EXIT 0 {moment(20)} 120.000000 {n} 0"])


def short():
    """Two samples, and what page faults told between them."""
    held = [(0.012, 9, 1), (0.02, 14, 1), (0.03, 44, 2), (0.041, 74, 2), (0.052, 104, 2), (0.06, 134, 2), (0.08, 234, 3), (0.09, 54, 3),
            (0.12, 114, 2)]
    frames = ["PATH 1 /home/u/quick.py", "FRAME 1 0 1 3 main", "FRAME 2 1 1 8 load", "FRAME 3 1 1 12 double"]
    steps, before = [], 4
    for at, mib, frame in held:
        steps.append(f"GROW {mib - before}.000000 {moment(at)} {mib}.000000 100 100 {frame} fault")
        before = mib
    return text(head("python quick.py"), frames, [f"MEM 4.000000 {moment(0)}"], steps[:-1], [f"MEM 54.000000 {moment(0.1)}"], steps[-1:],
                [f"GONE 100 {moment(0.15)} 234.500000 0", f"EXIT 0 {moment(0.15)} 234.500000 2 0"])


ALL = {"card": card, "gaps": gaps, "short": short, "exact": exact, "beyond": beyond, "killed": killed, "gpu": gpu, "gpu-alike": gpu_alike, "metrics": metrics,
       "families": families, "growth": growth, "heap": heap, "bill": bill}
