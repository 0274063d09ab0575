import { join } from "node:path";
import type { Rig } from "../rig/rig.ts";
import { uvFolder } from "../rig/uv.ts";

/** How long one installation or test run may take, in milliseconds. */
const LONG = 15 * 60_000;

/** A way to have packages. */
export const KINDS = ["uv", "thin", "full"] as const;
export type Kind = (typeof KINDS)[number];

/** The same packages in three environments: a thin and a full one of Skerry's, and one that uv makes of the same versions. */
export class Comparison {
  readonly #rig: Rig;

  private constructor(rig: Rig) {
    this.#rig = rig;
  }

  /** @param requirements resolved once, from PyPI */
  static async make(rig: Rig, requirements: readonly string[]): Promise<Comparison> {
    const made = new Comparison(rig);
    const python = rig.python;
    const wanted = requirements.flatMap((one) => ["--with", one]);
    await made.#succeed([rig.program, "create", "full", "--python", python, ...wanted]);
    await made.#succeed([rig.program, "create", "thin", "--thin", "--python", python, ...wanted]);
    const { packages } = JSON.parse(await made.#succeed([rig.program, "packages", "full", "--json"]));
    const pins = (packages as { name: string; version: string }[]).map(({ name, version }) => `${name}==${version}`);
    const uv = join(uvFolder(), "uv");
    await made.#succeed([uv, "venv", "-q", "--python", python, made.#uvPrefix]);
    const install = [uv, "pip", "install", "-q", "--no-deps", "--python", `${made.#uvPrefix}/bin/python`, ...pins];
    await made.#succeed(install as [string, ...string[]]);
    return made;
  }

  get #uvPrefix(): string {
    return join(this.#rig.cwd, "uv-venv");
  }

  async #succeed(argv: readonly [string, ...string[]]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#rig.run(argv, { timeout: LONG });
    if (exitCode !== 0) throw new Error(`${argv.slice(0, 3).join(" ")} failed with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs Python in one of the environments. @returns exit status and standard output, what it says of errors at the end */
  async python(kind: Kind, args: readonly string[], cwd = this.#rig.cwd) {
    const argv: [string, ...string[]] =
      kind === "uv"
        ? [`${this.#uvPrefix}/bin/python`, ...args]
        : [this.#rig.program, "exec", kind, "--", "python", ...args];
    const { exitCode, stdout, stderr } = await this.#rig.run(argv, { cwd, timeout: LONG });
    return { exitCode, stdout, stderr: stderr.slice(-2000) };
  }
}
