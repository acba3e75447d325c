from collections import defaultdict


class Optimizer:
    def __init__(self, parameters, lr=0.1):
        self.state, self.param_groups = defaultdict(dict), [{"params": list(parameters)}]

    def zero_grad(self):
        for p in self.param_groups[0]["params"]:
            p.grad = None
