import { BELIEVE_SCRIPT } from "./believe-script.ts";
import { CHECK_SCRIPT } from "./check-script.ts";
import { REPORT_SCRIPT } from "./report-script.ts";

/**
 * Python (standard library only) that knows the environment of a git worktree. As a file beside a project's scripts it
 * is `_skerry_entry.py`: importing it runs the script that imports it in that environment, and run by itself it answers
 * `status` and `verify` without Skerry. Skerry's own `worktree status` and `verify` ask it too, by `-c`. The part that
 * is imported works from Python 2.7 on, so that whatever `python` is first on PATH can find its way; the rest from 3.8.
 */
const ENTER_SCRIPT = String.raw`"""Runs a script in the Python environment of the git worktree that it is in.

As the first line of the script:  if __name__ == "__main__": import _skerry_entry
By itself:                        python _skerry_entry.py status|verify [--json]

It needs nothing but Python. SKERRY_BYPASS=1 leaves the interpreter as it is.
Written by "skerry worktree init --entry SCRIPT", which writes it anew when there is a newer one.
"""
from __future__ import print_function
import os
import sys

PLACES = (".venv", ".pixi/envs/default")


def find_root(folder):
    """The nearest folder with a .git entry; None outside of git."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, last = os.path.dirname(folder), folder
        if folder == last:
            return None
    return folder


def find_environment(root):
    """The prefix of the environment of a worktree, and its interpreter."""
    for place in PLACES if root else ():
        prefix = os.path.join(root, place)
        python = os.path.join(prefix, "bin", "python")
        if os.access(python, os.X_OK):
            return prefix, python
    return None, None


def arguments():
    """What this interpreter was started with, its own options included."""
    if getattr(sys, "orig_argv", None):
        return list(sys.orig_argv[1:])
    try:
        with open("/proc/self/cmdline", "rb") as file:
            words = file.read().split(b"\0")[1:-1]
        return [word if str is bytes else os.fsdecode(word) for word in words]
    except EnvironmentError:
        pass
    letters = (("bytes_warning", "b"), ("dont_write_bytecode", "B"), ("inspect", "i"), ("optimize", "O"), ("isolated", "I"),
               ("ignore_environment", "E"), ("no_user_site", "s"), ("no_site", "S"), ("verbose", "v"))
    found = ["-" + letter * int(getattr(sys.flags, name)) for name, letter in letters if getattr(sys.flags, name, 0)]
    if getattr(sys.stdout, "write_through", False):
        found.append("-u")
    found += ["-W" + each for each in sys.warnoptions]
    options = getattr(sys, "_xoptions", {}).items()
    found += ["-X" + (name if value is True else "%s=%s" % (name, value)) for name, value in options]
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if not spec:
        return found + sys.argv
    name = spec.name[:-9] if spec.name.endswith(".__main__") else spec.name
    return found + ["-m", name] + sys.argv[1:]


def enter():
    """Becomes the interpreter of the worktree, with the same arguments, unless this is it."""
    if os.environ.get("SKERRY_BYPASS"):
        return
    script = getattr(sys.modules["__main__"], "__file__", None) or __file__
    # A script that several worktrees share through a link is run in the one that it was called by.
    called = find_root(os.path.dirname(os.path.abspath(script)))
    prefix, python = find_environment(called)
    if prefix is None:
        prefix, python = find_environment(find_root(os.path.dirname(os.path.realpath(script))))
    if prefix is None or os.path.realpath(sys.prefix) == os.path.realpath(prefix):
        return
    mark = "%d:%s" % (os.getpid(), prefix)
    why = None
    if sys.gettrace() or {"bdb", "pydevd", "coverage"} & set(sys.modules):
        why = "a debugger or tracer is attached, which would be lost"
    elif sys.argv[:1] in (["-"], [""]):
        why = "the program is read from standard input, which can't be read again"
    elif os.environ.get("SKERRY_ENTERED") == mark:
        why = "starting that one led back to this"
    if why:
        sys.exit("error: this is the Python of %s, and the worktree's is %s; %s\n"
                 "  hint: start the script with that interpreter, or set SKERRY_BYPASS=1" % (sys.prefix, python, why))
    path = os.pathsep.join([os.path.join(prefix, "bin"), os.environ.get("PATH", os.defpath)])
    os.environ.update({"SKERRY_ENTERED": mark, "VIRTUAL_ENV": prefix, "PATH": path})
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python] + arguments())


`;

/** All of `_skerry_entry.py`. */
export const ENTRY_SCRIPT = `${ENTER_SCRIPT}${CHECK_SCRIPT}${BELIEVE_SCRIPT}${REPORT_SCRIPT}`;
