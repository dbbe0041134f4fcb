/** The line after `obol`: which command it names, what is printed, and the code it ends with. */
import { describe, expect, test } from '@jest/globals';
import { runObol } from '../../src/cli/run.js';
import { SERVE_HELP } from '../../src/cli/serve-help.js';
import { VERSION } from '../../src/ground/version.js';
import { recordingTerminal } from './recording-terminal.js';

async function run(...args: string[]) {
  const { printed, warned, ...terminal } = recordingTerminal();
  const code = await runObol(args, terminal);
  return { code, printed, warned };
}

test.each([['--help'], ['-h'], ['help']])('obol %s lists the commands', async (option) => {
  const { code, printed, warned } = await run(option);
  expect({ code, warned }).toEqual({ code: 0, warned: [] });
  expect(printed).toEqual([
    expect.stringMatching(/^Usage: obol <command>[^]*\n {2}serve {6}serves the files/),
  ]);
});

test('obol --version tells the version alone', async () => {
  expect(await run('--version')).toEqual({ code: 0, printed: [VERSION], warned: [] });
});

test.each([[['--help']], [['-h']], [['nowhere', '--port', 'x', '--help']]])(
  'obol serve %j explains itself',
  async (args) => {
    expect(await run('serve', ...args)).toEqual({ code: 0, printed: [SERVE_HELP], warned: [] });
  },
);

test('what follows -- is no option', async () => {
  const { code, printed } = await run('serve', '--', '--help');
  expect({ code, printed }).toEqual({ code: 2, printed: [] });
});

test("help tells every option, in lines of a terminal's width", () => {
  const lines = SERVE_HELP.split('\n');
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
  const named = [...SERVE_HELP.matchAll(/^ {2}(?:-\w,| {3}) (--[\w-]+)|^ {6}(--[\w-]+)/gm)];
  expect([...new Set(named.map(([, long, alone]) => long ?? alone))].sort()).toEqual(
    [
      '--allow-host',
      '--auth',
      '--bind',
      '--cgi',
      '--cors',
      '--directory',
      '--header',
      '--no-compression',
      '--no-listing',
      '--open',
      '--port',
      '--protocol',
      '--quiet',
      '--spa',
      '--tls-cert',
      '--tls-key',
      '--tls-password-file',
      '--type',
    ].sort(),
  );
});

describe('a line that is wrong gets one line and 2', () => {
  test.each([
    [[], 'obol: Say what to do: digest, new, openapi, password, routes, serve. See obol --help.'],
    [['srve'], 'obol: "srve" is no command. Did you mean "serve"? See obol --help.'],
    [['constructor'], 'obol: "constructor" is no command. See obol --help.'],
    [['--port'], 'obol: "--port" is no option. See obol --help.'],
    [['a\x1b[2J\nb'], 'obol: "a\\u001b[2J\\nb" is no command. See obol --help.'],
    [['a\x9bb'], 'obol: "a\\x9bb" is no command. See obol --help.'],
    [['serve', '--port', 'x'], expect.stringMatching(/^obol serve: --port: "x" .* See obol serve --help\.$/)],
  ])('%j', async (args, line) => {
    expect(await run(...args)).toEqual({ code: 2, printed: [], warned: [line] });
  });
});

test('what cannot be done gets one line and 1', async () => {
  expect(await run('serve', '--bind', '192.0.2.1', '--port', '0')).toEqual({
    code: 1,
    printed: [],
    warned: ['obol serve: 192.0.2.1 is no address of this computer; see --bind.'],
  });
});

test('a mistake of our own is no line but an error', async () => {
  const terminal = recordingTerminal();
  const broken = {
    ...terminal,
    print: () => {
      throw new RangeError('broken');
    },
  };
  await expect(runObol(['--help'], broken)).rejects.toThrow(RangeError);
});
