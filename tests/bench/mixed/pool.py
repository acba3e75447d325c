from concurrent.futures import ThreadPoolExecutor


def load(n):
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(bytearray, [6 << 20] * n))  # RIGHT 144


kept = load(24)
