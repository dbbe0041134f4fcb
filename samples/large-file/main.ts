/** Uploads of any size, taken in three ways, with their checksum and speed: `npm run sample -- large-file`. */
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import {
  bootstrap,
  Controller,
  escapeHtml,
  Form,
  Get,
  Post,
  type FileSink,
  type Request,
  type UploadedFile,
} from 'obol';
import { htmlPage } from 'obol/page';

const GIB = 1024 ** 3;
const SIZE = { fileSize: 16 * GIB, totalSize: 16 * GIB };

/** Keeps nothing but the checksum. */
class Blackhole implements FileSink {
  readonly hash: Hash = createHash('sha256');

  write(chunk: Buffer): void {
    this.hash.update(chunk);
  }
}

/** Keeps the file in a place of its own until it is removed. */
class Temporary implements FileSink {
  readonly hash: Hash = createHash('sha256');
  readonly #path = join(tmpdir(), `obol-large-file-${randomUUID()}`);
  readonly #file: WriteStream = createWriteStream(this.#path, { flags: 'wx', mode: 0o600 });

  constructor() {
    // The write that meets a failure reports it; without a listener it would end the process.
    this.#file.on('error', () => undefined);
  }

  write(chunk: Buffer): unknown {
    this.hash.update(chunk);
    return this.#file.write(chunk) || once(this.#file, 'drain');
  }

  async end(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
    await rm(this.#path);
  }

  async destroy(): Promise<void> {
    this.#file.destroy();
    await rm(this.#path, { force: true });
  }
}

const WAYS = [
  ['blackhole', 'keeps nothing but the checksum'],
  ['temporary', 'keeps the file in a place of its own, until it is complete'],
  ['no-factory', 'leaves it to Obol where the file is kept'],
] as const;

@Controller()
class LargeFileController {
  @Get('/')
  index() {
    const links = WAYS.map(([way, what]) => `<li><a href="/${way}">${way}</a> ${what}</li>`);
    return htmlPage({
      title: 'Large files',
      main: `<p>Uploads of up to 16 GiB, taken in three ways. A large one needs no more memory than a small one.</p>
<ul>
${links.join('\n')}
</ul>`,
    });
  }

  @Get('/<way:re:blackhole|temporary|no-factory>')
  form(_req: Request, way: string) {
    return page(
      `Upload to ${way}`,
      `<form method="post" enctype="multipart/form-data">
<label>File <input type="file" name="file" required></label>
<button>Upload</button>
</form>`,
    );
  }

  @Form({ ...SIZE, fileCallback: () => new Blackhole() })
  @Post('/blackhole')
  blackhole(req: Request) {
    return report(req, (file) => (file.sink as Blackhole).hash);
  }

  @Form({ ...SIZE, fileCallback: () => new Temporary() })
  @Post('/temporary')
  temporary(req: Request) {
    return report(req, (file) => (file.sink as Temporary).hash);
  }

  /** Without a `fileCallback` Obol keeps small files in memory and large ones in a private folder. */
  @Form(SIZE)
  @Post('/no-factory')
  noFactory(req: Request) {
    return report(req, async (file) => {
      const hash = createHash('sha256');
      await pipeline(file.stream(), hash);
      return hash;
    });
  }
}

async function report(req: Request, hashOf: (file: UploadedFile) => Hash | Promise<Hash>) {
  const seconds = (Date.now() - req.startTime) / 1000;
  const files = await Promise.all(
    req.form.files.map(async (file) => ({
      filename: file.filename,
      length: file.length,
      sha256: (await hashOf(file)).digest('hex'),
      seconds,
      speed: `${(file.length / 1024 ** 2 / Math.max(seconds, 0.001)).toFixed(1)} MiB/s`,
    })),
  );
  if (req.accepts('html', 'json') === 'json') return files;
  const rows = files.flatMap((file) =>
    Object.entries(file).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(String(value))}</dd>`),
  );
  return page('Uploaded', `<dl>${rows.join('')}</dl>`);
}

function page(title: string, content: string): string {
  return htmlPage({ title, main: `${content}\n<p><a href="/">Back</a></p>` });
}

const app = await bootstrap({ controllers: [LargeFileController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
  // A large upload takes its time; a slow or silent one is still ended by the minimum rate and the read timeout.
  requestTimeout: 0,
});
console.log(`Listening on ${server.url}`);
