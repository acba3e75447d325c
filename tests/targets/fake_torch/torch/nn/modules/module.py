from torch._C import Tensor


class Parameter(Tensor):
    def __init__(self, *shape):
        super().__init__(shape, requires_grad=True)


class Module:
    def __init__(self):
        self.__dict__.update(_parameters={}, _buffers={}, _modules={})

    def __setattr__(self, name, value):
        kind = "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else None
        (self.__dict__[kind] if kind else self.__dict__)[name] = value

    def __getattr__(self, name):
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(kind, ()):
                return self.__dict__[kind][name]
        raise AttributeError(name)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def parameters(self):
        yield from self._parameters.values()
        for module in self._modules.values():
            yield from module.parameters()

    def _apply(self):
        for module in self._modules.values():
            module._apply()
        for tensor in self._parameters.values():
            if not tensor.is_cuda:
                tensor._move()
        for name, tensor in self._buffers.items():
            self._buffers[name] = tensor.cuda()
        return self

    def cuda(self):
        return self._apply()

    def _call_impl(self, *arguments):
        return self.forward(*arguments)

    def _wrapped_call_impl(self, *arguments):
        return self._call_impl(*arguments)

    __call__ = _wrapped_call_impl
