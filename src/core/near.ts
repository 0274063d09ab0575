/**
 * The candidate that a mistyped word most likely means: the nearest by {@link editDistance} that differs in at most a
 * third of the word's letters (one in short words). Case doesn't count, and neither does `-` against `_`.
 * @returns undefined when nothing is near; of equally near ones, the first
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  const wanted = fold(word);
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, fold(candidate));
    if (distance <= limit && distance < Math.max(wanted.length, candidate.length)) {
      if (distance === 0) return candidate;
      best = candidate;
      limit = distance - 1;
    }
  }
  return best;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll("_", "-");
}

/**
 * Damerau-Levenshtein distance in its restricted form (optimal string alignment): how many letters must be inserted,
 * removed, replaced, or swapped with their neighbour to turn `a` into `b`.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
