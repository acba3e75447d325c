"""As much of TensorFlow as a program needs that runs out of a card's memory of 8 GiB, where and as TensorFlow has it; a tensor is nothing but its
size. The pool takes all of the card at the first operation."""
import os

__version__ = "2.19.0"

from tensorflow.python.eager import context
from tensorflow.python.framework import errors_impl as errors
from tensorflow.python._pywrap_tfe import state

MIB, POOL = 1 << 20, 7500 << 20


class Tensor:
    def __init__(self, shape, device):
        self.held, nbytes = 0, 4
        for side in shape:
            nbytes *= side
        if not state:
            state["held"] = 0
            with open(os.environ["MPROF_MOCK_NVML"], "w") as text:
                text.write(f"device 0 8192 {POOL // MIB + 309} Pretended Card\nprocess 0 c {os.getpid()} {POOL // MIB + 300}\n")
        context._context.ensure_initialized()
        if state["held"] + nbytes > POOL:
            raise errors.ResourceExhaustedError(
                None, None, "{{function_node __wrapped__Fill_device_/job:localhost/replica:0/task:0/device:GPU:0}} OOM when allocating tensor with shape"
                f"[{','.join(map(str, shape))}] and type float on /job:localhost/replica:0/task:0/device:{device} by allocator "
                f"{'GPU_0_bfc' if 'GPU' in device else 'cpu'} [Op:Fill] name: ")
        self.held = nbytes
        state["held"] += nbytes

    def __del__(self):
        state["held"] -= self.held


def zeros(shape, device="GPU:0"):
    return Tensor(shape, device)
