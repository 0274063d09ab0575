import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
start_site()  # noqa: F821
import json
import site
import sysconfig
sys.stdout.write("\n" + "@MARK@" + json.dumps({
    "prefix": sys.prefix, "basePrefix": sys.base_prefix, "executable": sys.executable, "path": sys.path,
    "libraries": [sysconfig.get_path("stdlib"), sysconfig.get_config_var("DESTSHARED") or ""],
    "sitePackages": sysconfig.get_path("purelib"),
    "userSite": site.getusersitepackages(), "userSiteEnabled": bool(site.ENABLE_USER_SITE),
}) + "\n")
