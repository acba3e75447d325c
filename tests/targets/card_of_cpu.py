"""For torch itself where there is no card: what its build for CPUs lacks of one, so that it is watched and asked as on a card. As there, none of
it is Python. Import it before torch; then open_card(), and fail() is an allocation that finds no memory."""
import functools
import importlib.abc
import sys
import types

MIB = 1 << 20
TOTAL, FREE, RESERVED = 8192 * MIB, 1000 * MIB, 4000 * MIB
observers = []


class Lacking(importlib.abc.MetaPathFinder):
    """Adds to torch._C what torch.cuda finds there in other builds, and a version that is watched."""
    def find_spec(self, name, path, target=None):
        if name == "torch.cuda":
            torch, c = sys.modules["torch"], sys.modules["torch._C"]
            if tuple(int(n) for n in torch.__version__.split(".")[:2]) < (2, 1):
                torch.__version__ = "2.1.0"
            c._cuda_init = lambda: None
            c._cuda_attach_out_of_memory_observer = observers.append
            c._cuda_memoryStats = {0: {"allocated_bytes": {"all": {"current": RESERVED - MIB}}, "reserved_bytes": {"all": {"current": RESERVED}}}}.__getitem__


def open_card():
    """Every tensor is on it; what torch.cuda has queued of ours is done."""
    import torch
    torch.Tensor.is_cuda = True
    torch.Tensor.get_device = functools.partial(int)
    for call, _ in torch.cuda._queued_calls:
        if isinstance(call, types.BuiltinFunctionType):
            call()


def fail(wanted=20 * MIB):
    for observer in observers:
        observer(0, wanted, TOTAL, FREE)


sys.meta_path.insert(0, Lacking())
