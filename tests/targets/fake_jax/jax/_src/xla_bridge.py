import os

from jax.errors import JaxRuntimeError

MIB = 1 << 20
_backends = {}


class Device:
    platform, id = "gpu", 0

    def __init__(self):
        self.in_use, self.limit = 0, 6144 * MIB
        path = os.environ["MPROF_MOCK_NVML"]
        with open(path, "w") as text:
            text.write(f"device 0 8192 {6144 + 300 + 9} Pretended Card\nprocess 0 c {os.getpid()} {6144 + 300}\n")

    def memory_stats(self):
        return dict(bytes_in_use=self.in_use, bytes_limit=self.limit, pool_bytes=self.limit, largest_alloc_size=0)

    def allocate(self, size):
        if self.in_use + size > self.limit:
            self.nbytes = 0
            raise JaxRuntimeError(f"RESOURCE_EXHAUSTED: Out of memory while trying to allocate {size / 2**30:.2f}GiB with allocator GPU_0_bfc on "
                                  "device 0. [executable_name='jit_broadcast_in_dim'] [tf-allocator-allocation-error='']")
        self.in_use += size


class Client:
    def __init__(self, *devices):
        self.of = devices

    def local_devices(self):
        return list(self.of)


def backend():
    if not _backends:
        _backends.update(cpu=Client(), cuda=Client(Device()))
    return _backends["cuda"]
