import type { LayerTarget } from "../core/layer-target.ts";

/** uv's explanation, without its frame and the hints behind it. */
export function chainOf(output: string): string {
  const mark = ["cause: ", "╰─▶ "].find((one) => output.includes(one));
  const told = mark === undefined ? tail(output) : output.slice(output.indexOf(mark) + mark.length);
  const lines = told.split("\n").map((line) => line.trim());
  const hint = mark === undefined ? -1 : lines.findIndex((line, i) => line.startsWith("hint:") && lines[i - 1] === "");
  return (hint < 0 ? lines : lines.slice(0, hint)).filter(Boolean).join("\n");
}

/** A tool's output without colours and without lines that say nothing of a failure. */
export function clean(output: string): string {
  return output
    .replace(/\x1b\[[0-9;]*m/g, "")
    .split(/\r?\n/)
    .filter(
      (line) =>
        !/^(warning: The `--pylock`|Using (CPython|PyPy)|Looking in|WARNING: Running pip as|\[notice\])/.test(line),
    )
    .join("\n");
}

/** The last lines of a text that aren't empty. */
export function tail(text: string, count = 20): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
}

/** A text with each line moved in by two spaces. */
export function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** The host of an address; the text itself where it isn't one. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** `Python 3.12.1 on linux-x86_64` */
export function describeTarget({ implementation, version, platform }: LayerTarget): string {
  return `${implementation === "cpython" ? "Python" : implementation} ${version} on ${platform}`;
}
