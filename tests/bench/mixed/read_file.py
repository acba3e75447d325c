import tempfile


def write(path, mib):
    with open(path, "wb") as file:
        for _ in range(mib):
            file.write(bytes(1 << 20))


def read(path):
    with open(path, "rb") as file:
        return file.read()  # RIGHT 100


with tempfile.NamedTemporaryFile() as file:
    write(file.name, 100)
    whole = read(file.name)
