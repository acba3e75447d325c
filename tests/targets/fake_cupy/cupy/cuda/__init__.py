from cupy.cuda import memory as memory
