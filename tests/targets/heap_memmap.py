"""A scan of a mapped file, whose pages are nobody's heap; what it finds is kept."""
import mmap
import tempfile


def scan(data):
    found = []
    for at in range(0, len(data), 8192):
        found.append(data[at : at + 4096])  # the leak
    return found


with tempfile.TemporaryFile() as file:
    file.truncate(128 << 20)
    with mmap.mmap(file.fileno(), 0) as mapped:
        held = scan(mapped)
