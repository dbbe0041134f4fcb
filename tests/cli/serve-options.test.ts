/** The arguments of `obol serve`: what they mean, and what is said of those that mean nothing. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cgiPathsOf } from '../../src/cli/cgi-paths.js';
import { CommandError } from '../../src/cli/command.js';
import { readServeOptions } from '../../src/cli/serve-options.js';
import { TestFolder } from '../support/folder.js';

const folder = new TestFolder();
folder.file('file.txt', 'a file');
afterAll(() => {
  folder.remove();
});

const DEFAULTS = {
  directory: process.cwd(),
  port: 8000,
  host: '127.0.0.1',
  isHttp10: false,
  tls: undefined,
  headers: [],
  credentials: undefined,
  tellsPassword: false,
  allowedHosts: [],
  cors: false,
  spa: false,
  listing: true,
  compression: true,
  quiet: false,
  open: false,
};

test('without arguments the working directory is served to this computer on port 8000', () => {
  expect(readServeOptions([], {})).toEqual(DEFAULTS);
});

test.each([
  [[folder.path], { directory: folder.path }],
  [['--directory', folder.path], { directory: folder.path }],
  [['-d', `${folder.path}/`], { directory: folder.path }],
  [['src'], { directory: join(process.cwd(), 'src') }],
  [['--', 'src'], { directory: join(process.cwd(), 'src') }],
  [['--port', '0'], { port: 0 }],
  [['-p', '65535'], { port: 65535 }],
  [['-p1', '-p2'], { port: 2 }],
  [['--bind', '0.0.0.0'], { host: '0.0.0.0' }],
  [['-b', '[::1]'], { host: '::1' }],
  [['--bind=fe80::1%eth0'], { host: 'fe80::1%eth0' }],
  [['--bind', 'my-host.example'], { host: 'my-host.example' }],
  [['--protocol', 'HTTP/1.0'], { isHttp10: true, compression: false }],
  [['--protocol', 'HTTP/1.1'], {}],
  [['--tls-cert', 'c'], { tls: { cert: 'c', key: undefined, passwordFile: undefined } }],
  [
    ['--tls-cert', 'c', '--tls-key', 'k', '--tls-password-file', 'p'],
    { tls: { cert: 'c', key: 'k', passwordFile: 'p' } },
  ],
  [
    ['--header', 'X-A: 1', '--header', 'x-b:\t2:3 '],
    {
      headers: [
        ['X-A', '1'],
        ['x-b', '2:3'],
      ],
    },
  ],
  [['--header', 'X-Empty:'], { headers: [['X-Empty', '']] }],
  [['--auth', 'me:pass:word'], { credentials: { user: 'me', password: 'pass:word' }, tellsPassword: true }],
  [['--allow-host', 'A.example', '--allow-host', 'b'], { allowedHosts: ['a.example', 'b'] }],
  [['--allow-host', 'dotted.example.'], { allowedHosts: ['dotted.example'] }],
  [['--allow-host', 'Bücher.example.'], { allowedHosts: ['xn--bcher-kva.example'] }],
  [['--cgi'], { cgi: ['/cgi-bin', '/htbin'] }],
  [['--cgi', folder.path], { cgi: ['/cgi-bin', '/htbin'], directory: folder.path }],
  [['--cgi=/sub/dir/cgi-bin'], { cgi: ['/cgi-bin', '/htbin', '/sub/dir/cgi-bin'] }],
  [['--cgi=/a/', '--cgi', '--cgi=/b c', '--cgi=/a'], { cgi: ['/cgi-bin', '/htbin', '/a', '/b c'] }],
  [['--cors'], { cors: true }],
  [['--spa'], { spa: true }],
  [['--no-listing'], { listing: false }],
  [['--no-compression'], { compression: false }],
  [['-q'], { quiet: true }],
  [['--quiet'], { quiet: true }],
  [['--open'], { open: true }],
])('%j means %j', (args, options) => {
  expect(readServeOptions(args, {})).toEqual({ ...DEFAULTS, ...options });
});

describe('the environment', () => {
  test('OBOL_AUTH holds what --auth would', () => {
    const { credentials, tellsPassword } = readServeOptions([], { OBOL_AUTH: 'me:secret' });
    expect({ credentials, tellsPassword }).toEqual({
      credentials: { user: 'me', password: 'secret' },
      tellsPassword: false,
    });
  });

  test('--auth wins over it', () => {
    const { credentials } = readServeOptions(['--auth', 'a:b'], { OBOL_AUTH: 'me:secret' });
    expect(credentials).toEqual({ user: 'a', password: 'b' });
  });

  test('an empty one is none', () => {
    expect(readServeOptions([], { OBOL_AUTH: '' }).credentials).toBeUndefined();
  });

  test('a wrong one is told without its text', () => {
    expect(() => readServeOptions([], { OBOL_AUTH: 'secret' })).toThrow(
      new CommandError('OBOL_AUTH: write it as user:password.', 2),
    );
  });
});

const missing = join(tmpdir(), 'obol-nowhere');

describe('wrong arguments', () => {
  test.each([
    [[missing], `${JSON.stringify(missing)} is no directory.`],
    [[''], '"" is no directory.'],
    [['a\0b'], '"a\\u0000b" is no directory.'],
    [[join(folder.path, 'file.txt')], `${JSON.stringify(join(folder.path, 'file.txt'))} is no directory.`],
    [['8080'], '"8080" is no directory. For the port, write --port 8080.'],
    [['--', '--cgi'], '"--cgi" is no directory.'],
    [['src', 'tests'], 'One directory can be served, not "src" and "tests".'],
    [['src', '-d', 'tests'], 'One directory can be served, not "src" and "tests".'],
    [['--port', ''], '--port: "" is no port; use 1 to 65535, or 0 for any free one.'],
    [['--port', '65536'], '--port: "65536" is no port; use 1 to 65535, or 0 for any free one.'],
    [['--port=-1'], '--port: "-1" is no port; use 1 to 65535, or 0 for any free one.'],
    [['--port', '8e3'], '--port: "8e3" is no port; use 1 to 65535, or 0 for any free one.'],
    [['-p', 'HTTP/1.0'], '--port: "HTTP/1.0" is no port; use 1 to 65535, or 0 for any free one.'],
    [
      ['--bind', 'a b'],
      '--bind: "a b" is no address; use 127.0.0.1, or 0.0.0.0 to be reached from elsewhere.',
    ],
    [['--bind='], '--bind: "" is no address; use 127.0.0.1, or 0.0.0.0 to be reached from elsewhere.'],
    [['--protocol', 'HTTP/2'], '--protocol: "HTTP/2" is neither HTTP/1.0 nor HTTP/1.1.'],
    [['--tls-key', 'k'], '--tls-key needs the certificate that it belongs to: --tls-cert FILE.'],
    [
      ['--tls-password-file', 'p'],
      '--tls-password-file needs the certificate that it belongs to: --tls-cert FILE.',
    ],
    [['--header', 'nonsense'], `--header: "nonsense" is no header; write it as 'Name: value'.`],
    [['--header', ': x'], `--header: ": x" is no header; write it as 'Name: value'.`],
    [['--header', 'A b: x'], `--header: "A b: x" is no header; write it as 'Name: value'.`],
    [
      ['--header', 'X-A: 1\r\nSet-Cookie: a=b'],
      '--header: X-A cannot be "1\\r\\nSet-Cookie: a=b"; headers hold Latin-1 without control characters.',
    ],
    [
      ['--header', 'X-A: \u20ac'],
      '--header: X-A cannot be "\u20ac"; headers hold Latin-1 without control characters.',
    ],
    [
      ['--header', 'content-LENGTH: 3'],
      '--header: content-LENGTH is decided for each answer; it cannot be the same for all of them.',
    ],
    [['--auth', 'secret'], '--auth: write it as user:password.'],
    [['--auth', ':secret'], '--auth: write it as user:password.'],
    [['--auth', 'me:'], '--auth: write it as user:password.'],
    [['--auth', 'me:sec\nret'], '--auth: there is a control character in it.'],
    [['--auth', `me:${'x'.repeat(1022)}`], '--auth: it is longer than 1,024 bytes.'],
    [
      ['--allow-host', 'http://a'],
      '--allow-host: "http://a" is no host name; write it without scheme and port.',
    ],
    [['--allow-host', 'a:80'], '--allow-host: "a:80" is no host name; write it without scheme and port.'],
    [['--tls-crt', 'c'], '"--tls-crt" is no option. Did you mean "--tls-cert"?'],
    [['--cgl'], '"--cgl" is no option. Did you mean "--cgi"?'],
    ...[
      'cgi-bin',
      '/',
      '//',
      '/cgi-bin//',
      '/a//b',
      '/a/../b',
      '/./a',
      '/a?b',
      '/a#b',
      '/a%2fb',
      '/<name>',
      '/a\\b',
      '/a\nb',
    ].map((path): [string[], string] => [
      [`--cgi=${path}`],
      `--cgi: ${JSON.stringify(path)} is no path of a folder in URLs; write it as --cgi=/sub/dir/cgi-bin.`,
    ]),
    [['-x'], '"-x" is no option.'],
    [['--port'], expect.stringMatching(/^Option '.*--port.*' argument missing\.$/)],
    [['--port', '--cors'], expect.stringMatching(/^Option '.*--port.*' argument is ambiguous\.$/)],
    [['--cors=yes'], expect.stringMatching(/^Option '.*--cors.*' does not take an argument\.$/)],
  ])('%j', (args, message) => {
    let error: unknown;
    try {
      readServeOptions(args, {});
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CommandError);
    const { message: said, exitCode } = error as CommandError;
    expect({ said, exitCode }).toEqual({ said: message, exitCode: 2 });
  });
});

test('--cgi is refused on Windows', () => {
  expect(() => cgiPathsOf([''], 'win32')).toThrow(
    new CommandError('--cgi needs a Unix: Linux, macOS, or WSL on Windows.', 2),
  );
});
