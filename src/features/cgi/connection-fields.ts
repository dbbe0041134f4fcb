/** Fields that are for one connection alone, and concern no script (RFC 9110 7.6.1). */

export const OF_CONNECTION: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
