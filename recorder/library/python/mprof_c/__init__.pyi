"""Memory is in MiB (2**20 bytes), time in seconds."""
import os
import subprocess
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any, Callable, Dict, List, Optional, Sequence, TextIO, Tuple, Type, TypeVar, Union, overload

__all__: List[str]
__version__: str

_Path = Union[str, "os.PathLike[str]"]
_T = TypeVar("_T")

class Samples(Sequence[Tuple[float, float]]):
    """(seconds since the start, MiB) each; also a buffer of (n, 2) doubles."""
    @overload
    def __getitem__(self, at: int) -> Tuple[float, float]: ...
    @overload
    def __getitem__(self, at: slice) -> List[Tuple[float, float]]: ...
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int) -> memoryview: ...

class record:
    def __init__(self, interval: float = ..., *, path: Optional[_Path] = ..., metric: str = ...,
                 include_children: bool = ..., most: Optional[int] = ..., bound: str = ...,
                 reset_peak: Optional[bool] = ...) -> None: ...
    def start(self: _T) -> _T: ...
    def stop(self) -> None: ...
    def __enter__(self: _T) -> _T: ...
    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def peak(self) -> float:
        """MiB; exact when `exact` is, else a lower bound."""
    @property
    def exact(self) -> bool: ...
    @property
    def baseline(self) -> float:
        """MiB"""
    @property
    def increment(self) -> float:
        """MiB"""
    @property
    def start_time(self) -> float:
        """seconds since the epoch"""
    @property
    def seconds(self) -> float: ...
    @property
    def missed(self) -> int:
        """ticks"""
    @property
    def running(self) -> bool: ...
    def save(self, path: _Path) -> None: ...
    def plot(self, path: Optional[_Path] = ..., *options: str) -> None: ...
    def _repr_svg_(self) -> Optional[str]: ...
    def _repr_html_(self) -> Optional[str]: ...
    def _repr_mimebundle_(self, include: Optional[Sequence[str]] = ..., exclude: Optional[Sequence[str]] = ...) \
        -> Tuple[Dict[str, Any], Dict[str, Any]]: ...

class call(ContextDecorator):
    name: str
    def __init__(self, name: str) -> None: ...
    def __enter__(self: _T) -> _T: ...
    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None: ...

def rss() -> float:
    """MiB"""
def peak() -> float:
    """MiB; ru_maxrss"""
def reset_peak() -> None: ...
def mark(label: str) -> None: ...
def memory_usage(proc: Union[int, str, "subprocess.Popen[Any]", Callable[..., Any], Sequence[Any]] = ...,
                 interval: float = ..., timeout: Optional[float] = ..., timestamps: bool = ...,
                 include_children: bool = ..., multiprocess: bool = ..., max_usage: bool = ..., retval: bool = ...,
                 stream: Optional[TextIO] = ..., backend: Optional[str] = ...,
                 max_iterations: Optional[int] = ...) -> Any:
    """MiB"""
def load_ipython_extension(shell: Any) -> None: ...
