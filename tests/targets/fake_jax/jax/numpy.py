from jax._src import xla_bridge


class Array:
    def __init__(self, nbytes):
        self.device, self.nbytes = xla_bridge.backend().local_devices()[0], nbytes
        self.device.allocate(nbytes)

    def __del__(self):
        self.device.in_use -= self.nbytes


def zeros(count, dtype="float32"):
    return Array(count * (1 if dtype == "uint8" else 4))
