/** What the system says when it has no room for more: processes, connections, descriptors, memory. */

export const EXHAUSTED: ReadonlySet<string | undefined> = new Set([
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);
