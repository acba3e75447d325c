import json


def make(n):
    return "[%s]" % ",".join('{"id": %d, "name": "user %d"}' % (i, i) for i in range(n))


text = make(300000)  # RIGHT 0.1
rows = json.loads(text)  # RIGHT 115
