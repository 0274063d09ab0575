def project_name(root):
    """As pyproject.toml names the project; None where it doesn't."""
    import re
    table = re.search(r"(?ms)^\[project\]\s*$(.*?)(?=^\[|\Z)", line_of(os.path.join(root, "pyproject.toml")) or "")
    name = re.search(r"(?m)^name\s*=\s*[\"']([^\"']+)", table.group(1)) if table else None
    return re.sub(r"[-_.]+", "-", name.group(1)).lower() if name else None


def within(path, folder):
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder + os.sep)


def ask_python(python, request, source):
    """Runs check() in an interpreter; what dies while it is imported is told as its problem."""
    import json
    import subprocess
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    command = [python, "-I", "-S", "-B"] + (["-c", source] if source else [os.path.abspath(__file__)]) + ["_check", json.dumps(request)]
    child = subprocess.Popen(command, cwd="/", env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    answer, packages, trying = {}, [], None
    try:
        output, _ = child.communicate(timeout=request.get("timeout", 300))
        end = "it ended Python with %s" % child.returncode
    except subprocess.TimeoutExpired:
        child.kill()
        output, _ = child.communicate()
        end = "it took too long"
    for raw in output.decode("utf-8", "replace").splitlines():
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        if not isinstance(line, dict):
            continue
        if "trying" in line:
            trying = line["trying"]
        elif "package" in line:
            packages.append(line)
            trying = None
        elif "python" in line:
            answer = line
    if trying:
        packages.append({"package": trying, "version": None, "own": False, "problem": end, "file": None})
    if not answer:
        return None
    return dict(answer, packages=packages)


def report(root, environ, names, importing, source=None):
    """Everything that status and verify tell of a worktree."""
    about = describe(root)
    prefix, python = find_prefix(root)
    request = {"root": root, "names": names, "import": importing}
    found = ask_python(python, request, source) if python else None
    checks = []

    def note(name, problem, repair):
        checks.append({"check": name, "ok": problem is None, "problem": problem, "repair": repair if problem else None})

    again = "skerry worktree init"
    note("environment", None if python else "the worktree has no environment of its own", again)
    if python:
        note("interpreter", None if found else "%s fails as it starts" % python, again + " --force")
    if found:
        told = found["python"]
        wrong = None if os.path.realpath(told["prefix"]) == os.path.realpath(prefix) else "it is the Python of %s" % told["prefix"]
        note("prefix", wrong, again + " --force")
        note("apart", "packages of the interpreter's own installation are seen" if told["system"] else None, again + " --force")
        for one in found["foreign"]:
            note("path", "sys.path leads out of the worktree, to %s" % one, "remove the .pth file that names it, or " + again + " --force")
        for one in found["editables"]:
            wrong = None
            if not one["own"] and any(within(one["path"], each) for each in about["siblings"]):
                wrong = "it is imported from another worktree, %s" % one["path"]
            elif not one["own"] and one["name"] == project_name(root):
                wrong = "it is imported from %s, outside of the worktree" % one["path"]
            note("source of " + one["name"], wrong, again + " --force")
        for one in found["packages"]:
            problem = one["problem"]
            if not problem and one["own"] and one["file"] and not within(one["file"], root):
                problem = "it is imported from %s, outside of the worktree" % one["file"]
            note("import " + one["package"], problem, "skerry install . " + one["package"] if one["version"] is None else again + (" --force" if one["own"] else ""))
    active = environ.get("VIRTUAL_ENV")
    if active and prefix:
        wrong = None if os.path.realpath(active) == os.path.realpath(prefix) else "VIRTUAL_ENV names another environment, %s" % active
        note("VIRTUAL_ENV", wrong, "deactivate, or unset VIRTUAL_ENV")
    for name in ("PYTHONPATH", "PYTHONHOME"):
        outside = [one for one in environ.get(name, "").split(os.pathsep) if one and not within(one, root)]
        if outside:
            note(name, "%s leads Python out of the worktree, to %s" % (name, outside[0]), "unset " + name)
    return {"about": about, "prefix": prefix, "executable": python, "found": found, "checks": checks}


def tell(verb, result):
    def say(text):
        print(plain(text))

    about, found, checks = result["about"], result["found"], result["checks"]
    wrong = [one for one in checks if not one["ok"]]
    packages = [one for one in (found or {}).get("packages", []) if not one["own"]]
    if verb == "verify":
        for one in checks:
            say("%s  %s%s" % ("ok  " if one["ok"] else "FAIL", one["check"], ": " + one["problem"] if one["problem"] else ""))
            if one["repair"]:
                say("      repair: " + one["repair"])
        if found and not found["declared"]:
            say("      no package was imported: which are declared isn't known without Skerry")
        return
    good = [one["package"] for one in packages if not one["problem"]]
    rows = [("Repository", about["repository"]), ("Worktree", "%s (%s)" % (about["worktree"], about["kind"]))]
    executable = os.path.relpath(result["executable"], about["root"]) if result["executable"] else ""
    rows.append(("Python", "%s  %s" % (found["python"]["version"], executable) if found else "none of its own"))
    isolated = [one for one in wrong if not one["check"].startswith("import ")]
    rows.append(("Isolated", "yes" if not isolated else "no: " + "; ".join(one["problem"] for one in isolated)))
    if found and not found["declared"]:
        rows.append(("Packages", "not known without Skerry"))
    elif found:
        rows.append(("Packages", "%d of %d available%s" % (len(good), len(packages), ": " + ", ".join(good) if good else "")))
    say("Worktree environment")
    for row in rows:
        say("  %-12s %s" % row)
    for one in packages:
        if one["problem"]:
            say("  %-12s %s: %s" % ("", one["package"], one["problem"]))


def main(words):
    import json
    if words[:1] == ["_check"]:
        return check(json.loads(words[1]))
    if words[:1] == ["_report"]:
        ask = json.loads(words[1])
        source = sys.stdin.read()
        print(json.dumps(report(ask["root"], ask["environ"], ask["names"], ask["import"], source)))
        return 0
    verb = words[0] if words else "status"
    if verb not in ("status", "verify") or not set(words[1:]) <= {"--json"}:
        print("usage: python %s status|verify [--json]" % os.path.basename(__file__), file=sys.stderr)
        return 2
    if sys.version_info < (3, 8):
        prefix, python = find_prefix(find_root(os.getcwd()))
        if python:
            os.execv(python, [python, os.path.abspath(__file__)] + words)
        sys.exit("error: Python 3.8 or newer is needed for this, and the worktree has none of its own\n  hint: skerry worktree init")
    root = find_root(os.getcwd())
    if root is None:
        sys.exit("error: this is no git worktree: " + plain(os.getcwd()))
    result = report(root, os.environ, None, verb == "verify")
    if "--json" in words:
        print(json.dumps(dict(result, schema=1)))
    else:
        tell(verb, result)
    return 0 if verb == "status" or all(one["ok"] for one in result["checks"]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
enter()
