"""Generators that are begun and kept, each with what it had read until then."""


def rows(n):
    table = [(i, str(i) * 4) for i in range(n)]  # the leak
    yield from table


pending = []
for i in range(60):
    generator = rows(10000)
    next(generator)
    pending.append(generator)
    sum(len(text) for _, text in rows(10000))
