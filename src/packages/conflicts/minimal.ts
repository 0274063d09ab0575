/**
 * A smallest part of the items that fails: without any one of them, it doesn't. QuickXplain (U. Junker, 2004): about
 * `2k·log(n/k)` tests for k of n.
 * @param items which together fail
 * @param fails whether some of the items fail; more of them never fail less
 */
export async function minimal<T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  async function within(background: readonly T[], grew: boolean, some: readonly T[]): Promise<readonly T[]> {
    if (grew && (await fails(background))) return [];
    if (some.length === 1) return some;
    const half = Math.ceil(some.length / 2);
    const [first, second] = [some.slice(0, half), some.slice(half)];
    const inSecond = await within([...background, ...first], true, second);
    const inFirst = await within([...background, ...inSecond], inSecond.length > 0, first);
    return [...inFirst, ...inSecond];
  }
  return items.length === 0 ? [] : within([], false, items);
}
