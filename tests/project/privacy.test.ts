import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { pythons } from "../rig/pythons.ts";
import { projectFiles, ROOT, read } from "./sources.ts";

/** Text files that are written by hand or generated; the binary ones are none of the project's. */
const FILES = projectFiles();

describe("files of the project", () => {
  test("name no folder of the machine they were written on", () => {
    // A checkout in /src, or root's home, says nothing of a machine: such names stand in texts of their own right.
    const own = [ROOT, homedir(), ...pythons().map(({ path }) => dirname(path))];
    const folders = own.filter((folder) => folder.split("/").length > 2 && !folder.startsWith("/usr/"));
    expect(FILES.filter((path) => folders.some((folder) => read(path).includes(folder)))).toEqual([]);
  });

  test("name no address that packages were fetched from", () => {
    const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { resolved?: string }> };
    expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved)).toEqual([]);
    const configured = ["npm_config_registry", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"];
    const hosts = configured.flatMap((name) => process.env[name] ?? []).flatMap((url) => hostOf(url));
    expect(FILES.filter((path) => hosts.some((host) => read(path).includes(host)))).toEqual([]);
  });
});

/** The host of a private index or registry; the public ones are everyone's. */
function hostOf(url: string): string[] {
  const host = URL.parse(url)?.hostname ?? "";
  return /^(localhost|127\.0\.0\.1|registry\.npmjs\.org|pypi\.org|)$/.test(host) ? [] : [host];
}
