"""As much of JAX as a program needs that runs out of a card's memory: the modules, figures and texts are where and as JAX has them; an array is
nothing but its size. The pool is three quarters of a card of 8 GiB, taken at the first operation."""
__version__ = "0.11.2"

from jax import errors as errors
from jax import numpy as numpy


def devices():
    from jax._src import xla_bridge
    return xla_bridge.backend().local_devices()
