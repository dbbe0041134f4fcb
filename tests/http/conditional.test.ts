/** Preconditions: every header alone, and which of them counts when there are several. */
import { describe, expect, test } from '@jest/globals';
import {
  evaluatePreconditions,
  rangeHolds,
  type Validators,
  type Verdict,
} from '../../src/http/conditional.js';

const TAG = '"v1"';
const EQUAL = 'Sun, 06 Nov 1994 08:49:37 GMT';
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const LATER = 'Sun, 06 Nov 1994 08:49:38 GMT';
/** In the same second as EQUAL. */
const MODIFIED = 784111777250;
const BOTH: Validators = { etag: TAG, lastModified: MODIFIED };

type Fields = Readonly<Record<string, string>>;

function asked(fields: Fields, method = 'GET') {
  return { method, headers: { get: (name: string) => fields[name] } };
}

describe('evaluatePreconditions', () => {
  test.each<[Fields, Verdict]>([
    [{}, 'proceed'],
    [{ 'if-none-match': TAG }, 'not-modified'],
    [{ 'if-none-match': `W/${TAG}` }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"a", "b,c", "v1"' }, 'not-modified'],
    [{ 'if-none-match': '"v2"' }, 'proceed'],
    [{ 'if-none-match': '"v1,v2"' }, 'proceed'],
    [{ 'if-none-match': 'v1' }, 'proceed'],
    [{ 'if-none-match': '' }, 'proceed'],
    [{ 'if-none-match': '"v2"', 'if-modified-since': EQUAL }, 'proceed'],
    [{ 'if-none-match': 'junk', 'if-modified-since': EQUAL }, 'proceed'],
    [{ 'if-none-match': TAG, 'if-modified-since': EARLIER }, 'not-modified'],
    [{ 'if-modified-since': EQUAL }, 'not-modified'],
    [{ 'if-modified-since': LATER }, 'not-modified'],
    [{ 'if-modified-since': EARLIER }, 'proceed'],
    [{ 'if-modified-since': 'junk' }, 'proceed'],
    [{ 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 'not-modified'],
    [{ 'if-modified-since': 'Sun Nov  6 08:49:37 1994' }, 'not-modified'],
    [{ 'if-modified-since': `${EQUAL}, ${EQUAL}` }, 'proceed'],
    [{ 'if-match': TAG }, 'proceed'],
    [{ 'if-match': '"v0", "v1"' }, 'proceed'],
    [{ 'if-match': '*' }, 'proceed'],
    [{ 'if-match': '"v2"' }, 'precondition-failed'],
    [{ 'if-match': `W/${TAG}` }, 'precondition-failed'],
    [{ 'if-match': 'junk' }, 'precondition-failed'],
    [{ 'if-match': '"v2"', 'if-none-match': TAG }, 'precondition-failed'],
    [{ 'if-match': TAG, 'if-none-match': TAG }, 'not-modified'],
    [{ 'if-match': TAG, 'if-unmodified-since': EARLIER }, 'proceed'],
    [{ 'if-match': '"v2"', 'if-unmodified-since': LATER }, 'precondition-failed'],
    [{ 'if-unmodified-since': EQUAL }, 'proceed'],
    [{ 'if-unmodified-since': LATER }, 'proceed'],
    [{ 'if-unmodified-since': EARLIER }, 'precondition-failed'],
    [{ 'if-unmodified-since': 'junk' }, 'proceed'],
    [{ 'if-unmodified-since': EARLIER, 'if-none-match': TAG }, 'precondition-failed'],
    [{ 'if-unmodified-since': EQUAL, 'if-modified-since': EQUAL }, 'not-modified'],
  ])('%j of what is there: %s', (fields, expected) => {
    expect(evaluatePreconditions(asked(fields), BOTH)).toBe(expected);
    expect(evaluatePreconditions(asked(fields, 'HEAD'), BOTH)).toBe(expected);
  });

  test.each<[string, Fields, Verdict]>([
    ['POST', { 'if-modified-since': LATER }, 'proceed'],
    ['PUT', { 'if-none-match': TAG }, 'precondition-failed'],
    ['PUT', { 'if-none-match': '*' }, 'precondition-failed'],
    ['PUT', { 'if-none-match': '"v2"' }, 'proceed'],
    ['DELETE', { 'if-match': '"v2"' }, 'precondition-failed'],
    ['DELETE', { 'if-unmodified-since': EARLIER }, 'precondition-failed'],
  ])('%s with %j: %s', (method, fields, expected) => {
    expect(evaluatePreconditions(asked(fields, method), BOTH)).toBe(expected);
  });

  test.each<[string, Validators, Fields, Verdict]>([
    ['nothing', {}, { 'if-none-match': '*' }, 'proceed'],
    ['nothing', {}, { 'if-match': '*' }, 'precondition-failed'],
    ['nothing', {}, { 'if-match': TAG }, 'precondition-failed'],
    ['nothing', { exists: false }, { 'if-unmodified-since': EARLIER }, 'proceed'],
    ['something without validators', { exists: true }, { 'if-none-match': '*' }, 'not-modified'],
    ['something without validators', { exists: true }, { 'if-none-match': TAG }, 'proceed'],
    ['something without validators', { exists: true }, { 'if-match': '*' }, 'proceed'],
    ['something without a date', { etag: TAG }, { 'if-modified-since': LATER }, 'proceed'],
    ['something without a tag', { lastModified: MODIFIED }, { 'if-none-match': '*' }, 'not-modified'],
    ['a weak tag', { etag: 'W/"1"' }, { 'if-match': 'W/"1"' }, 'precondition-failed'],
    ['a weak tag', { etag: 'W/"1"' }, { 'if-none-match': '"1"' }, 'not-modified'],
  ])('%s (%j) with %j: %s', (_, validators, fields, expected) => {
    expect(evaluatePreconditions(asked(fields), validators)).toBe(expected);
  });
});

describe('rangeHolds', () => {
  test.each<[string | undefined, Validators, boolean]>([
    [undefined, {}, true],
    [TAG, BOTH, true],
    [EQUAL, BOTH, true],
    ['Sunday, 06-Nov-94 08:49:37 GMT', BOTH, true],
    [EARLIER, BOTH, false],
    [LATER, BOTH, false],
    ['"v2"', BOTH, false],
    [`W/${TAG}`, BOTH, false],
    ['W/"1"', { etag: 'W/"1"' }, false],
    ['junk', BOTH, false],
    ['', BOTH, false],
    ['*', BOTH, false],
    [TAG, { lastModified: MODIFIED }, false],
    [EQUAL, { etag: TAG }, false],
    [`"v0", ${TAG}`, BOTH, false],
  ])('If-Range: %s of %j: %p', (ifRange, validators, expected) => {
    expect(rangeHolds(asked(ifRange === undefined ? {} : { 'if-range': ifRange }), validators)).toBe(
      expected,
    );
  });
});
