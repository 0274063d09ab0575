import { describe, expect, test } from "bun:test";
import { Comparison, KINDS } from "../real/comparison.ts";
import { Rig } from "../rig/rig.ts";

/** Packages that are hard on environments, with a program that uses them and prints what must be the same everywhere. */
const STACKS: Readonly<Record<string, { readonly requirements: readonly string[]; readonly program: string }>> = {
  "namespaces that several packages share": {
    requirements: ["google-cloud-storage", "google-cloud-core", "protobuf"],
    program: `
import google, google.auth, google.cloud.storage, google.protobuf, google.api_core
print(sorted(name for name in ("auth", "cloud", "protobuf", "api_core") if hasattr(google, name)))
`,
  },
  "plugins, coverage and workers of pytest": {
    requirements: ["pytest", "pytest-cov", "pytest-xdist"],
    program: `
import pathlib, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "mod.py").write_text("def f():\\n    return 1\\n")
    pathlib.Path(folder, "test_mod.py").write_text("import mod\\ndef test_f():\\n    assert mod.f() == 1\\n" * 1)
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "2", "--cov", "mod", folder], cwd=folder, capture_output=True, text=True)
    lines = [line.split() for line in run.stdout.splitlines()]
    print(run.returncode, [words for words in lines if words[:1] == ["mod.py"]], "1 passed" in run.stdout)
`,
  },
  ...(process.env.REAL_PROJECTS === "all"
    ? {
        "compiled extensions that link to each other": {
          requirements: ["numpy", "pandas", "scikit-learn"],
          program: `
import numpy as np, pandas as pd
from sklearn.linear_model import LinearRegression
x = np.arange(20).reshape(-1, 1)
frame = pd.DataFrame({"x": x[:, 0], "y": 2 * x[:, 0] + 1})
model = LinearRegression().fit(frame[["x"]], frame["y"])
print(round(model.coef_[0], 6), round(model.intercept_, 6), frame.groupby(frame.x % 2).y.sum().to_dict())
`,
        },
        "a live kernel of Jupyter": {
          requirements: ["jupyterlab", "ipykernel", "jupyter-client"],
          program: `
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
try:
    client.execute_interactive("import sys; print(6 * 7, sys.prefix == %r)" % sys.prefix, timeout=60)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
import jupyterlab
print(jupyterlab.__version__ != "")
`,
        },
      }
    : {}),
};

describe("the same happens in thin and full environments as in uv's", () => {
  for (const [what, { requirements, program }] of Object.entries(STACKS)) {
    test(what, async () => {
      await using rig = await Rig.ordinary();
      const file = rig.write("program.py", program);
      const all = await Comparison.make(rig, requirements);
      const results: Record<string, string> = {};
      for (const kind of KINDS) {
        const { exitCode, stdout, stderr } = await all.python(kind, [file]);
        expect({ kind, exitCode, stderr }).toEqual({ kind, exitCode: 0, stderr });
        results[kind] = stdout;
      }
      expect(results.uv).not.toBe("");
      expect({ thin: results.thin, full: results.full }).toEqual({ thin: results.uv!, full: results.uv! });
    }, 1_200_000);
  }
});
