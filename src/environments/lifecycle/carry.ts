import { chmodSync, copyFileSync, cpSync, lstatSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileTime, setFileTime } from "../../platform/file-time.ts";
import { ioError, readWhole } from "../../platform/files.ts";
import { relocateScript } from "../../python/scripts.ts";

/**
 * Copies what was put into one prefix by hand to the same paths of another: files, links and folders, with their times.
 * Scripts of the first one's interpreter become scripts of the second's.
 * @param paths in the prefix; what isn't there any more is left out
 */
export function carryOver(from: string, to: string, paths: Iterable<string>): void {
  for (const path of paths) {
    const source = `${from}/${path}`;
    const stat = lstatSync(source, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    try {
      mkdirSync(dirname(`${to}/${path}`), { recursive: true });
      if (!stat.isFile()) cpSync(source, `${to}/${path}`, { ...AS_IT_IS, recursive: true });
      else copyFile(source, `${to}/${path}`, from);
    } catch (error) {
      throw ioError("copy to the clone", source, error);
    }
  }
}

const AS_IT_IS = { preserveTimestamps: true, verbatimSymlinks: true } as const;

function copyFile(source: string, target: string, prefix: string): void {
  const stat = lstatSync(source);
  const isScript = dirname(source) === `${prefix}/bin`;
  const isOurs = (program: string) => program.startsWith(`${prefix}/bin/`);
  const script = isScript ? relocateScript(readWhole(source, 2 ** 31), isOurs) : undefined;
  // Never into a file that is there: it may be a link to the store's.
  const aside = `${target}.skerry-carried`;
  if (script) writeFileSync(aside, script);
  else copyFileSync(source, aside);
  chmodSync(aside, stat.mode & 0o777);
  setFileTime(aside, fileTime(stat));
  renameSync(aside, target);
}
