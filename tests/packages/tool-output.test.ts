import { expect, test } from "bun:test";
import { installerError } from "../../src/packages/errors.ts";
import { chainOf } from "../../src/packages/tool-output.ts";

test("of uv's words the explanation is taken, without frame and hints", () => {
  const framed = "  × No solution found:\n  ╰─▶ Because a depends on b\n      and c, it fails.\n\n      hint: try d\n";
  expect(chainOf(framed)).toBe("Because a depends on b\nand c, it fails.");
  expect(chainOf("error: x\n  cause: Because a\n\n    and b.\n \nhint: try d\nmore")).toBe("Because a\nand b.");
  expect(chainOf("something else\n\n  broke")).toBe("something else\nbroke");
});

test("a long explanation costs no more than its length", () => {
  expect(chainOf(`cause: a${"\n".repeat(1 << 20)}b`)).toBe("a\nb");
});

test("a Python that prints as it starts is told as that, not as a damaged package", () => {
  const output = [
    "error: Failed to inspect Python interpreter from provided path at `/opt/bin/python3.12`",
    "  Caused by: Querying Python at `/opt/bin/python3.12` returned an invalid response: expected value at line 1 column 1",
    "[stdout]",
    "hello",
    '{"result": "success", "markers": {"implementation_name": "cpython"}}',
  ].join("\n");
  const target = {
    implementation: "cpython",
    version: "3.12.1",
    platform: "linux-x86_64",
    interpreter: "/opt/bin/python3.12",
  };
  const told = installerError({ tool: "uv", doing: "resolve six", output, target: target as never, offline: false });
  expect({ ...told, message: told.message, hint: told.hint }).toMatchObject({
    code: "SKE-PYTHON-BROKEN",
    message: "Could not resolve six: uv can't use /opt/bin/python3.12, which prints text of its own whenever it starts",
    hint: "take that out of its sitecustomize.py or .pth files, or set SKERRY_INSTALLER=pip",
  });
});
