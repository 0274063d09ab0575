import { newestPython, Rig } from "../rig/rig.ts";

/** Variables that make every installer take packages from `index` and nowhere else. */
export function packagesFrom(index: string): Record<string, string> {
  return { UV_DEFAULT_INDEX: index, PIP_INDEX_URL: index };
}

/** A rig with an environment called web, without packages. */
export async function rigWithWeb(): Promise<Rig> {
  const rig = await Rig.make();
  const { exitCode, stderr } = await rig.skerry(["create", "web", "--python", newestPython().path]);
  if (exitCode !== 0) throw new Error(`the environment web could not be created:\n${stderr}`);
  return rig;
}

/** Without the lines that tell what goes on, which come only when it takes long. */
export function withoutProgress(text: string): string {
  return text.replace(/^\S.* …\n/gm, "");
}
