from torch.nn.modules.module import Module, Parameter
from torch.nn.modules.linear import BatchNorm1d, Linear
from torch.nn.modules.container import Sequential
