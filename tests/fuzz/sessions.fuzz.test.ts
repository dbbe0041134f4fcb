/** Properties of sessions in cookies: what goes in comes out, and nothing else ever opens. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sessionKeys } from '../../src/features/session/keys.js';
import { codecOf } from '../../src/features/session/options.js';
import { contentOf, recordOf } from '../../src/features/session/record.js';
import { textOf, valueOf } from '../../src/features/session/values.js';
import { anyText } from '../support/characters.js';
import { hostileText, settings, timed, TIMEOUT } from './settings.js';

const keys = [randomBytes(32)];
const NAME = '__Host-SESSID';

/** Tries a property. */
function holds<T>(name: string, property: fc.IProperty<T>): void {
  test(
    name,
    () => {
      fc.assert(property, settings());
    },
    TIMEOUT,
  );
}

describe.each(['sealed', 'signed'] as const)('a %s cookie', (kind) => {
  const codec = codecOf({ kind, keys });

  holds(
    'opens to what was put in',
    fc.property(anyText(), (input) => {
      const text = input.toWellFormed();
      const value = timed(text.length, () => codec.encode(text, NAME));
      expect(value).toMatch(/^[\w.-]+$/);
      expect(codec.decode(value, NAME)).toEqual({ text, isOld: false });
    }),
  );

  holds(
    'does not open when anything was put in another place, taken out or changed',
    fc.property(
      fc.string(),
      fc.nat(),
      fc.nat(8),
      hostileText(['A', '.', '_', '-', '=', 's1.']),
      (text, at, out, into) => {
        const value = codec.encode(text, NAME);
        const start = at % value.length;
        const changed = value.slice(0, start) + into + value.slice(start + out);
        if (changed !== value)
          expect(timed(changed.length, () => codec.decode(changed, NAME)).problem).toBeDefined();
      },
    ),
  );

  const start = codec.encode('', NAME).slice(0, 16);
  holds(
    'is not made by anyone else',
    fc.property(
      hostileText([start, 's1.', '.', sessionKeys(keys).first.id, 'Ag', '\0', '=', '%', 'é']),
      (value) => {
        expect(timed(value.length, () => codec.decode(value, NAME)).problem).toBeDefined();
      },
    ),
  );
});

const content = [
  '{"v":1,',
  '"sid":"a",',
  '"iat":1,"exp":2,"idle":1,',
  '"data":{',
  '"flash":{',
  '}',
  ':',
  '"__proto__"',
  '[',
];

holds(
  'any text is the content of a session or is not, and never an error',
  fc.property(hostileText(content), (text) => {
    const record = timed(text.length, () => recordOf(text));
    expect(record === undefined || record.values instanceof Map).toBe(true);
  }),
);

holds(
  'values come back as they were',
  fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (data) => {
    const names = Object.keys(data).filter((key) => isKept(key, data[key]));
    const values = new Map(names.map((key) => [`.${key}`, textOf(key, data[key])]));
    const record = { id: 'a', issuedAt: 1, expiresAt: 2, seenAt: 1, values };
    const back = recordOf(contentOf(record));
    expect(back).toEqual(record);
    for (const name of names)
      expect(valueOf(name, back?.values.get(`.${name}`) ?? '')).toEqual(
        JSON.parse(JSON.stringify(data[name])),
      );
  }),
);

/** Whether a session may hold it: no poisoned key at any depth. */
function isKept(key: string, value: unknown): boolean {
  return !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify({ [key]: value }));
}
