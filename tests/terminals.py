"""Pseudo-terminals; a test that wants one is skipped where there are none, as in a root without /dev/pts."""
import os
import pty
import unittest


def or_skip(make):
    try:
        return make()
    except OSError as error:
        raise unittest.SkipTest(f"no pseudo-terminal here: {error}") from error


def open_pair():
    """The leader's and the follower's descriptor."""
    return or_skip(pty.openpty)


def fork():
    """A child on a terminal of its own: its number, and the leader's descriptor; in the child 0."""
    return or_skip(pty.fork)


def need():
    for fd in open_pair():
        os.close(fd)
