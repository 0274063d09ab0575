# From here on: what is asked of the file by itself.

# The files that "skerry worktree init" takes.
REQUIREMENTS = "@REQUIREMENTS@"


def bytes_of(path):
    """The beginning of a regular file; None where there is none: a pipe would be waited for."""
    import stat
    try:
        with open(path, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
            return file.read(1 << 20) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except EnvironmentError:
        return None


def line_of(path):
    data = bytes_of(path)
    return None if data is None or b"\0" in data else os.fsdecode(data).rstrip("\r\n")


def modules_of(dist):
    """The modules that show whether a distribution can be imported: of each top-level name the shallowest."""
    found = {}
    for path in sorted(str(one) for one in dist.files or []):
        parts = path.split("/")
        stem, dot, rest = parts[-1].partition(".")
        if not dot or rest.split(".")[-1] not in ("py", "so", "pyd"):
            continue
        names = parts[:-1] + ([] if stem == "__init__" else [stem])
        if not names or not all(one.isidentifier() for one in names) or names[0].startswith(("__", "_editable_", "_virtualenv")):
            continue
        if names[0] in ("tests", "test", "docs", "examples", "benchmarks"):
            continue
        best = found.get(names[0])
        if best is None or (len(names), names[-1].startswith("_")) < (len(best), best[-1].startswith("_")):
            found[names[0]] = names
    public = [one for one in found.values() if not one[0].startswith("_")] or list(found.values())
    return [".".join(one) for one in public[:5]]


def project_modules(dist):
    named = (dist.read_text("top_level.txt") or "").split()
    return named or [dist.metadata["Name"].replace("-", "_").replace(".", "_")]


def normal(name):
    import re
    return re.sub(r"[-_.]+", "-", name).lower()


def project_lines(root):
    """What pyproject.toml requires, with its default groups; None where it says nothing, or this Python can't read it."""
    try:
        document = sys.modules["tomllib"].loads(bytes_of(os.path.join(root, "pyproject.toml")).decode())
        lines = document.get("project", {}).get("dependencies")
        groups = document.get("dependency-groups", {})
        wanted = document.get("tool", {}).get("uv", {}).get("default-groups", ["dev"])
        waiting = list(groups) if wanted == "all" else [one for one in wanted if one in groups]
        if lines is None and not groups:
            return None
        lines, seen = list(lines or []), []
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.append(name)
                lines += [one for one in groups[name] if isinstance(one, str)]
                waiting += [one["include-group"] for one in groups[name] if isinstance(one, dict)]
        return lines
    except Exception:
        # What is wrong with the file is for those to tell who install from it.
        return None


def declared_names(root, own, dists):
    """The packages that the project declares, as far as that can be told without Skerry; None: not at all."""
    import re
    lines = None
    files = [one for one in REQUIREMENTS if os.path.isfile(os.path.join(root, one))]
    if own:
        lines = [one for name in own for one in dists[name].requires or []]
    elif not os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        lines = project_lines(root)
        if lines is None and files:
            lines = [one for file in files for one in (line_of(os.path.join(root, file)) or "").splitlines()]
    if lines is None:
        return None
    found = [(re.match(r"[A-Za-z0-9][\w.-]*", one.strip()), ";" in one) for one in lines]
    names = {normal(one.group()) for one, marked in found if one and (not marked or normal(one.group()) in dists)}
    return sorted(names)


def check(ask):
    """In the environment's interpreter: what it is and what of these packages can be imported. Prints lines of JSON."""
    try:
        # For project_lines: where Python lacks it, a project's own would be found once its folders are on the path.
        import tomllib  # noqa: F401
    except ImportError:
        pass
    start_site()
    import importlib
    import importlib.metadata as metadata
    import importlib.util
    import json
    import site
    import urllib.parse
    import urllib.request

    def say(**line):
        os.write(1, (json.dumps(line) + "\n").encode())

    root = ask["root"]
    dists = {}
    for dist in metadata.distributions():
        name = dist.metadata["Name"]
        if name:
            dists.setdefault(normal(name), dist)
    editables = []
    for name, dist in dists.items():
        told = json.loads(dist.read_text("direct_url.json") or "{}")
        if told.get("dir_info", {}).get("editable"):
            path = urllib.request.url2pathname(urllib.parse.urlparse(told["url"]).path)
            editables.append({"name": name, "path": path, "own": within(path, root)})
    own = [one["name"] for one in editables if one["own"]]
    base = [sys.base_prefix, sys.prefix, root]
    layer = os.path.join(site.getsitepackages()[0], "_skerry-layer")
    if os.path.lexists(layer):
        base.append(os.path.realpath(layer))
    paths = [one["path"] for one in editables]
    foreign = [one for one in sys.path if one and os.path.exists(one) and not any(within(one, each) for each in base + paths)]
    names = ask.get("names")
    if names is None:
        names = declared_names(root, own, dists)
    say(python={"version": sys.version.split()[0], "executable": sys.executable, "prefix": sys.prefix,
                "base": sys.base_prefix, "system": any(within(one, sys.base_prefix) and "site-packages" in one for one in sys.path)},
        editables=editables, foreign=foreign, declared=names is not None)
    for name in list(own) + [one for one in names or [] if one not in own]:
        dist = dists.get(name)
        if dist is None:
            say(package=name, version=None, own=False, problem="it isn't installed")
            continue
        version = dist.metadata["Version"]
        is_own = name in own
        is_editable = any(one["name"] == name for one in editables)
        say(trying=name)
        problem = place = None
        for module in project_modules(dist) if is_editable else modules_of(dist):
            try:
                if ask.get("import"):
                    importlib.import_module(module)
                    place = getattr(sys.modules[module], "__file__", None) or place
                else:
                    spec = importlib.util.find_spec(module.split(".")[0])
                    if spec is None:
                        raise ImportError("its module %s isn't there" % module)
                    place = spec.origin or place
            except BaseException as error:
                problem = "%s: %s" % (type(error).__name__, error) if str(error) and not isinstance(error, ImportError) else str(error) or type(error).__name__
                break
        say(package=name, version=version, own=is_own, problem=problem, file=place)
