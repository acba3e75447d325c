"""A cache that nothing is ever taken out of, beside an export that is given back whole."""
cache = {}


def look_up(key):
    if key not in cache:
        cache[key] = [f"{key}/{n}" for n in range(20)]  # the leak
    return cache[key]


def export(n):
    return [{"id": i, "text": "x" * 100} for i in range(n)]


for day in range(8):
    for key in range(4000):
        look_up((day, key))
    export(50000)
