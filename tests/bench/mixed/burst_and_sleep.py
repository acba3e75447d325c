import time

kept = []


def fill(n):
    for _ in range(n):
        kept.append(bytearray(3 << 20))  # RIGHT 90
        time.sleep(0.02)


fill(30)
