"""Asks a package index what there is: the simple repository API as HTML or JSON.

https://packaging.python.org/specifications/simple-repository-api/

It needs Python 3.8 or newer and nothing else, reads a request as JSON on standard input and answers with JSON on standard
output:

- {"versions": project}: {"versions": [final versions, newest first]}
- {"fetch": project, "file": name, "sha256": ..., "folder": ...}: that file, put into the folder once its hash was checked:
  {"file": path}; with "member" only that member of the wheel, executable
- {"files": [project]}: {"files": [[{"filename", "requires-python", "yanked"}]]}, in the order of the projects, withdrawn
  files included, null for a project of which nothing can be known
- {"requires": [{"url" or "path", "filename"}]}: {"requires": [Requires-Dist lines, or null where they can't be read]}

All take "indexes", "cert", "proxy", "trusted" (host names) and "timeout" in seconds.
Errors: {"error": text, "missing": whether no index has the project}.
"""
import base64
import concurrent.futures
import email.parser
import gzip
import hashlib
import html.parser
import io
import json
import netrc
import os
import re
import ssl
import sys
import tarfile
import threading
import urllib.parse
import urllib.request
import zipfile

ask = json.load(sys.stdin)
JSON = "application/vnd.pypi.simple.v1+json"
LARGEST = 64 << 20
LONGEST_METADATA = 16 << 20

contexts = {}
making = threading.Lock()

def context(trusted):
    # Reading all certificates takes longer than most answers.
    with making:
        if trusted not in contexts:
            contexts[trusted] = ssl._create_unverified_context() if trusted else ssl.create_default_context(cafile=ask.get("cert") or None)
        return contexts[trusted]

def origin(parts):
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port

def basic(login):
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()

class Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, known):
        self.known = known
    def redirect_request(self, request, fp, code, message, headers, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise ValueError("a redirect to what is no http address: " + parts.scheme)
        # What another server writes into an address lets nobody in.
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        found = super().redirect_request(request, fp, code, message, headers, bare.geturl())
        # Credentials go where they belong and nowhere else: same scheme, host and port. ~/.netrc knows hosts alone.
        before = urllib.parse.urlsplit(request.full_url)
        elsewhere = bare.hostname != before.hostname and bare.scheme == "https"
        login = credentials(bare, self.known) if elsewhere else self.known.get(origin(bare))
        if found and login:
            found.add_unredirected_header("Authorization", basic(login))
        return found

def opener(host, known):
    handlers = [Redirects(known), urllib.request.HTTPSHandler(context=context(host in ask.get("trusted", [])))]
    if ask.get("proxy"):
        handlers.append(urllib.request.ProxyHandler({"http": ask["proxy"], "https": ask["proxy"]}))
    return urllib.request.build_opener(*handlers)

def credentials(parts, known):
    if parts.username is not None:
        return urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    if origin(parts) in known:
        return known[origin(parts)]
    try:
        found = netrc.netrc(os.environ.get("NETRC") or None).authenticators(parts.hostname)
    except (OSError, netrc.NetrcParseError):
        found = None
    return (found[0], found[2]) if found else None

def get(url, accept, known):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("not an http address: " + url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(bare, headers={"Accept": accept, "User-Agent": "skerry"})
    login = credentials(parts, known)
    if login:
        known[origin(parts)] = login
        request.add_unredirected_header("Authorization", basic(login))
    answer = opener(parts.hostname, known).open(request, timeout=ask.get("timeout", 15))
    return answer.read(LARGEST), answer.headers.get_content_type(), answer.geturl()

class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.files = []
    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "a" and found.get("href"):
            address, _, fragment = found["href"].partition("#")
            hashes = dict([fragment.split("=", 1)]) if "=" in fragment else {}
            name = urllib.parse.unquote(address.rsplit("/", 1)[-1])
            self.files.append({"filename": name, "url": address, "hashes": hashes,
                               "requires-python": found.get("data-requires-python"),
                               "yanked": (found["data-yanked"] or True) if "data-yanked" in found else False})

def files(project, known, yanked=False, wanted=None):
    failure = None
    for index in ask["indexes"]:
        try:
            body, kind, base = get(index.rstrip("/") + "/" + project + "/", JSON + ", text/html;q=0.5", known)
        except OSError as error:
            # What an index that failed might have had is unknown.
            if failure is None or getattr(failure, "code", None) == 404:
                failure = error
            continue
        if kind == JSON:
            found = json.loads(body)["files"]
        else:
            links = Links()
            links.feed(body.decode("utf-8", "replace"))
            found = links.files
        if wanted and all(one["filename"] != wanted for one in found):
            failure = ValueError("there is no " + wanted)
            continue
        return [dict(one, url=urllib.parse.urljoin(base, one["url"])) for one in found if yanked or not one.get("yanked")]
    raise failure or ValueError("no index is set")

def numbers(version):
    return tuple(int(part) for part in version.split("."))

def version_of(name, project):
    stem = re.sub(r"\.(tar\.(gz|bz2|xz)|zip|tgz)$", "", name)
    stem = stem.split("-")[1] if name.endswith(".whl") else stem[len(project) + 1:]
    return stem if re.match(r"\d+(\.\d+)*$", stem) else None

def requires_of(one, known):
    name = one["filename"]
    try:
        if "path" in one:
            with open(one["path"], "rb") as file:
                body = file.read(LARGEST)
        else:
            try:
                if not name.endswith(".whl"):
                    raise ValueError("only wheels have it beside them")
                text = get(one["url"] + ".metadata", "*/*", known)[0]
                return email.parser.BytesHeaderParser().parsebytes(text).get_all("Requires-Dist") or []
            except (OSError, ValueError):
                body = get(one["url"], "*/*", known)[0]
        if name.endswith((".whl", ".zip")):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                inside = [path for path in archive.namelist() if re.match(r"[^/]+(\.dist-info/METADATA|/PKG-INFO)$", path)]
                with archive.open(inside[0]) as file:
                    text = file.read(LONGEST_METADATA)
        else:
            # A small archive can say that it holds anything, its headers included.
            with gzip.open(io.BytesIO(body)) as file:
                unpacked = file.read(LARGEST)
            with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
                inside = next(member for member in archive if re.match(r"[^/]+/PKG-INFO$", member.name))
                text = archive.extractfile(inside).read(LONGEST_METADATA)
        return email.parser.BytesHeaderParser().parsebytes(text).get_all("Requires-Dist") or []
    except Exception:
        return None

def files_of(project, known):
    try:
        found = files(project, known, True)
    except Exception:
        return None
    return [{key: one.get(key) for key in ("filename", "requires-python", "yanked")} for one in found]

def main():
    known = {}
    if "requires" in ask:
        for index in ask["indexes"]:
            parts = urllib.parse.urlsplit(index)
            login = credentials(parts, known)
            if login:
                known[origin(parts)] = login
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return {"requires": list(pool.map(lambda one: requires_of(one, known), ask["requires"]))}
    if "files" in ask:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return {"files": list(pool.map(lambda one: files_of(one, known), ask["files"]))}
    if "versions" in ask:
        project = ask["versions"]
        found = {version_of(one["filename"], project) for one in files(project, known)} - {None}
        return {"versions": sorted(found, key=numbers, reverse=True)}
    name = ask["file"]
    url = next(one["url"] for one in files(ask["fetch"], known, True, name) if one["filename"] == name)
    body, _, _ = get(url, "*/*", known)
    if hashlib.sha256(body).hexdigest() != ask["sha256"]:
        raise ValueError("%s doesn't have the SHA-256 that it must have" % name)
    member = ask.get("member")
    if member:
        body = zipfile.ZipFile(io.BytesIO(body)).read(member)
    path = os.path.join(ask["folder"], os.path.basename(member or name))
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700 if member else 0o600), "wb") as file:
        file.write(body)
    return {"file": path}

try:
    answer = main()
except Exception as error:
    answer = {"error": "%s: %s" % (type(error).__name__, error), "missing": getattr(error, "code", None) == 404}
json.dump(answer, sys.stdout)
