import threading
import time
import zlib

BLOB = zlib.compress(bytes(32 << 20), 1)
kept = []


def unpack():
    for _ in range(4):
        kept.append(zlib.decompress(BLOB))  # RIGHT 128


def count(thread):
    n = 0
    while thread.is_alive():
        n = (n * 31 + 7) % 1000003
    return n


thread = threading.Thread(target=unpack)
thread.start()
count(thread)
time.sleep(0.05)
