def build(n):
    squares = [i * i + 1000 for i in range(n)]  # RIGHT 56
    names = {i: "name %d" % i for i in range(n // 2)}  # RIGHT 105
    return squares, names


kept = build(1500000)
