import { SkerryError } from "./error.ts";

const DURATION = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * Reads a duration such as `90`, `1.5s`, `10m`, `2h`, `1h30m`, `7d`; a bare number is in seconds.
 * @returns milliseconds
 * @throws SKE-USAGE for anything else, negative ones included
 */
export function parseDuration(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  let [total, length] = [0, 0];
  for (const [all, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|[smhdw])/gy)) {
    total += Number(amount) * DURATION[unit as keyof typeof DURATION];
    length += all.length;
  }
  if (length !== text.length || text === "" || !Number.isSafeInteger(Math.round(total))) {
    throw new SkerryError("SKE-USAGE", `"${text.slice(0, 60)}" is not a duration`, {
      hint: "write it like 30s, 10m, 1h30m or 7d",
    });
  }
  return Math.round(total);
}

/** A duration as it is written in configuration, which {@link parseDuration} reads as the same number: `0`, `250ms`, `1m30s`, `7d`. */
export function printDuration(ms: number): string {
  let rest = ms;
  const parts = (["d", "h", "m", "s", "ms"] as const).map((unit) => {
    const count = Math.floor(rest / DURATION[unit]);
    rest -= count * DURATION[unit];
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0";
}

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 59.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

const SIZES = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/**
 * Reads a size such as `4096`, `500MiB`, `1.5 GB`, `2G`; units are powers of 1024, a bare number is in bytes.
 * @returns bytes
 * @throws SKE-USAGE for anything else
 */
export function parseSize(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?(?:([KMGT])(?:i?B)?|B)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(amount) * SIZES[unit.toUpperCase() as keyof typeof SIZES]);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new SkerryError("SKE-USAGE", `"${text.slice(0, 60)}" is not a size`, { hint: "write it like 500MiB or 2GiB" });
}

/** A size in bytes for people, in powers of 1024: `0 B`, `512 B`, `3.1 MiB`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return unit === 0 ? `${n} B` : `${n.toFixed(1)} ${units[unit]}`;
}
