#!/usr/bin/env python3
"""A small training run to record: it loads shards, builds a model and learns for four epochs.

    mprof-c run -M share/examples/train.py

Nothing but Python 3.6 is needed. What the picture shows: a staircase while the shards are loaded,
a hill while they are shuffled, worker processes in every epoch, and in the third epoch a checkpoint
so short that a recorder which looks ten times a second can miss it.
"""
import math
import multiprocessing
import random
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


def load(pace):
    """The staircase: one shard after the other."""
    shards = []
    for number in range(SHARDS):
        row = array("d", [math.sin(number + i / 97) for i in range(1024)])
        shards.append(row * (SHARD_SIZE // (8 * len(row))))
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


def work(number, epoch, shards, weights, results):
    """One worker: unpacks its part of the data, then answers with a gradient."""
    batches = []
    for part in range(4 + number):
        batches.append(bytearray(6 * MIB))
        time.sleep(0.03)
    time.sleep(0.2)
    results.put(gradient(shards[(number + epoch) % len(shards)], weights, epoch * WORKERS + number))


def checkpoint(shards):
    """The spike: the whole state in one piece, written nowhere and dropped at once."""
    blob = b"".join(shard.tobytes() for shard in shards)
    return len(blob)


def train(shards, pace):
    fork = multiprocessing.get_context("fork")
    weights = [0.0] * FEATURES
    cache = []
    for epoch in range(EPOCHS):
        results = fork.Queue()
        workers = [fork.Process(target=work, args=(n, epoch, shards, weights, results))
                   for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        cache.append(bytearray(5 * MIB))  # what each epoch leaves behind
        pace.wait(0.35)
        if epoch == 2:
            checkpoint(shards)
        gradients = [results.get() for _ in workers]
        weights = [w - 0.1 * sum(parts) / WORKERS for w, parts in zip(weights, zip(*gradients))]
        for worker in workers:
            worker.join()
        pace.wait(0.45)
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
    main()
