/** Programs that are run without a shell: what they get, how long they may take, and that nothing of them is left. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { environmentOf } from '../../../src/features/processes/environment.js';
import { accountOf } from '../../../src/features/processes/account.js';
import { programPlan, type ProgramOptions } from '../../../src/features/processes/options.js';
import { Programs, type Run } from '../../../src/features/processes/programs.js';
import type { RunningProgram } from '../../../src/features/processes/running-program.js';
import { developerError, httpError } from '../../support/errors.js';

const isRoot = process.getuid?.() === 0;

let programs: Programs;
let errorLines: string[];
let client: AbortController;

beforeEach(() => {
  errorLines = [];
  client = new AbortController();
  programs = programsWith({});
});

afterEach(() => programs.close());

function programsWith(options: ProgramOptions): Programs {
  const plan = programPlan('test', options);
  return new Programs({ ...plan, limits: { ...plan.limits, linger: 30, patience: 30 } });
}

/** Runs a line of the shell, which is the program here. */
function sh(line: string, run: Partial<Run> = {}): Promise<RunningProgram> {
  return programs.start({
    file: '/bin/sh',
    args: ['-c', line],
    cwd: '/',
    signal: client.signal,
    onErrorLine: (text) => errorLines.push(text),
    ...run,
  });
}

async function outputOf(program: RunningProgram): Promise<string> {
  let text = '';
  for await (const chunk of program) text += chunk.toString();
  return text;
}

async function run(line: string, more: Partial<Run> = {}): Promise<string> {
  return outputOf(await sh(line, more));
}

/** Whether a process with that id lives; one that is dead and not yet fetched by its parent does not. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid.trim()}/status`, 'latin1'));
  } catch {
    return false;
  }
}

async function gone(pid: string): Promise<void> {
  while (isAlive(pid)) await sleep(5);
}

describe('a program', () => {
  test('gets its arguments as they are', async () => {
    const args = ['-c', 'printf "%s|" "$@"', 'sh', '$(id) `id`', '; exit 1', '*', ''];
    expect(await outputOf(await sh('', { args }))).toBe('$(id) `id`|; exit 1|*||');
  });

  test('has nothing of the environment of the server but what is passed on', async () => {
    process.env['OBOL_SECRET'] = 'secret';
    process.env['OBOL_PASSED'] = 'passed';
    programs = programsWith({ env: { OWN: 'own' }, passEnv: ['OBOL_PASSED'] });
    const names = (await run('env', { env: { REQUEST_METHOD: 'GET' } })).match(/^\w+(?==)/gm) ?? [];
    delete process.env['OBOL_SECRET'];
    const expected = ['OBOL_PASSED', 'OWN', 'PATH', 'PWD', 'REQUEST_METHOD'];
    expect(names.filter((name) => !['_', 'LANG', 'SHLVL', 'TZ', 'OLDPWD'].includes(name)).sort()).toEqual(
      expected,
    );
  });

  test('reads what it is given, and nothing else', async () => {
    expect(await run('cat', { input: Readable.from([Buffer.from('abc')]) })).toBe('abc');
    expect(await run('cat')).toBe('');
  });

  test('may have ended before its output is read', async () => {
    const program = await sh('echo done; echo ended >&2');
    while (errorLines.length === 0) await sleep(5);
    await sleep(20);
    expect(await outputOf(program)).toBe('done\n');
  });

  test('need not read what it is given', async () => {
    expect(await run('echo done', { input: Readable.from([Buffer.alloc(1_000_000)]) })).toBe('done\n');
  });

  test('ends with its code, or the signal that ended it', async () => {
    const failed = await sh('exit 3');
    await outputOf(failed);
    expect(await failed.end()).toEqual({ code: 3, signal: null });
    const killed = await sh('kill -KILL $$');
    await outputOf(killed);
    expect(await killed.end()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that closes its output and goes on is ended, which is no failure', async () => {
    const program = await sh('exec >&- 2>&-; exec sleep 100');
    await outputOf(program);
    expect(await program.end()).toEqual({ code: 0, signal: null });
  });

  test('that closes its output may go on where patience has no limit', async () => {
    const { limits, ...plan } = programPlan('test', {});
    programs = new Programs({ ...plan, limits: { ...limits, linger: 10, patience: 0 } });
    const program = await sh('exec >&- 2>&-; sleep 0.05; exit 3');
    await outputOf(program);
    expect(await program.end()).toEqual({ code: 3, signal: null });
  });

  test('that cannot be run says why', async () => {
    await expect(sh('', { file: '/no/such/program' })).rejects.toMatchObject({
      reason: 'unstartable',
      systemCode: 'ENOENT',
      message: 'no process in /: spawn /no/such/program ENOENT',
    });
    await expect(sh('', { file: '/etc/passwd' })).rejects.toMatchObject({ systemCode: 'EACCES' });
  });

  test('hands the lines of its standard error to the log, long ones cut, 64 KiB in all', async () => {
    const reported = async (line: string): Promise<unknown> => {
      const program = await sh(line);
      await outputOf(program);
      return program.closed;
    };
    await reported('echo first >&2; echo >&2; printf "second\\r\\n" >&2; printf last >&2');
    expect(errorLines).toEqual(['first', 'second', 'last']);
    errorLines = [];
    await reported('head -c 100000 /dev/zero | tr "\\0" "x" >&2; yes | head -c 100000 >&2');
    expect(errorLines).toEqual(['x'.repeat(2000) + '…', '… and more, which is left out']);
  });
});

describe('time', () => {
  test.each<[string, ProgramOptions, string]>([
    ['to the first output', { startTimeout: 20 }, 'sleep 100'],
    ['without output', { idleTimeout: 20 }, 'echo a; sleep 100'],
    ['in all', { timeout: 50 }, 'while echo a; do sleep 0.01; done'],
  ])('%s ends the program', async (_, options, line) => {
    programs = programsWith(options);
    await expect(run(line)).rejects.toMatchObject({ reason: 'time' });
  });

  test('without limits may be as long as it takes', async () => {
    programs = programsWith({ startTimeout: 0, idleTimeout: 0, timeout: 0 });
    expect(await run('sleep 0.02; echo a; sleep 0.02; echo b')).toBe('a\nb\n');
  });
});

describe('what a program leaves behind', () => {
  test('is ended with it, when it holds its output and is silent', async () => {
    const pid = await run('sleep 100 & echo $!');
    await gone(pid);
  });

  test('is ended so, too, where silence has no limit before', async () => {
    programs = programsWith({ startTimeout: 0, idleTimeout: 0, timeout: 0 });
    const program = await sh('sleep 100 & sleep 0.05; echo $! >&2');
    expect(await outputOf(program)).toBe('');
    await gone(errorLines[0] ?? '');
  });

  test('is not waited for when all that was expected is there', async () => {
    const program = await sh('sleep 100 & printf ab; echo $! >&2');
    program.expect(2);
    expect(await outputOf(program)).toBe('ab');
    await gone(errorLines[0] ?? '');
  });

  test('is ended when it holds nothing', async () => {
    const program = await sh('sleep 100 >/dev/null 2>&1 & echo $!');
    const pid = await outputOf(program);
    expect(await program.end()).toEqual({ code: 0, signal: null });
    await gone(pid);
  });

  test('is ended when the client leaves, with the program itself', async () => {
    const program = await sh('sleep 100 & echo $$ $!; wait');
    const [own = '', other = ''] = String(await program.read()).split(' ');
    client.abort(new Error('left'));
    await expect(program.read()).rejects.toThrow('left');
    await program.closed;
    await Promise.all([gone(own), gone(other)]);
  });

  test('is killed when it does not end where it is asked to', async () => {
    const program = await sh('trap "" TERM; echo $$; while :; do sleep 1; done');
    const pid = String(await program.read());
    program.stop();
    await program.closed;
    await gone(pid);
  });

  test('is ended when a reader of its output leaves', async () => {
    const program = await sh('echo $$; sleep 100');
    for await (const chunk of program) {
      expect(isAlive(String(chunk))).toBe(true);
      break;
    }
    await program.closed;
  });

  test('is ended when the programs are closed', async () => {
    const program = await sh('echo $$; sleep 100');
    const pid = String(await program.read());
    await programs.close();
    expect(isAlive(pid)).toBe(false);
    await expect(sh('echo')).rejects.toThrow(httpError(503, 'Too many programs are running; come again'));
  });
});

describe('programs at once', () => {
  test('are as many as may be; others wait, in their order, and the next is turned away', async () => {
    programs = programsWith({ concurrency: 1, queue: 2 });
    const first = await sh('echo 1');
    const order: string[] = [];
    const waiting = ['2', '3'].map(async (name) => order.push(await run(`echo ${name}`)));
    await expect(sh('echo 4')).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(order).toEqual([]);
    await outputOf(first);
    await Promise.all(waiting);
    expect(order).toEqual(['2\n', '3\n']);
  });

  test('that wait leave the queue with their clients', async () => {
    programs = programsWith({ concurrency: 1, queue: 1 });
    const first = await sh('echo 1');
    const left = sh('echo 2');
    client.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    client = new AbortController();
    const next = run('echo 3');
    await outputOf(first).catch(() => undefined);
    expect(await next).toBe('3\n');
  });

  test('that wait are turned away when the programs are closed', async () => {
    programs = programsWith({ concurrency: 1 });
    await sh('sleep 100');
    const waiting = sh('echo 2');
    void programs.close();
    await expect(waiting).rejects.toMatchObject({ status: 503 });
  });

  test('that could not be started take no place', async () => {
    programs = programsWith({ concurrency: 1, queue: 0 });
    await expect(sh('', { file: '/no/such/program' })).rejects.toThrow();
    expect(await run('echo 1')).toBe('1\n');
  });
});

describe('the user', () => {
  const asRoot = isRoot ? test : test.skip;

  asRoot('of a server that is root is nobody, without the groups of root', async () => {
    const ids = await run('id -u; id -g; id -G');
    expect(ids).toBe('65534\n65534\n65534\n');
  });

  asRoot('may be another one, also root', async () => {
    programs = programsWith({ uid: 1, gid: 2 });
    expect(await run('id -u; id -G')).toBe('1\n2\n');
    programs = programsWith({ uid: 0, gid: 0 });
    expect(await run('id -u; id -G')).toBe('0\n0\n');
  });

  test('of a server that is not root is its own, and cannot be another', () => {
    expect(accountOf('cgi', {}, 1000)).toEqual({});
    expect(accountOf('cgi', { uid: 1000 }, 1000)).toEqual({});
    expect(() => accountOf('cgi', { uid: 33, gid: 33 }, 1000)).toThrow(
      developerError(
        'E_SETTING',
        'cgi: only root can run programs as another user (33:33); this process is 1000. Leave uid and gid out, or start the server as that user.',
      ),
    );
  });
});

test('the environment has a path to programs, whatever the server has', () => {
  expect(environmentOf([], {}, {})).toEqual({ PATH: '/usr/local/bin:/usr/bin:/bin' });
  expect(environmentOf(['A', 'B'], { B: 'own' }, { PATH: '/bin', A: 'a', B: 'b', C: 'c' })).toEqual({
    PATH: '/bin',
    A: 'a',
    B: 'own',
  });
});

test('there are no programs on Windows', () => {
  expect(() => programPlan('cgiProgram', {}, 'win32')).toThrow(
    developerError(
      'E_PLATFORM',
      'cgiProgram needs a Unix: it ends programs with all that they have started. Run it on Linux, macOS or in WSL.',
    ),
  );
});
