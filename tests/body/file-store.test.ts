import { EventEmitter, once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import * as os from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { FileHandle } from 'node:fs/promises';
import type * as Store from '../../src/body/uploaded-file.js';
import type * as Spool from '../../src/body/spool.js';
import type { FileSink } from '../../src/body/file-targets.js';
import type { UploadedFile } from '../../src/body/uploaded-file.js';
import { httpError } from '../support/errors.js';

const INFO = {
  name: 'field',
  filename: 'a.txt',
  type: 'text/plain',
  typeOptions: new Map<string, string>(),
  dispositionOptions: new Map([['name', 'field']]),
};
const FULL = httpError(507, 'There is no room for the upload');
const root = mkdtempSync(join(os.tmpdir(), 'obol-store-test-'));
let temporary = root;
/** What the disk does in place of writing. */
let failWrite: ((handle: FileHandle) => void) | undefined;

jest.unstable_mockModule('node:os', () => ({ ...os, tmpdir: () => temporary }));
const spool: typeof Spool = await import('../../src/body/spool.js');
jest.unstable_mockModule('../../src/body/spool.js', () => ({
  ...spool,
  openSpoolFile: async () => {
    const file = await spool.openSpoolFile();
    failWrite?.(file.handle);
    return file;
  },
}));
const { FileStore }: typeof Store = await import('../../src/body/uploaded-file.js');

let abort = new AbortController();

beforeEach(() => {
  abort = new AbortController();
  failWrite = undefined;
});

/** Whatever a test does, no file stays. */
afterEach(() => {
  expect(readdirSync(spool.spoolFolder())).toEqual([]);
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

interface Given {
  readonly fileSize?: number;
  readonly memoryFileSize?: number;
  readonly sink?: FileSink | undefined;
  readonly filename?: string;
}

async function store(stream: Readable, given: Given = {}): Promise<UploadedFile> {
  const { fileSize = 100, memoryFileSize = 10, sink, filename = 'a.txt' } = given;
  const options = { fileSize, memoryFileSize, fileCallback: () => sink };
  const file = new FileStore({ ...INFO, filename }, options, abort.signal);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await file.write(chunk);
    return await file.finish();
  } catch (error) {
    await file.abandon(error);
    throw error;
  }
}

function chunks(...texts: readonly string[]): Readable {
  return Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );
}

/** A sink that keeps everything and tells what happened to it. */
class RecordingSink implements FileSink {
  readonly events: string[] = [];

  write(chunk: Buffer): unknown {
    this.events.push(chunk.toString());
    return undefined;
  }

  end(): unknown {
    this.events.push('end');
    return undefined;
  }

  destroy(error?: Error): unknown {
    this.events.push(`destroy: ${error?.message ?? ''}`);
    return undefined;
  }
}

describe('without a sink', () => {
  test.each([
    [[], ''],
    [['0123456789'], '0123456789'],
    [['01234', '56789'], '0123456789'],
  ])('a file up to the memory limit stays in memory: %j', async (texts, content) => {
    const file = await store(chunks(...texts));
    expect(readdirSync(spool.spoolFolder())).toEqual([]);
    expect(file).toMatchObject({ ...INFO, length: content.length });
    expect(await file.text()).toBe(content);
  });

  test.each([[['0123456789a']], [['0123456789', 'a']], [['0', '123456789a', 'bc']]])(
    'one byte more goes to disk, where only the process reads it: %j',
    async (texts) => {
      const file = await store(chunks(...texts));
      const [name = ''] = readdirSync(spool.spoolFolder());
      const path = join(spool.spoolFolder(), name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect(readFileSync(path, 'utf8')).toBe(texts.join(''));
      expect(file.length).toBe(texts.join('').length);
      await file.dispose();
    },
  );

  test.each([0, 10])(
    'a file exactly at its limit is taken, with %d bytes in memory',
    async (memoryFileSize) => {
      const file = await store(chunks('01234', '56789'), { fileSize: 10, memoryFileSize });
      expect(file.length).toBe(10);
      await file.dispose();
    },
  );

  test.each([0, 10])('one byte more is refused, with %d bytes in memory', async (memoryFileSize) => {
    await expect(store(chunks('01234', '567890'), { fileSize: 10, memoryFileSize })).rejects.toThrow(
      httpError(413, 'The body is larger than 10 bytes'),
    );
  });

  test('a file that breaks off on disk is removed', async () => {
    const stream = new PassThrough();
    const stored = store(stream, { memoryFileSize: 0 });
    stream.write('0123');
    stream.destroy(new Error('reset'));
    await expect(stored).rejects.toThrow('reset');
  });

  test('a disk that takes a little at a time gets everything', async () => {
    failWrite = (handle) => {
      const writev = handle.writev.bind(handle);
      handle.writev = (([first]: Buffer[]) =>
        writev([(first ?? Buffer.of()).subarray(0, 1)])) as unknown as typeof handle.writev;
    };
    const file = await store(chunks('abc', 'def'), { memoryFileSize: 2 });
    expect(await file.text()).toBe('abcdef');
    await file.dispose();
  });

  test.each(['ENOSPC', 'EDQUOT'])('a disk without room (%s) answers 507', async (code) => {
    failWrite = (handle) => {
      handle.writev = () => Promise.reject(Object.assign(new Error(code), { code }));
    };
    await expect(store(chunks('abc'), { memoryFileSize: 2 })).rejects.toThrow(FULL);
  });

  test('a disk that fills up later answers 507', async () => {
    failWrite = (handle) => {
      const writev = handle.writev.bind(handle);
      let room = 3;
      handle.writev = (async ([first]: Buffer[]) => {
        if (room-- === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return writev([(first ?? Buffer.of()).subarray(0, 1)]);
      }) as unknown as typeof handle.writev;
    };
    await expect(store(chunks('ab', 'cd', 'ef'), { memoryFileSize: 1 })).rejects.toThrow(FULL);
  });

  test('any other error of the disk is told as it is, also when closing fails too', async () => {
    failWrite = (handle) => {
      const close = handle.close.bind(handle);
      handle.writev = () => Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' }));
      handle.close = async () => {
        await close();
        throw new Error('and broken again');
      };
    };
    await expect(store(chunks('abc'), { memoryFileSize: 2 })).rejects.toMatchObject({ code: 'EIO' });
  });

  test('a small real disk answers 507 and can be used afterwards', async () => {
    const disk = mkdtempSync(join(root, 'disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
    if (!mounted) {
      console.warn('Skipped: a file system of a certain size can only be mounted by root.');
      return;
    }
    try {
      rmSync(spool.spoolFolder(), { recursive: true });
      temporary = disk;
      const large = 'x'.repeat(100_000);
      for (let i = 0; i < 3; i++) {
        await expect(store(chunks(large), { fileSize: 1e6, memoryFileSize: 0 })).rejects.toThrow(FULL);
        expect(readdirSync(spool.spoolFolder())).toEqual([]);
      }
      const file = await store(chunks('small'), { memoryFileSize: 0 });
      expect(await file.text()).toBe('small');
      await file.dispose();
    } finally {
      rmSync(spool.spoolFolder(), { recursive: true });
      temporary = root;
      spawnSync('umount', [disk]);
      await spool.openSpoolFile().then(async ({ path, handle }) => {
        await handle.close();
        await spool.removeSpoolFile(path);
      });
    }
  });
});

describe('a file on its way to the disk', () => {
  const PIECE = Buffer.alloc(100_000, 'x');

  function started(): { file: InstanceType<typeof FileStore>; proceed: () => void } {
    let proceed: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (proceed = resolve));
    failWrite = (handle) => {
      const writev = handle.writev.bind(handle);
      handle.writev = (async (pieces: Buffer[]) => {
        await gate;
        return writev(pieces);
      }) as unknown as typeof handle.writev;
    };
    const options = { fileSize: 1e9, memoryFileSize: 0, fileCallback: () => undefined };
    return { file: new FileStore(INFO, options, abort.signal), proceed: () => proceed?.() };
  }

  test('holds the client back when half a megabyte waits', async () => {
    const { file, proceed } = started();
    const waits = Array.from({ length: 10 }, () => file.write(PIECE));
    expect(waits.map((wait) => wait === undefined)).toEqual(waits.map((_, i) => i < 5));
    proceed();
    await waits[9];
    const stored = await file.finish();
    expect([stored.length, (await stored.bytes()).equals(Buffer.alloc(1_000_000, 'x'))]).toEqual([
      1_000_000,
      true,
    ]);
    await stored.dispose();
  });

  test('is removed when it is abandoned while it is written', async () => {
    const { file, proceed } = started();
    void file.write(PIECE);
    const abandoned = file.abandon(new Error('reset'));
    proceed();
    await abandoned;
  });

  test('tells of a failure at the next piece', async () => {
    failWrite = (handle) => {
      handle.writev = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    };
    const options = { fileSize: 1e9, memoryFileSize: 0, fileCallback: () => undefined };
    const file = new FileStore(INFO, options, abort.signal);
    void file.write(PIECE);
    await expect(file.write(Buffer.alloc(1e6))).rejects.toThrow(FULL);
    expect(() => file.write(PIECE)).toThrow(FULL);
    await expect(file.finish()).rejects.toThrow(FULL);
    await file.abandon(FULL);
  });
});

describe('a sink', () => {
  test('gets the pieces, then the end', async () => {
    const sink = new RecordingSink();
    const file = await store(chunks('ab', 'cd'), { sink });
    expect(sink.events).toEqual(['ab', 'cd', 'end']);
    expect(file).toMatchObject({ sink, length: 4 });
  });

  test('needs only write', async () => {
    const written: string[] = [];
    const sink: FileSink = { write: (chunk) => written.push(chunk.toString()) };
    expect((await store(chunks('ab'), { sink })).sink).toBe(sink);
    expect(written).toEqual(['ab']);
  });

  test('gets an empty file that has a name', async () => {
    const sink = new RecordingSink();
    expect((await store(chunks(), { sink })).sink).toBe(sink);
    expect(sink.events).toEqual(['end']);
  });

  test('is not asked for when the file is too large from the start', async () => {
    const sink = new RecordingSink();
    await expect(store(chunks('ab'), { sink, fileSize: 1 })).rejects.toMatchObject({ status: 413 });
    expect(sink.events).toEqual([]);
  });

  test('gets no file that has neither name nor content', async () => {
    const sink = new RecordingSink();
    expect((await store(chunks(), { sink, filename: 'unnamed' })).sink).toBeUndefined();
    expect(sink.events).toEqual([]);
  });

  test('holds the file back until its promise is kept', async () => {
    const waiting: (() => void)[] = [];
    const calls = new EventEmitter();
    const sink: FileSink = {
      write: () =>
        new Promise<void>((resolve) => {
          waiting.push(resolve);
          calls.emit('call');
        }),
    };
    const first = once(calls, 'call');
    const stored = store(Readable.from([Buffer.from('ab'), Buffer.from('cd')]), { sink });
    await first;
    expect(waiting).toHaveLength(1);
    const second = once(calls, 'call');
    waiting[0]?.();
    await second;
    expect(waiting).toHaveLength(2);
    waiting[1]?.();
    expect((await stored).length).toBe(4);
  });

  test.each<[string, Partial<FileSink>]>([
    [
      'throws',
      {
        write: () => {
          throw new RangeError('no');
        },
      },
    ],
    ['rejects', { write: () => Promise.reject(new RangeError('no')) }],
    ['rejects at the end', { end: () => Promise.reject(new RangeError('no')) }],
  ])('that %s is destroyed with the error, which is told', async (_, part) => {
    const sink = Object.assign(new RecordingSink(), part);
    await expect(store(chunks('ab'), { sink })).rejects.toThrow(new RangeError('no'));
    expect(sink.events.at(-1)).toBe('destroy: no');
  });

  test('may throw anything', async () => {
    const sink = new RecordingSink();
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as applications may do
    sink.write = () => Promise.reject(undefined);
    await expect(store(chunks('ab'), { sink })).rejects.toBeUndefined();
    expect(sink.events).toEqual(['destroy: ']);
  });

  test('that cannot be destroyed does not hide the error that came first', async () => {
    const sink = new RecordingSink();
    sink.destroy = () => {
      throw new Error('second');
    };
    await expect(store(chunks('ab', 'cd'), { sink, fileSize: 3 })).rejects.toMatchObject({ status: 413 });
  });

  test('without room answers 507', async () => {
    const sink: FileSink = {
      write: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    };
    await expect(store(chunks('ab'), { sink })).rejects.toThrow(FULL);
  });

  test('is destroyed over the limit, with nothing of what is over', async () => {
    const sink = new RecordingSink();
    await expect(store(chunks('ab', 'cd'), { sink, fileSize: 3 })).rejects.toMatchObject({ status: 413 });
    expect(sink.events).toEqual(['ab', 'destroy: The body is larger than 3 bytes']);
  });

  test.each(['write', 'end'] as const)('that never ends its %s is let go on abort', async (method) => {
    const sink = new RecordingSink();
    const called = new Promise<void>((resolve) => {
      sink[method] = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const stored = store(chunks('ab'), { sink });
    await called;
    abort.abort(new Error('the client left'));
    await expect(stored).rejects.toThrow('the client left');
    expect(sink.events.at(-1)).toBe('destroy: the client left');
  });

  test('is let go when the abort came while it was called', async () => {
    const sink = new RecordingSink();
    sink.write = () => {
      abort.abort(new Error('enough'));
      return new Promise(() => undefined);
    };
    await expect(store(chunks('ab'), { sink })).rejects.toThrow('enough');
  });
});

describe('a writable stream as a sink', () => {
  test('gets the file and is finished before the file is complete', async () => {
    const path = join(root, 'written');
    const sink = createWriteStream(path);
    const file = await store(chunks('ab', 'cd'), { sink });
    expect(sink.writableFinished).toBe(true);
    expect(file.sink).toBe(sink);
    expect(readFileSync(path, 'utf8')).toBe('abcd');
  });

  test('that is full holds the file back until it drains', async () => {
    const calls = new EventEmitter();
    const taken: string[] = [];
    let proceed: (() => void) | undefined;
    const sink = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        taken.push(chunk.toString());
        proceed = done;
        calls.emit('call');
      },
    });
    const stream = new PassThrough();
    const stored = store(stream, { sink });
    for (const text of ['ab', 'cd']) {
      const call = once(calls, 'call');
      stream.write(text);
      await call;
      expect(sink.writableLength).toBe(2);
      proceed?.();
    }
    stream.end();
    await stored;
    expect(taken).toEqual(['ab', 'cd']);
  });

  test.each<[string, Partial<Writable>]>([
    [
      'fails while it is written',
      new Writable({
        write: (_chunk, _encoding, done) => {
          done(new Error('broken'));
        },
      }),
    ],
    [
      'fails at its end',
      new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
        final: (done) => {
          done(new Error('broken'));
        },
      }),
    ],
    ['is destroyed already', new Writable({ write: () => undefined }).destroy()],
    [
      'closes while it is full',
      new Writable({
        highWaterMark: 1,
        write() {
          this.destroy();
        },
      }),
    ],
  ])('that %s rejects the file', async (_, sink) => {
    await expect(store(chunks('ab', 'cd', 'ef'), { sink: sink as Writable })).rejects.toThrow(
      /^broken$|^Premature close$|destroyed/,
    );
  });

  test('that cannot be opened rejects the file', async () => {
    const sink = createWriteStream(join(root, 'no', 'such'));
    await expect(store(chunks('ab'), { sink })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is destroyed with the error when the file breaks off', async () => {
    const sink = new PassThrough();
    const failed = once(sink, 'error');
    const stream = new PassThrough();
    const stored = store(stream, { sink });
    stream.write('ab');
    await once(sink, 'data');
    stream.destroy(new Error('reset'));
    await expect(stored).rejects.toThrow('reset');
    expect(await failed).toEqual([new Error('reset')]);
    expect(sink.destroyed).toBe(true);
  });

  test('that never drains is let go on abort', async () => {
    const calls = new EventEmitter();
    const sink = new Writable({
      highWaterMark: 1,
      write: () => {
        calls.emit('call');
      },
    });
    const called = once(calls, 'call');
    const stored = store(chunks('ab', 'cd'), { sink });
    await called;
    abort.abort(new Error('the client left'));
    await expect(stored).rejects.toMatchObject({ name: 'AbortError' });
    expect(sink.destroyed).toBe(true);
    expect(sink.errored).toEqual(new Error('the client left'));
  });

  test('leaves the file of a broken upload to whoever opened it', async () => {
    const path = join(root, 'partial');
    const sink = createWriteStream(path);
    await once(sink, 'open');
    const content = Readable.from([Buffer.from('x'), Buffer.alloc(100)]);
    await expect(store(content, { sink })).rejects.toMatchObject({ status: 413 });
    expect(sink.destroyed).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  test('may be destroyed with something that is no error', async () => {
    const sink = new PassThrough();
    abort.abort('text');
    await expect(store(chunks('ab'), { sink })).rejects.toBeDefined();
    expect(sink.destroyed).toBe(true);
  });
});
