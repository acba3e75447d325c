"""Recordings of one job, a file a rank, made by hand: most alike, one that leaks, one that ends early.

As a program: fleet_made.py FOLDER [RANKS [SAMPLES]] writes them."""
import sys
from pathlib import Path

START = 1700000000


def held(rank, i, n, leaking):
    """MiB: up to a plateau with a saw of its own; who leaks goes on rising."""
    saw = (i * (3 + rank % 5) + rank * 7) % 40
    base = 400 + rank * 37 % 60 + saw
    value = base * min(1, (i + 1) / (n / 20))
    return value + (1500 * i / n if rank == leaking else 0)


def recording(rank, n=200, step=0.5, leaking=-1, early=-1, per_node=8, limit=None, shift=0, mark=None, job="417"):
    node = f"n{rank // per_node}"
    start = START + shift + rank % 7 * 0.01
    kept = n * 2 // 5 if rank == early else n
    lines = [f"CMDLINE ./train.py --epochs 30",
             f"META format=1 tool=mprof-c/0.1.0 metric=rss interval={step} pid={1000 + rank} host={node} "
             f"rank={rank} node={node} job={job}" + (f" limit={limit}" if limit else "")]
    for i in range(kept):
        lines.append(f"MEM {held(rank, i, n, leaking):.6f} {start + i * step:.6f}")
        if mark is not None and i == mark + rank % 5:
            lines.append(f"MARK {held(rank, i, n, leaking):.6f} {start + i * step:.6f} barrier")
    end = start + kept * step
    if rank == early:
        lines.append(f"EXIT -9 {end:.6f} 600.0 {kept} 0")
    else:
        lines.append(f"EXIT 0 {end:.6f} 600.0 {kept} 0")
    return "\n".join(lines) + "\n"


def write(folder, ranks, n=200, shifts=None, **how):
    """A file a rank; `shifts`: node number → seconds that its clock is ahead. Their paths."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True, parents=True)
    per_node, paths = how.get("per_node", 8), []
    for rank in range(ranks):
        path = folder / f"r{rank:05d}.dat"
        path.write_text(recording(rank, n, shift=(shifts or {}).get(rank // per_node, 0), **how))
        paths.append(path)
    return paths


if __name__ == "__main__":
    words = sys.argv[1:]
    count = int(words[1]) if len(words) > 1 else 4096
    write(words[0], count, int(words[2]) if len(words) > 2 else 2000, leaking=count * 2 // 3 + 10, early=count // 40)
