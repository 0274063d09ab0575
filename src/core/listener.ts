/**
 * Calls what a caller gave to be told of something. That its own code fails must neither make the work fail nor be
 * lost: it is a warning of the process.
 */
export function tellListener<Told extends unknown[]>(
  listener: ((...told: Told) => unknown) | undefined,
  ...told: Told
): void {
  try {
    const answer = listener?.(...told);
    if (answer instanceof Promise) answer.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
