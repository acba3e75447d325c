"""Programs that come to the end of a GPU's memory, or do not, each for one known reason: scenarios.py NAME. Sizes follow the
card's, so that they fit any."""
import gc
import json
import subprocess
import sys
import time

import torch
from torch import nn

GIB = 1 << 30
torch.set_float32_matmul_precision("high")  # the sums are not what is looked at
CARD = torch.cuda.mem_get_info()[1]
WIDTH = 8192 if CARD > 32 * GIB else 4096
LAYER = WIDTH * WIDTH * 4  # bytes of a layer's weights


made = []  # networks and optimizers, for the truth
kept, hold = [], []


def adam_of(net):
    made.append(torch.optim.Adam(net.parameters()))
    return made[-1]


def size(tensors):
    return sum(t.numel() * t.element_size() for t in tensors if isinstance(t, torch.Tensor) and t.is_cuda)


def tell_truth(*error):
    """What tensor arithmetic and torch say, in MiB, when the exception has reached the top."""
    parameters = [p for net in made if isinstance(net, nn.Module) for p in net.parameters()]
    states = [v for o in made if isinstance(o, torch.optim.Optimizer) for s in o.state.values() for v in s.values()]
    stats = torch.cuda.memory_stats()
    truth = {"weights": size(parameters), "gradients": size(p.grad for p in parameters), "optimizer": size(states),
             "allocated": stats["allocated_bytes.all.current"], "reserved": stats["reserved_bytes.all.current"]}
    print("truth", json.dumps({key: round(value / (1 << 20), 1) for key, value in truth.items()}), file=sys.stderr, flush=True)
    sys.__excepthook__(*error)


def layers(bytes_of_them):
    """So many bytes of weights."""
    count = max(1, int(bytes_of_them / LAYER))
    net = nn.Sequential(*[nn.Linear(WIDTH, WIDTH, device="cuda") for _ in range(count)])
    made.append(net)
    return net


def batch(rows):
    return torch.randn(rows, WIDTH, device="cuda")


def rows_of(share, net):
    """So many rows that the activations of a pass through `net` come to that share of the card."""
    return max(1, int(share * CARD / (len(net) * WIDTH * 4)))


def step(net, optimizer, rows):
    loss = net(batch(rows)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def pause(seconds):
    torch.cuda.synchronize()
    time.sleep(seconds)


def model():
    layers(1.2 * CARD)


def optimizer():
    net = layers(0.32 * CARD)
    adam = adam_of(net)
    step(net, adam, 8)


def first_batch():
    net = layers(0.02 * CARD)
    adam = adam_of(net)
    step(net, adam, rows_of(1.2, net))


def one_batch():
    """Small batches, so that arithmetic takes no time, and then one that is too large for any card."""
    net = layers(0.02 * CARD)
    adam = adam_of(net)
    for i in range(60):
        step(net, adam, rows_of(1.3 if i == 40 else 0.02, net))
        pause(0.1)


def kept_graph():
    net = layers(0.02 * CARD)
    adam = adam_of(net)
    while True:
        step(net, adam, rows_of(0.01, net))
        kept.append(net(batch(rows_of(0.02, net))))
        pause(0.05)


def fragments():
    """Of each large segment a small piece is kept, and the rest given back: what is wanted is less than all that is unused, and fits in none."""
    segment = int(0.05 * CARD) >> 21 << 21
    while torch.cuda.memory_reserved() < 0.85 * CARD:
        whole = torch.empty(segment, dtype=torch.uint8, device="cuda")
        del whole  # the segment stays …
        kept.append(torch.empty(segment // 16, dtype=torch.uint8, device="cuda"))  # … with this in it
        hold.append(torch.empty(segment - segment // 16, dtype=torch.uint8, device="cuda"))  # so that the next one is another
    hold.clear()
    unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
    wanted = int(0.3 * CARD)
    print(f"{unused >> 20} MiB unused, {wanted >> 20} MiB wanted", flush=True)
    torch.empty(wanted, dtype=torch.uint8, device="cuda")


def neighbour():
    other = subprocess.Popen([sys.executable, __file__, "occupy"], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    other.stdout.readline()
    try:
        net = layers(0.1 * CARD)
        adam = adam_of(net)
        step(net, adam, rows_of(0.2, net))
    finally:
        other.kill()


def occupy():
    held = torch.empty(int(0.6 * CARD), dtype=torch.uint8, device="cuda")
    print("ready", flush=True)
    sys.stdin.read()
    del held


def exception():
    """Eight tenths of the card are held when it dies of something else."""
    kept.append(torch.empty(int(0.8 * CARD), dtype=torch.uint8, device="cuda"))
    time.sleep(1)
    raise ValueError("a label is missing")


def caught():
    """The batch is halved until it fits, as training loops do."""
    net = layers(0.02 * CARD)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    rows = rows_of(3, net)
    while True:
        try:
            step(net, sgd, rows)
            break
        except torch.cuda.OutOfMemoryError:
            rows //= 2
        gc.collect()
        torch.cuda.empty_cache()
    print("it fits with", rows)


def outlived():
    """It is caught, and at once something else ends the program."""
    try:
        torch.empty(2 * CARD, dtype=torch.uint8, device="cuda")
    except torch.cuda.OutOfMemoryError:
        pass
    raise ValueError("a label is missing")


def sgd():
    """A healthy run to its end."""
    net = layers(0.05 * CARD)
    plain = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(20):
        step(net, plain, rows_of(0.05, net))
        pause(0.05)


def outputs():
    """Inference that keeps what it makes."""
    net = layers(2 * LAYER)
    rows = int(0.01 * CARD / (WIDTH * 4))
    with torch.no_grad():
        while True:
            kept.append(net(batch(rows)))
            pause(0.1)


def second():
    """A second model beside the one that trains well."""
    net = layers(0.1 * CARD)
    adam = adam_of(net)
    for _ in range(20):
        step(net, adam, rows_of(0.05, net))
        pause(0.1)
    layers(0.9 * CARD)


if __name__ == "__main__":
    sys.excepthook = tell_truth
    {name: thing for name, thing in globals().items() if callable(thing)}[sys.argv[1]]()
