"""LogFile: a report as messages of a logger."""
import logging
import re

FIGURE = re.compile(r"(-?\d+(?:\.\d+)?) MiB")


class LogFile:
    """A stream whose text goes to the logger `name`; reportIncrementFlag: of the rows only those whose memory grew."""

    def __init__(self, name=None, reportIncrementFlag=False):
        self.logger = logging.getLogger(name)
        self.reportIncrementFlag = reportIncrementFlag

    def write(self, msg, level=logging.INFO):
        if not self.reportIncrementFlag or self._tells(msg):
            self.logger.log(level, msg)

    @staticmethod
    def _tells(msg):
        figures = FIGURE.findall(msg)
        if len(figures) > 1:
            return float(figures[1]) > 0
        return "Filename:" in msg or "Line Contents" in msg

    def flush(self):
        for handler in self.logger.handlers:
            handler.flush()
