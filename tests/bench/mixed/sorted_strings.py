import random


def make(n):
    return ["%08d" % (i * 7919 % n) for i in range(n)]  # RIGHT 70


def order(rows):
    rows = sorted(rows, key=lambda row: row[::-1])  # RIGHT 68
    return rows


rows = make(1000000)
random.seed(1)
ordered = order(rows)
