/** SIGTERM and SIGINT: the servers of the process close, and then the process ends. */

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const closers = new Set<() => Promise<void>>();
let ending = false;

/** Closes on the signals. @returns a function that forgets it */
export function closeOnSignals(close: () => Promise<void>): () => void {
  if (closers.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  closers.add(close);
  return () => {
    closers.delete(close);
    // While the process is ending the listeners stay: a second signal means that the user has lost patience.
    if (closers.size === 0 && !ending) for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function onSignal(): void {
  if (ending) process.exit(1);
  ending = true;
  Promise.allSettled([...closers].map((close) => close())).then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
