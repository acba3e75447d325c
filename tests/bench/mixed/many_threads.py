import threading
import time

kept = []


def beat(stop):
    n = 0
    while not stop.is_set():
        n += sum(range(200))


def work(i):
    for _ in range(10):
        kept.append(bytes(1 << 20) + b"x")  # RIGHT 80
        time.sleep(0.005)


stop = threading.Event()
beating = threading.Thread(target=beat, args=(stop,))
beating.start()
workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
stop.set()
beating.join()
