import re

LINE = re.compile(r"(\w+)=(\w+) (\w+)=(\w+)")


def read(n):
    found = []
    for i in range(n):
        text = "user=u%d group=g%d" % (i, i)
        found.append(LINE.findall(text))  # RIGHT 111
    return found


rows = read(200000)
