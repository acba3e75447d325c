import threading

from torch import _C

_initialized = False
_tls = threading.local()
_initialization_lock = threading.Lock()
_queued_calls = []
OutOfMemoryError = _C.OutOfMemoryError


def is_initialized():
    return _initialized


def _lazy_init():
    global _initialized
    if is_initialized() or hasattr(_tls, "is_initializing"):
        return
    with _initialization_lock:
        if is_initialized():
            return
        _C._cuda_init()
        _tls.is_initializing = True
        try:
            for queued_call, orig_traceback in _queued_calls:
                queued_call()
        finally:
            delattr(_tls, "is_initializing")
        _initialized = True


from torch.cuda.memory import *
