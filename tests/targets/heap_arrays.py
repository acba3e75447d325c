"""What a training loop keeps of each step, for a sum at the end."""
import array


def step(n):
    batch = array.array("d", bytes(8 * n))
    return array.array("d", batch[: n // 2])  # the leak


losses = []
for i in range(200):
    losses.append(step(1 << 17))
    step(1 << 18)
