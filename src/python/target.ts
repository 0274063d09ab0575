import type { LayerTarget } from "../core/layer-target.ts";
import type { Target } from "../core/target.ts";
import { runTool } from "../processes/run-tool.ts";

/** An interpreter of this machine as what packages are for. */
export function targetHere(identity: LayerTarget): Target {
  return {
    identity,
    get markers() {
      return markersOf(identity);
    },
    run: runTool,
  };
}

function markersOf({ implementation, version }: LayerTarget): Target["markers"] {
  const { platform, arch } = process;
  const machine = arch === "x64" ? "x86_64" : arch === "arm64" && platform === "linux" ? "aarch64" : arch;
  return {
    python_version: version.split(".").slice(0, 2).join("."),
    python_full_version: version,
    implementation_name: implementation,
    implementation_version: version,
    platform_python_implementation: implementation === "pypy" ? "PyPy" : "CPython",
    os_name: "posix",
    sys_platform: platform,
    platform_system: platform === "darwin" ? "Darwin" : "Linux",
    platform_machine: machine,
    platform_release: "",
    platform_version: "",
    extra: "",
  };
}
