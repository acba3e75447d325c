import numpy as np


def scale(data):
    return float((data * 2.0 + 1.0).sum())  # RIGHT 192


def load(n):
    return np.ones(n)  # RIGHT 96


data = load(12 << 20)
print(scale(data))
