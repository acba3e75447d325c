"""Threads that stand at known places. Writes what sys._current_frames says of them, by the
kernel's number, as JSON to argv[1], prints "ready", and keeps standing."""
import json
import sys
import threading
import time

stand = threading.Event()
ready = []


class Deep:
    def méthode(self, n):
        if n:
            return self.méthode(n - 1)
        ready.append(1)
        stand.wait()


def generator():
    ready.append(1)
    yield stand.wait()


def uses_generator():
    for _ in generator():
        pass


def comprehension():
    return [(ready.append(1), stand.wait()) for _ in range(1)]


def over_lines():
    (lambda q: (
        ready.append(1),
        stand.wait()))(0)


def 日本語():
    x = 1

    ready.append(x)
    with threading.Lock():
        try:
            raise KeyError
        except KeyError:
            stand.wait(
                timeout=None
            )
        finally:
            x = 2


def from_c():
    sorted([3, 1, 2], key=lambda k: (ready.append(1), stand.wait(), k)[2])


def executed():
    exec(compile("def made():\n  ready.append(1)\n\n  stand.wait()\nmade()\n", "<made here>", "exec"),
         globals())


def truth():
    numbers = {t.ident: t.native_id for t in threading.enumerate()}
    stacks = {}
    for ident, frame in sys._current_frames().items():
        places = []
        while frame and ident != threading.get_ident():
            code = frame.f_code
            places.append("%s:%d %s" % (code.co_filename, frame.f_lineno or 0,
                                        getattr(code, "co_qualname", code.co_name)))
            frame = frame.f_back
        if places:
            stacks[numbers[ident]] = places
    return stacks


works = [lambda: Deep().méthode(5), uses_generator, comprehension, over_lines, 日本語, from_c,
         executed, *[lambda: Deep().méthode(150)] * 9]
threads = [threading.Thread(target=work, daemon=True) for work in works]
for thread in threads:
    thread.start()
while len(ready) < len(threads):
    time.sleep(0.01)
time.sleep(0.2)
with open(sys.argv[1], "w") as file:
    json.dump(truth(), file)
print("ready", flush=True)
time.sleep(60)
