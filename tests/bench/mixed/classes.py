from dataclasses import dataclass


@dataclass
class Event:
    number: int
    weight: float
    label: str


def read(n):
    events = []
    for i in range(n):
        label = "event %d" % i
        events.append(Event(i, i / 3, label))  # RIGHT 60
    return events


events = read(200000)
