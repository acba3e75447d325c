#!/usr/bin/env python3
"""A small training run to record: it loads shards, builds a model and learns for four epochs.

    mprof-c run -C -M share/examples/train.py

Nothing but Python 3.6 is needed. What the picture shows: a staircase while the shards are loaded,
a hill while they are shuffled, three worker processes in every epoch, and in the third epoch a
checkpoint so short that a recorder which looks ten times a second can miss it.
"""
import json
import math
import random
import subprocess
import sys
import time
from array import array

MIB = 1 << 20
SHARDS, SHARD_SIZE = 10, 10 * MIB  # bytes
EPOCHS, WORKERS = 4, 3
FEATURES = 64


class Pace:
    """Keeps the phases at the same length on a fast machine and on a slow one."""

    def __init__(self):
        self.due = time.monotonic()

    def wait(self, seconds):
        self.due = max(self.due + seconds, time.monotonic())
        time.sleep(max(0.0, self.due - time.monotonic()))


def make_shard(number, size):
    row = array("d", [math.sin(number + i / 97) for i in range(1024)])
    return row * (size // (8 * len(row)))


def load(pace):
    """The staircase: one shard after the other."""
    shards = []
    for number in range(SHARDS):
        shards.append(make_shard(number, SHARD_SIZE))
        pace.wait(0.09)
    return shards


def shuffle(shards, pace):
    """The hill: a second copy of everything, for a moment."""
    copies = []
    for shard in shards:
        copies.append(shard[:])
        pace.wait(0.04)
    random.Random(7).shuffle(copies)
    return copies


def gradient(shard, weights, seed):
    """The mean gradient of a linear model over a sample of one shard."""
    pick = random.Random(seed)
    total = [0.0] * FEATURES
    for _ in range(60):
        at = pick.randrange(len(shard) - FEATURES - 1)
        row, wanted = shard[at:at + FEATURES], shard[at + FEATURES]
        error = sum(w * x for w, x in zip(weights, row)) - wanted
        for i, x in enumerate(row):
            total[i] += error * x / 60
    return total


def work():
    """One worker, a process of its own: reads a task, gathers its data, answers with a gradient."""
    task = json.load(sys.stdin)
    pace, batches = Pace(), []
    for part in range(3 + task["number"]):
        batches.append(make_shard(part, 10 * MIB))
        pace.wait(0.04)
    pace.wait(0.2)
    json.dump(gradient(batches[0], task["weights"], task["seed"]), sys.stdout)


def start_worker(number, epoch, weights):
    worker = subprocess.Popen([sys.executable, sys.argv[0], "--work"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    task = {"number": number, "seed": epoch * WORKERS + number, "weights": weights}
    worker.stdin.write(json.dumps(task).encode())
    worker.stdin.close()
    return worker


def checkpoint(shards):
    """The spike: everything in one piece, written nowhere and dropped at once."""
    return len(b"".join(shards))


def train(shards, pace):
    weights, kept = [0.0] * FEATURES, []
    for epoch in range(EPOCHS):
        workers = [start_worker(number, epoch, weights) for number in range(WORKERS)]
        kept.append(make_shard(epoch, 8 * MIB))  # what each epoch leaves behind
        pace.wait(0.26)
        if epoch == 2:
            checkpoint(shards)
        gradients = [gradient(shards[epoch], weights, epoch)]
        for worker in workers:
            with worker:
                gradients.append(json.loads(worker.stdout.read().decode()))
        weights = [w - 0.1 * sum(parts) / len(parts) for w, parts in zip(weights, zip(*gradients))]
        pace.wait(0.54)
    return weights


def main():
    pace = Pace()
    shards = load(pace)
    pace.wait(0.3)
    shards = shuffle(shards, pace)
    pace.wait(0.3)
    weights = train(shards, pace)
    print("trained: |w| = {:.4f}".format(math.sqrt(sum(w * w for w in weights))))


if __name__ == "__main__":
    work() if sys.argv[1:] == ["--work"] else main()
