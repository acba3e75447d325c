class Context:
    _context_handle = None

    def ensure_initialized(self):
        self._context_handle = "handle"


_context = Context()
