import { stopTree, type TreeRoot } from "./process-tree.ts";

/** The trees of all that this process has started and that hasn't ended. */
const started = new Set<TreeRoot>();

/** Counts a tree among those that {@link killStarted} ends, until what is given back is called. */
export function countStarted(root: TreeRoot): () => void {
  started.add(root);
  return () => void started.delete(root);
}

/** Kills all that this process has started and that hasn't ended, with all descendants. Settles as `stopTree` does. */
export async function killStarted(): Promise<void> {
  await Promise.all([...started].map((root) => stopTree(root, { graceMs: 0 })));
}
