from torch import _C


def memory_allocated():
    return _C.allocated()


def memory_reserved():
    return _C.reserved()


def memory_stats():
    return {"allocated_bytes.all.current": _C.allocated(), "reserved_bytes.all.current": _C.reserved()}


def empty_cache():
    _C.give_back()


def set_per_process_memory_fraction(fraction):
    _C._state.fraction = fraction


def mem_get_info():
    from torch import cuda
    cuda._lazy_init()
    return _C._cudart.cudaMemGetInfo(0)


def synchronize():
    pass
