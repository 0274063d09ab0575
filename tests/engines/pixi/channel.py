"""Writes a conda channel into a folder: `channel.py FOLDER`.

`python` is a link to the interpreter that runs this and a pyvenv.cfg; `hello` 1.0 and 1.1 are Python packages for any
platform with a command and an activation script; `tool` holds the path of the environment. Formats: conda-build's
package specification, repodata.json of version 1.
"""

import hashlib
import io
import json
import os
import sys
import sysconfig
import tarfile

MACHINES = {"linux-x86_64": "linux-64", "linux-aarch64": "linux-aarch64"}
PLATFORM = MACHINES[sysconfig.get_platform()]
# Replaced by the path of the environment when the package is installed; it has to be as long as any.
PLACEHOLDER = "/placeholder" + "_of_the_prefix" * 16


def write(channel, name, version, subdir, depends, files, links=None, noarch=None, info=None):
    """One package as .tar.bz2, into the folder of its platform. `files`: path to text or (text, mode)."""
    build = "0"
    index = {"name": name, "version": version, "build": build, "build_number": 0, "depends": depends, "subdir": subdir}
    if noarch:
        index["noarch"] = noarch
    paths = []
    entries = []
    for path, what in sorted(files.items()):
        text, mode = what if isinstance(what, tuple) else (what, 0o644)
        data = text.encode()
        fact = {"_path": path, "path_type": "hardlink", "size_in_bytes": len(data)}
        fact["sha256"] = hashlib.sha256(data).hexdigest()
        if PLACEHOLDER in text:
            fact.update(file_mode="text", prefix_placeholder=PLACEHOLDER)
        paths.append(fact)
        entries.append((path, data, mode, None))
    for path, target in sorted((links or {}).items()):
        empty = hashlib.sha256(b"").hexdigest()
        paths.append({"_path": path, "path_type": "softlink", "size_in_bytes": 0, "sha256": empty})
        entries.append((path, b"", 0o777, target))
    about = {"index.json": index, "paths.json": {"paths": paths, "paths_version": 1}, **(info or {})}
    texts = [("info/" + one, json.dumps(content).encode(), 0o644, None) for one, content in sorted(about.items())]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for path, data, mode, target in texts + entries:
            member = tarfile.TarInfo(path)
            member.mode = mode
            # Python takes what it compiled of a file before for its own where time and size are the same.
            member.mtime = int(hashlib.sha256(data).hexdigest()[:7], 16)
            member.size = len(data)
            if target is not None:
                member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member, io.BytesIO(data))
    data = buffer.getvalue()
    file = "%s-%s-%s.tar.bz2" % (name, version, build)
    with open(os.path.join(channel, subdir, file), "wb") as out:
        out.write(data)
    return subdir, file, dict(index, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def python(channel):
    """The interpreter itself stays where it is: pyvenv.cfg lets it take the environment for its prefix."""
    real = os.path.realpath(sys.executable)
    short = "%d.%d" % sys.version_info[:2]
    version = "%d.%d.%d" % sys.version_info[:3]
    config = "home = %s\ninclude-system-site-packages = false\nversion = %s\n" % (os.path.dirname(real), version)
    files = {"pyvenv.cfg": config, "lib/python%s/site-packages/README.txt" % short: "for packages\n"}
    links = {"bin/python": "python" + short, "bin/python3": "python" + short, "bin/python" + short: real}
    return write(channel, "python", version, PLATFORM, [], files, links)


def hello(channel, version):
    code = "VERSION = '%s'\n\n\ndef main():\n    print('hello', VERSION)\n" % version
    distribution = "site-packages/hello-%s.dist-info/" % version
    files = {
        "site-packages/hello.py": code,
        distribution + "METADATA": "Metadata-Version: 2.1\nName: hello\nVersion: %s\n" % version,
        distribution + "RECORD": "hello.py,,\n",
        "etc/conda/activate.d/hello.sh": 'export HELLO_HOME="$CONDA_PREFIX/share/hello"\n',
    }
    link = {"package_metadata_version": 1, "noarch": {"type": "python", "entry_points": ["hello = hello:main"]}}
    return write(channel, "hello", version, "noarch", ["python >=3"], files, noarch="python", info={"link.json": link})


def tool(channel):
    script = "#!/bin/sh\necho tool of %s\n" % PLACEHOLDER
    return write(channel, "tool", "1.0", "noarch", [], {"bin/tool": (script, 0o755)}, noarch="generic")


def main(channel):
    index = {PLATFORM: {}, "noarch": {}}
    for subdir in index:
        os.makedirs(os.path.join(channel, subdir))
    for subdir, file, record in [python(channel), hello(channel, "1.0"), hello(channel, "1.1"), tool(channel)]:
        index[subdir][file] = record
    for subdir, packages in index.items():
        content = {"info": {"subdir": subdir}, "packages": packages, "packages.conda": {}, "repodata_version": 1}
        with open(os.path.join(channel, subdir, "repodata.json"), "w") as out:
            json.dump(content, out)
    print(PLATFORM)


main(sys.argv[1])
