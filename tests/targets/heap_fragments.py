"""Of each 200 blocks one is kept: little lives, and malloc can give nearly nothing back."""


def load(n):
    kept, scratch = [], []
    for i in range(n):
        if i % 200 == 0:
            kept.append(bytearray(3000))  # the leak
        else:
            scratch.append(bytearray(3000))
    return kept


held = [load(40000) for _ in range(10)]
