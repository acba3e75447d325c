state = {}


def TFE_GetMemoryInfo(handle, device):
    assert handle == "handle" and device == "GPU:0"
    return dict(current=state["held"], peak=state["held"])
