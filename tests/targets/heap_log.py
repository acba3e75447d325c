"""A handler that keeps what it was told, in case somebody asks."""
import logging


class Keeper(logging.Handler):
    kept = []

    def emit(self, record):
        self.kept.append(self.format(record))  # the leak


log = logging.getLogger("service")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(Keeper())
for i in range(12000):
    log.info("request %d took %s", i, "long " * 800)
