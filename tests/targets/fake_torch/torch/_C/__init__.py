"""The caching allocator (pools of 2 MiB, of 20 MiB, and larger; blocks are cut up and joined again), observers, snapshots, tensors."""
import fcntl
import gc
import os
from types import SimpleNamespace

MIB = 1 << 20
VERSION = tuple(int(part) for part in os.environ.get("FAKE_TORCH_VERSION", "2.11").split(".")[:2])
TOTAL, CONTEXT, DRIVER = 8192 * MIB, 300 * MIB, 9 * MIB


class OutOfMemoryError(RuntimeError):
    pass


OutOfMemoryError.__module__ = "torch" if VERSION >= (2, 5) else "torch.cuda"
OutOfMemoryError.__qualname__ = "OutOfMemoryError"

_observers = []
_segments = {}  # by address
_state = SimpleNamespace(next=0x7F0000000000, fraction=None, pid=None, grad=True)


# ---- the card: a line of the mock's text for each process

def _post(held):
    """Tells what this process holds (None: nothing changes); returns what all hold."""
    path = os.environ.get("MPROF_MOCK_NVML")
    if not path:
        return held or reserved() + CONTEXT
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        others = []
        if os.path.exists(path):
            with open(path) as text:
                others = [line.split() for line in text if line.startswith("process 0 ")]
        others = [f for f in others if os.path.exists("/proc/" + f[3])]
        own = [f[4] for f in others if f[3] == str(os.getpid())]
        others = [f for f in others if f[3] != str(os.getpid())]
        mine = held // MIB if held is not None else int(own[0]) if own else 0
        used = (mine + sum(int(f[4]) for f in others)) * MIB
        if held is not None:
            lines = [f"device 0 {TOTAL // MIB} {(used + DRIVER) // MIB} Pretended Card"] + [" ".join(f) for f in others]
            lines += [f"process 0 c {os.getpid()} {mine}"] if mine else []
            with open(path + ".next", "w") as text:
                text.write("".join(line + "\n" for line in lines))
            os.replace(path + ".next", path)
    return used


def reserved():
    return sum(s["total_size"] for s in _segments.values())


def allocated():
    return sum(s["allocated_size"] for s in _segments.values())


def _free_bytes():
    return TOTAL - DRIVER - _post(None)


# ---- the pool

def _place(size):
    """The smallest free block that it fits in; (segment, index), or None."""
    kind = "small" if size <= MIB else "large"
    fits = [(b["size"], s["address"], i) for s in _segments.values() if s["segment_type"] == kind
            for i, b in enumerate(s["blocks"]) if b["state"] == "inactive" and b["size"] >= size]
    if not fits:
        return None
    _, address, i = min(fits)
    return _segments[address], i


def _more(size):
    total = 2 * MIB if size <= MIB else 20 * MIB if size < 10 * MIB else -(-size // (2 * MIB)) * 2 * MIB
    allowed = TOTAL if _state.fraction is None else int(TOTAL * _state.fraction)
    if total > _free_bytes() or reserved() + total > allowed:
        return total, False
    address, _state.next = _state.next, _state.next + total + 4 * MIB
    _segments[address] = dict(device=0, address=address, total_size=total, allocated_size=0, active_size=0, requested_size=0, stream=0,
                              segment_type="small" if size <= MIB else "large", segment_pool_id=(0, 0), is_expandable=False, frames=[],
                              blocks=[dict(address=address, size=total, requested_size=0, state="inactive", frames=[])])
    _post(reserved() + CONTEXT)
    return total, True


def give_back():
    """What torch does before it fails, and empty_cache()."""
    for address in [a for a, s in _segments.items() if not s["allocated_size"]]:
        del _segments[address]
    _post(reserved() + CONTEXT)


def allocate(wanted):
    """The collector may release blocks, which joins them: not while places of theirs are in use."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return _allocate(wanted)
    finally:
        if collects:
            gc.enable()


def _allocate(wanted):
    size = -(-max(wanted, 1) // 512) * 512
    place = _place(size)
    if not place:
        total, there = _more(size)
        if not there:
            give_back()
            total, there = _more(size)
        if not there:
            _fail(total)
        place = _place(size)
    segment, i = place
    block = segment["blocks"][i]
    rest = block["size"] - size
    block.update(size=size if rest else block["size"], state="active_allocated", requested_size=wanted)
    if rest:
        segment["blocks"].insert(i + 1, dict(address=block["address"] + size, size=rest, requested_size=0, state="inactive", frames=[]))
    segment["allocated_size"] += block["size"]
    segment["active_size"] += block["size"]
    return segment["address"], block["address"]


def release(place):
    segment = _segments.get(place[0])
    if not segment or os.getpid() != _state.pid:
        return
    block = next(b for b in segment["blocks"] if b["address"] == place[1])
    block.update(state="inactive", requested_size=0)
    segment["allocated_size"] -= block["size"]
    segment["active_size"] -= block["size"]
    joined = []
    for b in segment["blocks"]:
        if joined and joined[-1]["state"] == b["state"] == "inactive":
            joined[-1]["size"] += b["size"]
        else:
            joined.append(b)
    segment["blocks"] = joined


def _text(size):
    for unit, by in (("GiB", 1 << 30), ("MiB", MIB), ("KiB", 1 << 10)):
        if size >= by:
            return f"{size / by:.2f} {unit}"
    return f"{size} bytes"


def _fail(total):
    free = _free_bytes()
    allowed = TOTAL if _state.fraction is None else int(TOTAL * _state.fraction)
    for observer in list(_observers):
        observer(0, total, allowed, free)
    part = "" if _state.fraction is None else f"{_text(allowed)} allowed; "
    raise OutOfMemoryError(
        f"CUDA out of memory. Tried to allocate {_text(total)}. GPU 0 has a total capacity of {_text(TOTAL)} of which {_text(free)} is free. "
        f"Including non-PyTorch memory, this process has {_text(reserved() + CONTEXT)} memory in use. {part}Of the allocated memory "
        f"{_text(allocated())} is allocated by PyTorch, and {_text(reserved() - allocated())} is reserved by PyTorch but unallocated.")


# ---- what torch._C has

def _cuda_init():
    _state.pid = os.getpid()
    _post(CONTEXT)


def _cuda_memorySnapshot(*parts):
    if len(parts) != (VERSION >= (2, 9)):
        raise TypeError("what is wanted of it")
    segments = [dict(s, blocks=[dict(b) for b in s["blocks"]]) for s in _segments.values()]
    return segments if VERSION < (2, 0) else dict(allocator_settings={}, device_traces=[], external_annotations=[], segments=segments)


if VERSION >= (2, 0):
    def _cuda_isHistoryEnabled():
        return False


def _cuda_memoryStats(device):
    return {"allocated_bytes": {"all": {"current": allocated()}}, "reserved_bytes": {"all": {"current": reserved()}}}


if not os.environ.get("FAKE_TORCH_BLIND"):
    def _cuda_attach_out_of_memory_observer(observer):
        from torch import cuda
        cuda._lazy_init()
        _observers.append(observer)


class _cudart:
    @staticmethod
    def cudaMemGetInfo(device):
        return _free_bytes(), TOTAL


class DisableTorchFunctionSubclass:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


# ---- tensors

class UntypedStorage:
    def __init__(self, size):
        self.size, self.place = size, allocate(size)

    def data_ptr(self):
        return self.place[1]

    def nbytes(self):
        return self.size

    def __del__(self):
        if hasattr(self, "place"):
            release(self.place)


class Tensor:
    def __init__(self, shape, device=None, requires_grad=False, parents=(), storage=None, width=4):
        self.shape, self.requires_grad, self.parents = tuple(shape), requires_grad, parents if _state.grad else ()
        self.width = width
        self.grad, self._held = None, storage
        if storage is None and device is not None:
            self._move()

    @property
    def is_cuda(self):
        return self._held is not None

    @property
    def is_leaf(self):
        return not self.parents

    def get_device(self):
        return 0 if self.is_cuda else -1

    def untyped_storage(self):
        if not self.is_cuda:
            raise NotImplementedError("on the host")
        return self._held

    if VERSION < (1, 11):
        del untyped_storage
    elif VERSION < (2, 0):
        _storage = untyped_storage
        del untyped_storage

    def numel(self):
        n = 1
        for side in self.shape:
            n *= side
        return n

    def element_size(self):
        return self.width

    def mean(self):
        return Tensor((1,), device="cuda", parents=(self,))

    def _move(self):
        from torch import cuda
        cuda._lazy_init()
        self._held = UntypedStorage(self.numel() * self.width)

    def cuda(self):
        return self if self.is_cuda else Tensor(self.shape, device="cuda")

    def detach(self):
        return Tensor(self.shape, storage=self._held)

    def backward(self):
        from torch import autograd
        autograd.backward(self)
