"""As much of torch as a training script needs that runs out of a card's memory: the modules, the allocator, the observers and the texts are
where and as torch has them; a tensor is nothing but its size. The card has 8 GiB, and is told to the mock of NVML where there is one."""
import os

__version__ = os.environ.get("FAKE_TORCH_VERSION", "2.11.0+cu130")

from torch import _C
from torch._C import OutOfMemoryError, Tensor
from torch import cuda as cuda
from torch import autograd as autograd
from torch import nn as nn
from torch import optim as optim


uint8 = 1  # a type is as many bytes


def empty(*shape, device=None, dtype=4, requires_grad=False):
    return Tensor(shape, device=device, requires_grad=requires_grad, width=dtype)


zeros = randn = empty


class no_grad:
    def __enter__(self):
        self.before, _C._state.grad = _C._state.grad, False

    def __exit__(self, *_):
        _C._state.grad = self.before


def set_float32_matmul_precision(_):
    pass
