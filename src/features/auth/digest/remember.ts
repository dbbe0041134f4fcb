/** Memory within bounds, for what can be worked out anew. */
import { copyOf } from '../../../kit.js';

/** Keeps a value by a copy of its key. Where there are that many already, those are forgotten, as each is soon made anew. */
export function remember<V>(memory: Map<string, V>, key: string, value: V, capacity: number): void {
  if (memory.size >= capacity) memory.clear();
  memory.set(copyOf(key), value);
}
