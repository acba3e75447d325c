import os

MIB = 1 << 20


class OutOfMemoryError(MemoryError):
    def __init__(self, size, total, limit=0):
        self._size, self._total, self._limit = size, total, limit
        super().__init__(f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes).")


class MemoryPool:
    def __init__(self):
        self.used = self.total = 0

    def malloc(self, size):
        if size > self.total - self.used:
            if self.used + size > 7800 * MIB:
                raise OutOfMemoryError(size, self.total)
            self.total = self.used + size
            held = 300 + self.total // MIB
            with open(os.environ["MPROF_MOCK_NVML"], "w") as text:
                text.write(f"device 0 8192 {held + 9} Pretended Card\nprocess 0 c {os.getpid()} {held}\n")
        self.used += size

    def used_bytes(self):
        return self.used

    def total_bytes(self):
        return self.total

    def get_limit(self):
        return 0
