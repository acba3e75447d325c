class OpError(Exception):
    def __init__(self, node_def, op, message, error_code, *args):
        super().__init__()
        self._node_def, self._op, self._message, self._error_code = node_def, op, message, error_code

    @property
    def message(self):
        return self._message

    def __str__(self):
        return self._message


class ResourceExhaustedError(OpError):
    def __init__(self, node_def, op, message, *args):
        super().__init__(node_def, op, message, 8, *args)
