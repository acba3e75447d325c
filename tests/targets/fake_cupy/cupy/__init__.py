"""As much of CuPy as a program needs that runs out of a card's memory of 8 GiB, where and as CuPy has it; an array is nothing but its size."""
__version__ = "14.2.0"

from cupy import cuda as cuda
from cupy.cuda.memory import MemoryPool

_default_memory_pool = MemoryPool()


def get_default_memory_pool():
    return _default_memory_pool


class ndarray:
    def __init__(self, nbytes):
        self.held = 0
        _default_memory_pool.malloc(nbytes)
        self.held = nbytes

    def __del__(self):
        _default_memory_pool.used -= self.held


def zeros(count, dtype="f4"):
    return ndarray(count * (1 if dtype == "u1" else 4))
