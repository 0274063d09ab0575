import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
import json
import os

def answer(facts):
    sys.stdout.write("\n" + "@MARK@" + json.dumps(facts) + "\n")
    sys.stdout.flush()
    sys.exit(0)

info = list(sys.version_info)
name = getattr(getattr(sys, "implementation", None), "name", "cpython")
old = {"versionInfo": info[:3], "releaseLevel": info[3], "serial": info[4], "implementation": name}
if info[:2] < [3, 8]:
    answer(old)

import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES

def base_of(executable):
    """The pyvenv.cfg that rules this executable, as (prefix, its keys), else (None, {})."""
    folder = os.path.dirname(executable)
    for prefix in (folder, os.path.dirname(folder)):
        try:
            with open(os.path.join(prefix, "pyvenv.cfg"), encoding="utf-8") as lines:
                pairs = [line.split("=", 1) for line in lines if "=" in line]
        except OSError:
            continue
        keys = {key.strip().lower(): value.strip() for key, value in pairs}
        if "home" in keys:
            return prefix, keys
    return None, {}

schemes = sysconfig.get_scheme_names()
default = "posix_prefix" if name == "cpython" or "pypy" not in schemes else "pypy"
executable = os.path.abspath(sys.executable)
venv, keys = base_of(executable)
base_prefix, base_exec_prefix = sys.base_prefix, sys.base_exec_prefix

def path_of(kind, scheme, prefix, exec_prefix):
    where = {"base": prefix, "installed_base": prefix, "platbase": exec_prefix, "installed_platbase": exec_prefix}
    return sysconfig.get_path(kind, scheme, where)

stdlib = path_of("stdlib", default, base_prefix, base_exec_prefix)
base = getattr(sys, "_base_executable", None) or executable
def step(link):
    return os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))

if venv and base == executable:
    home = keys["home"]
    for _ in range(40):
        if os.path.dirname(base) == home or not os.path.islink(base):
            break
        base = step(base)
    if os.path.dirname(base) != home:
        kind = "pypy" if name == "pypy" else "python"
        names = [os.path.basename(executable), kind + "%d.%d" % tuple(info[:2]), kind + "3", kind]
        base = ([p for p in (os.path.join(home, n) for n in names) if os.access(p, os.X_OK)] or [base])[0]

# A link from elsewhere (/usr/local/bin/python3.12 to /opt/x/bin/python3.12) is no home to find the library from.
if name == "cpython" and not getattr(sys, "_framework", ""):
    inner = os.path.join(os.path.relpath(stdlib, base_prefix), "os.py")
    for _ in range(40):
        if os.path.isfile(os.path.join(os.path.dirname(os.path.dirname(base)), inner)) or not os.path.islink(base):
            break
        base = step(base)

# /usr/bin/python3 is another Python after an upgrade of the system; /usr/bin/python3.12 isn't.
flags = getattr(sys, "abiflags", "")
for spelling in ("python%d.%d" + flags, "python%d.%d", "pypy%d.%d"):
    versioned = os.path.join(os.path.dirname(base), spelling % tuple(info[:2]))
    if os.path.exists(versioned) and os.path.exists(base) and os.path.samefile(versioned, base):
        base = versioned
        break

inside = path_of("purelib", "venv" if "venv" in schemes else default, "/prefix", "/prefix")
site_packages = os.path.relpath(inside, "/prefix")

if venv:
    packages = [os.path.join(venv, site_packages)]
else:
    import site
    packages = site.getsitepackages()
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, ValueError, OSError):
    libc = ""

tag = sys.implementation.cache_tag or "%s-%d%d" % (name, info[0], info[1])
suffix = [s for s in EXTENSION_SUFFIXES if s.count(".") > 1] or EXTENSION_SUFFIXES
soabi = suffix[0].strip(".").rsplit(".", 1)[0]
if name == "pypy":
    tag = "-".join(soabi.split("-")[:2])
elif "t" in flags and not tag.endswith("t"):
    tag += "t"

old.update({
    "abi": tag,
    "soabi": soabi,
    "freeThreaded": "t" in flags,
    "platform": sysconfig.get_platform(),
    "libc": libc,
    "prefix": venv or base_prefix,
    "execPrefix": venv or base_exec_prefix,
    "basePrefix": base_prefix,
    "baseExecPrefix": base_exec_prefix,
    "baseExecutable": base,
    "stdlib": stdlib,
    "stdlibPlat": path_of("platstdlib", default, base_prefix, base_exec_prefix),
    "isVenv": venv is not None,
    "sitePackages": site_packages,
    "externallyManaged": venv is None and os.path.exists(os.path.join(stdlib, "EXTERNALLY-MANAGED")),
    "hasPip": any(os.path.isdir(os.path.join(p, "pip")) for p in packages),
    "hasEnsurepip": os.path.isfile(os.path.join(stdlib, "ensurepip", "__init__.py")),
    "pointerBits": 64 if sys.maxsize > 2 ** 32 else 32,
})
answer(old)
