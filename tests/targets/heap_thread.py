"""Threads of a pool that never ends: what each keeps for itself grows with each task."""
import threading

own = threading.local()
done = threading.Barrier(5)


def task(i):
    if not hasattr(own, "seen"):
        own.seen = []
    own.seen.append(bytearray(2000 + i % 7))  # the leak
    return [bytes(100) for _ in range(20)]


def work():
    for i in range(8000):
        task(i)
    done.wait()
    done.wait()


for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
done.wait()
