/** Challenges as they are written, and the 401 that carries them. */
import { expect, test } from '@jest/globals';
import { challengeLine } from 'obol/auth';
import { Unauthorized } from 'obol/errors';

test.each([
  ['Basic', [['realm', 'zone']], 'Basic realm="zone"'],
  ['Bearer', [], 'Bearer'],
  ['Digest', [['realm', 'a "b" \\c'], ['stale', { token: 'true' }]], 'Digest realm="a \\"b\\" \\\\c", stale=true'], // prettier-ignore
  ['Basic', [['realm', 'zóna']], 'Basic realm="z\xc3\xb3na"'],
] as const)('%s with %j', (scheme, parameters, line) => {
  expect(challengeLine(scheme, parameters)).toBe(line);
});

test('a 401 carries each challenge in a line of its own', () => {
  const error = new Unauthorized({ challenges: ['Digest a="b"', 'Basic realm="c"'] });
  expect([error.status, error.message]).toEqual([401, 'Unauthorized']);
  expect(error.headers).toEqual({ 'WWW-Authenticate': ['Digest a="b"', 'Basic realm="c"'] });
});
