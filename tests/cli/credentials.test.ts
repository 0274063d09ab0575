import { describe, test } from "bun:test";
import { expectUnseen } from "./credential-roads.ts";

/** One of each kind; tests/long has all. */
const KINDS = {
  uv: [
    "the address of a requirement",
    "the query and fragment of an address",
    "the query of an index",
    "--find-links of a requirements file",
    "--index-url",
    "the configuration",
    "netrc",
    "pylock.toml",
    "a repository",
    "UV_INDEX_…_PASSWORD",
  ],
  pip: [
    "the address of a requirement",
    "the query and fragment of an address",
    "the query of an index",
    "--find-links of a requirements file",
    "PIP_INDEX_URL",
    "a repository",
  ],
} as const;

describe.each(["uv", "pip"] as const)("a password (%s) in", (installer) => {
  test.each(KINDS[installer])(
    "%s is used, and neither kept nor shown",
    (road) => expectUnseen(installer, road),
    60_000,
  );
});
