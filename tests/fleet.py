#!/usr/bin/env python3
"""A made fleet: the recordings of one job, one a rank. One rank leaks, one died early, every peak is another figure, on a
moment of its own. `fleet.py FOLDER [RANKS [SAMPLES]]` writes it."""
import sys
from pathlib import Path

START = 1700000000
PER_NODE = 16


def leaking(ranks):
    return ranks * 5 // 8 + 1


def dead(ranks):
    return ranks // 3


def peak_of(rank):
    """The figure as it stands in the recording."""
    return f"{1000 + rank % 97}.{rank * 7919 % 1000000:06d}"


def node_of(rank):
    return f"n{rank // PER_NODE}"


def templates(samples, late):
    """A curve, as lines, in some variants: what a rank does is much the same everywhere."""
    return [[f"MEM {400 + (i * 7 + k * 13) % 100}.500000 {START + late + i // 10}.{i % 10}00000\n" for i in range(samples)] for k in range(8)]


def text_of(rank, ranks, lines, late=0, command="python train.py"):
    lines = list(lines)
    n = len(lines)
    at = n // 4 + rank * 31 % (n // 2)
    status, growth = 0, ""
    peak = peak_of(rank)
    if rank == leaking(ranks):
        lines = [f"MEM {400 + i * 5000 // n}.250000 {line.split()[2]}\n" for i, line in enumerate(lines)]
        peak, at = "9876.543211", n - 1
    if rank == dead(ranks):
        lines, status, at = lines[:n // 3], -9, n // 3 - 1
    end = lines[-1].split()[2]
    lines[at] = f"MEM {peak} {lines[at].split()[2]}\n"
    if rank == leaking(ranks):
        growth = (f"PATH 1 /home/u/train.py\nFRAME 1 0 1 40 main\nFRAME 2 1 1 88 Cache.put\nGROW 12.000000 {START}.500000 412.000000 100 100 1\n"
                  f"GROW 4800.000000 {end} 5212.000000 100 100 2\n")
    elif rank % 64 == 0:
        growth = f"PATH 1 /home/u/train.py\nFRAME 1 0 1 40 main\nGROW {12 + rank % 5}.000000 {START}.500000 412.000000 100 100 1\n"
    killed = "META killed=oom killed_pid=100\n" if status else ""
    return "".join([f"CMDLINE {command}\nMETA format=1 tool=mprof-c/0.1.0 metric=rss interval=0.1 pid=100 host={node_of(rank)} start={START + late}.000000 tree=0\n"
                    f"META rank={rank} ranks={ranks} node={node_of(rank)} job=123 step=0 restart=0 launcher=slurm limit=16384\n",
                    *lines, growth, killed, f"EXIT {status} {end} 0.000000 {len(lines)} 0\n"])


def make(folder, ranks=64, samples=200, late_node=None, late=0):
    """A folder a node, as the recorder makes it for many ranks."""
    curves = {False: templates(samples, 0), True: templates(samples, late)}
    for rank in range(ranks):
        is_late = node_of(rank) == late_node
        place = Path(folder) / node_of(rank)
        if rank % PER_NODE == 0:
            place.mkdir(parents=True)
        name = f"mprofile_20231114221320_123.0_r{rank:05d}_{node_of(rank)}.dat"
        (place / name).write_text(text_of(rank, ranks, curves[is_late][rank % 8], late if is_late else 0))


def peaks(ranks):
    return {rank: "9876.543211" if rank == leaking(ranks) else peak_of(rank) for rank in range(ranks)}


if __name__ == "__main__":
    make(sys.argv[1], *map(int, sys.argv[2:4]))
