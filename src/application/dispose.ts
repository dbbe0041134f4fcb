/** Ends objects that have an end: by symbol, or by a method `dispose`. */

/** Disposes one after the other; one that fails does not keep the others from it. */
export async function disposeAll(instances: readonly object[]): Promise<void> {
  const errors: unknown[] = [];
  for (const instance of instances) {
    try {
      await disposeOf(instance);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 1)
    throw new AggregateError(errors, `${String(errors.length)} objects could not be disposed`);
  if (errors.length === 1) throw errors[0];
}

async function disposeOf(instance: object): Promise<void> {
  const disposable = instance as Record<symbol | string, unknown>;
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose] ?? disposable['dispose'];
  if (typeof dispose === 'function') await (dispose as () => unknown).call(instance);
}
