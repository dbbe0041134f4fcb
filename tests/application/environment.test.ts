/** Settings of an application in the environment of its process. */
import { describe, expect, test } from '@jest/globals';
import { withEnvironment } from '../../src/application/environment.js';
import type { BootstrapOptions } from '../../src/application/options.js';
import type { Problem } from '../../src/ground/errors.js';

type Options = Partial<BootstrapOptions>;

function read(options: Options, variables: Record<string, string>): { given: Options; problems: Problem[] } {
  const problems: Problem[] = [];
  const all = { ...options, controllers: [] };
  const given: Options = withEnvironment(all, (problem) => problems.push(problem), variables);
  return { given, problems };
}

describe('variables', () => {
  test.each<[Options, Record<string, string>, Options]>([
    [{}, {}, {}],
    [{ debug: true }, { OTHER: '1' }, { debug: true }],
    [{ debug: false }, { OBOL_DEBUG: 'on' }, { debug: true }],
    [{ debug: true }, { OBOL_DEBUG: 'Off' }, { debug: false }],
    [
      {},
      { OBOL_DEBUG: '1', OBOL_AUTO_FORM: 'no', OBOL_AUTO_ARGS: '0' },
      { debug: true, autoForm: false, autoArgs: false },
    ],
    [{ debug: true }, { OBOL_DEBUG: '' }, { debug: true }],
    [
      { documentRoot: 'a' },
      { OBOL_DOCUMENT_ROOT: 'b', OBOL_DOCUMENT_INDEX: 'YES' },
      { documentRoot: 'b', documentIndex: true },
    ],
    [
      {},
      { OBOL_KEEP_BLANK_VALUES: 'true', OBOL_STRICT_PARSING: 'true' },
      { keepBlankValues: true, strictParsing: true },
    ],
    [{}, { OBOL_POWERED_BY: 'off' }, { poweredBy: false }],
    [{ environment: true, debug: false }, { OBOL_DEBUG: 'on' }, { environment: true, debug: true }],
    [{ environment: false, debug: false }, { OBOL_DEBUG: 'on' }, { environment: false, debug: false }],
    [{}, { obol_debug: 'on', OBOL_CONTROLLERS: 'x', OBOL_LOGGER: 'x', OBOL_AUTH: 'a:b' }, {}],
  ])('%j with %j are %j', (options, variables, given) => {
    expect(read(options, variables)).toEqual({ given: { ...given, controllers: [] }, problems: [] });
  });

  test('that are wrong are reported, and count as not given', () => {
    const { given, problems } = read(
      { debug: true },
      { OBOL_DEBUG: 'maybe', OBOL_AUTO_FORM: '2', OBOL_AUTO_ARGS: 'off' },
    );
    expect(given).toEqual({ controllers: [], debug: true, autoArgs: false });
    expect(problems).toEqual([
      { code: 'E_SETTING', message: 'OBOL_DEBUG in the environment: "maybe" is neither "on" nor "off".' },
      { code: 'E_SETTING', message: 'OBOL_AUTO_FORM in the environment: "2" is neither "on" nor "off".' },
    ]);
  });
});
