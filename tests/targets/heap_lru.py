"""functools.lru_cache without a bound."""
import functools


@functools.lru_cache(maxsize=None)
def squares(n):
    return tuple(i * i + n for i in range(500))  # the leak


for request in range(4000):
    squares(request)
    sum([[i] for i in range(100)], [])
