from torch._C import Tensor
from torch.nn.modules.module import Module, Parameter


class Linear(Module):
    def __init__(self, columns, rows, device=None):
        super().__init__()
        self.weight, self.bias = Parameter(rows, columns), Parameter(rows)
        if device:
            self.cuda()

    def forward(self, x):
        return Tensor((x.shape[0], self.weight.shape[0]), device="cuda", parents=(x, self.weight, self.bias))


class BatchNorm1d(Module):
    def __init__(self, columns):
        super().__init__()
        self.weight, self.bias = Parameter(columns), Parameter(columns)
        self.register_buffer("running_mean", Tensor((columns,)))
        self.register_buffer("running_var", Tensor((columns,)))

    def forward(self, x):
        return Tensor(x.shape, device="cuda", parents=(x, self.weight, self.bias))
