# RUN -C
import os

base = [bytearray(1 << 20) for _ in range(50)]  # RIGHT 50


def child():
    more = []
    for _ in range(60):
        more.append(bytearray(1 << 20))  # RIGHT 120
    return more


for _ in range(2):
    pid = os.fork()
    if pid == 0:
        child()
        os._exit(0)
    os.waitpid(pid, 0)
