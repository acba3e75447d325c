from torch._C import Tensor
from torch.optim.optimizer import Optimizer


class Adam(Optimizer):
    def step(self):
        for p in self.param_groups[0]["params"]:
            if p.grad is not None and p not in self.state:
                self.state[p] = {"step": Tensor((1,)), "exp_avg": Tensor(p.shape, device="cuda"), "exp_avg_sq": Tensor(p.shape, device="cuda")}
