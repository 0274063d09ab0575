def is_ours(path):
    try:
        uid = os.lstat(path).st_uid
    except EnvironmentError:
        return False
    return uid in (os.geteuid(), 0) or (os.geteuid() == 0 and os.environ.get("SUDO_UID") == str(uid))


def git_settings(git):
    """The configuration of a git folder, by "section.key", as far as it is plain."""
    import re
    found = {}
    for name in ("config", "config.worktree"):
        section = ""
        if name == "config" or is_true(found.get("extensions.worktreeconfig")):
            for line in (line_of(os.path.join(git, name)) or "").lstrip("\ufeff").split("\n"):
                line = line.strip()
                if line.startswith("["):
                    section, _, line = line[1:].partition("]")
                key, has_value, value = line.partition("=")
                if key.strip() and not line.startswith(("#", ";")):
                    found[section.strip().lower() + "." + key.strip().lower()] = re.sub(r'\\(.)|"', r"\1", value.strip()) if has_value else "true"
    return found


def is_true(value):
    return value is not None and value.lower() not in ("", "false", "no", "off", "0")


def git_of(root):
    """The git folder that a .git entry is or names, links resolved; None where there is none."""
    dot = os.path.join(root, ".git")
    line = None if os.path.isdir(dot) else line_of(dot)
    if line is not None:
        git = os.path.realpath(os.path.join(root, line[8:])) if line.startswith("gitdir: ") else ""
    else:
        git = os.path.realpath(dot)
    places = (git, "HEAD"), (common_of(git), "objects"), (common_of(git), "refs")
    return git if all(os.path.exists(os.path.join(*one)) for one in places) else None


def common_of(git):
    named = line_of(os.path.join(git, "commondir"))
    return git if named is None else os.path.realpath(os.path.join(git, named))


def believe(root):
    """The kind of a worktree and its git folders, where git's files say it on both sides and are the user's; else None."""
    git = git_of(root)
    if git is None:
        return None
    common = common_of(git)
    owned = [root, os.path.join(root, ".git"), git, common] + ([os.path.dirname(git)] if common != git else [])
    if not all(is_ours(one) for one in owned):
        return None
    if common != git:
        back = line_of(os.path.join(git, "gitdir"))
        dot = os.path.join(git, back or "")
        knows = back and os.path.basename(dot) == ".git" and os.path.realpath(os.path.dirname(dot)) == root
        return ("linked", git, common) if knows and os.path.dirname(git) == os.path.join(common, "worktrees") else None
    settings = git_settings(git)
    worktree = settings.get("core.worktree")
    if is_true(settings.get("core.bare")):
        return None
    if git == os.path.join(root, ".git"):
        return "main", git, common
    if worktree:
        knows = os.path.realpath(os.path.join(git, worktree)) == root
    else:
        knows = os.path.basename(git) != ".git" and git.startswith(root + os.sep)
    kind = "main" if os.path.isdir(os.path.join(root, ".git")) else "submodule" if "/modules/" in git else "separate"
    return (kind, git, common) if knows else None


def main_of(common):
    """The main checkout of a repository; None where it has none."""
    settings = git_settings(common)
    claimed = settings.get("core.worktree")
    if claimed:
        folder = os.path.realpath(os.path.join(common, claimed))
    elif os.path.basename(common) == ".git" and not is_true(settings.get("core.bare")):
        folder = os.path.dirname(common)
    else:
        return None
    found = believe(folder)
    return folder if found and found[1] == common else None


def branch_of(git):
    for name in ("HEAD", "rebase-merge/head-name", "rebase-apply/head-name"):
        line = line_of(os.path.join(git, name)) or ""
        line = line[5:] if line.startswith("ref: ") else line
        if line.startswith("refs/heads/") and line[11:] not in ("", ".invalid"):
            return line[11:]
    return None


def describe(root):
    """What git's own files say of a worktree: of one that isn't believed, no more than its name."""
    root = os.path.realpath(root)
    told = {"repository": os.path.basename(root), "worktree": os.path.basename(root), "kind": "unknown", "branch": None, "root": root, "siblings": []}
    found = believe(root)
    if found is None:
        return told
    kind, git, common = found
    main = main_of(common)
    name = os.path.basename(main or common)
    if main is None:
        name = os.path.basename(os.path.dirname(common)) if name.startswith(".") else name[:-4] if name.endswith(".git") else name
    folder = os.path.join(common, "worktrees")
    each = [os.path.join(folder, one) for one in (sorted(os.listdir(folder)) if os.path.isdir(folder) else [])]
    backs = [(one, line_of(os.path.join(one, "gitdir"))) for one in each]
    others = [(common, main)] + [(one, os.path.realpath(os.path.dirname(os.path.join(one, back)))) for one, back in backs if back]
    siblings = [place for one, place in others if place and place != root and (believe(place) or (0, 0))[1] == one]
    return dict(told, repository=name, kind=kind, branch=branch_of(git), siblings=siblings)
