import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listDistributions, parseDistInfoName, parseMetadata, readDistribution } from "../../src/python/dist-info.ts";

let site: string;
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), "skerry-dist-info-"));
});
afterEach(() => rmSync(site, { recursive: true }));

describe("dist-info", () => {
  test("a folder's name tells name and version", () => {
    expect(parseDistInfoName("Zope_Interface-5.0.post1.dist-info")).toEqual({
      name: "zope-interface",
      version: "5.0.post1",
    });
    expect(parseDistInfoName("zope_interface-5.0.egg-info")).toBeUndefined();
  });

  test("METADATA tells them in its header only", () => {
    expect(parseMetadata("Metadata-Version: 2.1\r\nName: A.b\r\nVersion: 1\r\n\r\nName: other\n")).toEqual({
      name: "A.b",
      version: "1",
    });
    expect(parseMetadata("Metadata-Version: 2.1\n\nName: other\nVersion: 2\n")).toEqual({});
  });

  test("METADATA comes before the folder's name, which is what is left without it", () => {
    mkdirSync(join(site, "a_b-1.0.dist-info"));
    expect(readDistribution(site, "a_b-1.0.dist-info")).toMatchObject({ name: "a-b", version: "1.0" });
    writeFileSync(join(site, "a_b-1.0.dist-info/METADATA"), "Name: a.b\nVersion: 1.0+local\n");
    expect(readDistribution(site, "a_b-1.0.dist-info")).toMatchObject({ name: "a-b", version: "1.0+local" });
  });

  test("the distributions of a site-packages are listed; one that isn't there has none", () => {
    for (const name of ["b-2.dist-info", "a-1.dist-info", "a", "x.pth"]) mkdirSync(join(site, name));
    expect(listDistributions(site).map(({ name }) => name)).toEqual(["a", "b"]);
    expect(listDistributions(join(site, "nowhere"))).toEqual([]);
  });
});
