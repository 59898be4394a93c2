"""The machine's Chromium."""

import shutil

WINDOWLESS = "chromium-headless-shell"
FULL = "chromium", "chromium-browser"


def find_chromium(*, full: bool = False) -> str | None:
    """Return the program of Chromium, or None.

    Parameters
    ----------
    full : bool
        Prefer the browser that people use, as measurements do. Tests prefer the one without a window: it is the same
        engine, and opens a page in half of the CPU time.
    """
    names = (*FULL, WINDOWLESS) if full else (WINDOWLESS, *FULL)
    return next(filter(None, map(shutil.which, names)), None)
