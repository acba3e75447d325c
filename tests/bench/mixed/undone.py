import time


def temporary():
    return len(bytearray(80 << 20))  # RIGHT 80


def kept_on():
    return [bytearray(1 << 20) for _ in range(60)]  # RIGHT 60


def wait():
    time.sleep(0.1)


temporary()
wait()
held = kept_on()
wait()
