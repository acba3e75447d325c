"""Recordings as pictures, and what a notebook is handed of them."""
import base64
import html
import os
import subprocess
import sys
import tempfile

from ._plotter import find_plotter

WIDTH, HEIGHT = 900, 340  # CSS pixels: what a notebook has room for


def draw(recorder, *options):
    """What `mprof-c plot` writes to standard output, as bytes. RuntimeError, OSError."""
    with tempfile.TemporaryDirectory(prefix="mprof-c-") as folder:
        recording = os.path.join(folder, "recording.dat")
        recorder.save(os.fsencode(recording))
        done = subprocess.run([*find_plotter(), "plot", "-o", "-", *options, "--", recording], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace").strip() or f"the plotter ended with status {done.returncode}")
    return done.stdout


def svg(recorder, title="", *options):
    return draw(recorder, "-b", "svg", "-t", title, "--size", f"{WIDTH}x{HEIGHT}", *options).decode()


def png(recorder, title=""):
    """Twice as fine as it is shown."""
    return draw(recorder, "-b", "png", "-t", title, "--size", f"{2 * WIDTH}x{2 * HEIGHT}", "--dpi", "192")


def characters(recorder, title=""):
    return draw(recorder, "-b", "term", "-t", title, "--size", "100x18").decode().rstrip("\n")


def image(drawn, says):
    """An SVG as an element of HTML that no other one can get into the way of."""
    encoded = base64.b64encode(drawn.encode()).decode()
    return (f'<img alt="{html.escape(says)}" width="{WIDTH}" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{encoded}">')


def sentence(told):
    """Of a summary: the peak, and how it is known."""
    known = "exact" if told["exact"] else "at least, from samples"
    return (f"peak {told['peak']:.1f} MiB ({known}), {told['peak'] - told['baseline']:.1f} MiB above what was held at the "
            f"start, in {told['seconds']:.3g} s")


def markup(recorder, title="", below=""):
    """The sentence, the picture, and what stands below it."""
    says = sentence(recorder.summary())
    try:
        shown = image(svg(recorder, title), says)
    except (OSError, RuntimeError) as error:
        shown = f"<p>no picture: {html.escape(str(error))}</p>"
    return f"<div><p>{html.escape(says)}</p>{shown}{below}</div>"


def makers(recorder, title="", below=""):
    """{type: what makes it}"""
    return {"text/html": lambda: markup(recorder, title, below), "image/svg+xml": lambda: svg(recorder, title),
            "image/png": lambda: png(recorder, title)}


def wanted_here():
    """The types that IPython shows here; None: it does not say."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(getattr(shell, "display_formatter", None), "active_types", None)


def bundle(makers, include=None, exclude=None):
    """What _repr_mimebundle_ returns, of the types that are wanted; a picture that cannot be drawn is left out."""
    data, active = {}, wanted_here()
    for kind, make in makers.items():
        if (include and kind not in include) or (exclude and kind in exclude) or (active and kind not in active):
            continue
        try:
            data[kind] = make()
        except (OSError, RuntimeError):
            continue
    size = {"image/png": {"width": WIDTH, "height": HEIGHT}} if "image/png" in data else {}
    return data, size


def show(recorder, options):
    """In a notebook: the picture, drawn with these options. False: this is none."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if getattr(shell, "kernel", None) is None:
        return False
    from IPython.display import SVG, display
    display(SVG(svg(recorder, "", *options)))
    return True
