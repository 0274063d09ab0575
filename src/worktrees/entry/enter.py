"""Runs a script in the Python environment of the git worktree that it is in.

As the first line of the script:  if __name__ == "__main__": import _skerry_entry
By itself:                        python _skerry_entry.py status|verify [--json]

It needs nothing but Python. SKERRY_BYPASS=1 leaves the interpreter as it is.
Written by "skerry worktree init --entry SCRIPT", which writes it anew when there is a newer one.
"""
from __future__ import print_function
import os
import sys

# Where the environment of a folder lies, and the link to it in the state folder.
PLACES = ((".venv", "venv"), (".pixi/envs/default", "pixi"))


def find_root(folder):
    """The nearest folder with a .git entry; None outside of git."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, last = os.path.dirname(folder), folder
        if folder == last:
            return None
    return folder


def is_root(folder):
    """Whether a repository begins here."""
    git = os.path.join(folder, ".git")
    return os.path.isfile(git) or os.path.exists(os.path.join(git, "HEAD"))


def folders_of(folder):
    """The folders that count for this one, the nearest first."""
    home, user = os.path.expanduser("~"), os.geteuid()

    def is_home(one):
        return os.path.exists(home) and os.path.samefile(one, home)

    while True:
        yield folder
        above = os.path.dirname(folder)
        if is_root(folder) or above == folder or is_home(folder):
            return
        here, there = os.stat(folder), os.stat(above)
        if there.st_mode & 0o1000 or here.st_uid == user != there.st_uid or (is_home(above) and not is_root(above)):
            return
        folder = above


def interpreter_in(prefix):
    python = os.path.join(prefix, "bin", "python")
    return python if os.access(python, os.X_OK) else None


def find_prefix(root):
    """What stands for an environment in the root of a worktree, whatever it is, and its interpreter."""
    for place, _ in PLACES if root else ():
        prefix = os.path.join(root, place)
        python = interpreter_in(prefix)
        if python:
            return prefix, python
    return None, None


def made_at(prefix, link):
    """What has to be the prefix of an environment so that it is no other's; None for what is none of Skerry's."""
    import json
    try:
        with open(os.path.join(prefix, "skerry.json")) as file:
            pointer = json.loads(file.read(65536))
        place = pointer["place"]
        if os.path.basename(place) != pointer["id"]:
            return None
        if os.path.isdir(place):
            return os.path.join(place, link)
        # Where Skerry is gone, a full environment works on.
        return None if os.path.isdir(os.path.dirname(os.path.dirname(place))) else os.path.join(pointer["prefix"], "")
    except (EnvironmentError, RuntimeError, ValueError, TypeError, KeyError, AttributeError):
        return None


def find_environment(folder):
    """The prefix of the environment that a folder has, None for none, and its interpreter: what "skerry show ." says."""
    for each in folders_of(folder):
        for place, link in PLACES:
            prefix = os.path.join(os.path.realpath(each), place)
            made = made_at(prefix, link) if os.path.isfile(os.path.join(prefix, "skerry.json")) else None
            if made is None:
                continue
            is_own = os.path.exists(made) and os.path.samefile(made, prefix) and not os.path.islink(prefix)
            if not is_own or os.lstat(prefix).st_uid != os.geteuid():
                sys.stderr.write("warning: %s was moved or copied, and is not used\n"
                                 "  hint: skerry show . says why, skerry worktree init makes one\n" % plain(prefix))
                return "", None
            return prefix, interpreter_in(prefix)
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


def plain(text):
    """The same without what would steer a terminal."""
    if not hasattr(text, "isprintable"):
        return repr(text)[1:-1]
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)


def enter():
    """Becomes the interpreter of the worktree, with the same arguments, unless this is it."""
    if os.environ.get("SKERRY_BYPASS"):
        return
    script = getattr(sys.modules["__main__"], "__file__", None) or __file__
    # A script that several worktrees share through a link is run in the one that it was called by.
    prefix, python = find_environment(os.path.dirname(os.path.abspath(script)))
    if prefix is None:
        prefix, python = find_environment(os.path.dirname(os.path.realpath(script)))
    if not python or os.path.realpath(sys.prefix) == os.path.realpath(prefix):
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
                 "  hint: start the script with that interpreter, or set SKERRY_BYPASS=1" % (plain(sys.prefix), plain(python), why))
    path = os.pathsep.join([os.path.join(prefix, "bin"), os.environ.get("PATH", os.defpath)])
    os.environ.update({"SKERRY_ENTERED": mark, "VIRTUAL_ENV": prefix, "PATH": path})
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python] + arguments())
