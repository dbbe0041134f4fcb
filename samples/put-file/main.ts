/** Files sent with PUT, read as a stream: `npm run sample -- put-file`. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { bootstrap, Controller, Data, Get, Put, reply, type Request } from 'obol';

@Controller()
class PutFileController {
  @Get('/')
  index(req: Request) {
    const url = req.constructUrl('/');
    const text = ['blackhole', 'temporary'].map((way) => `curl -T FILE ${url}${way}/NAME\n`).join('');
    return reply(text, 'text/plain');
  }

  /** Reads the file and keeps nothing but its checksum. */
  @Data(false)
  @Put('/blackhole/<filename>')
  async blackhole(req: Request, filename: string) {
    const hash = createHash('sha256');
    let uploaded = 0;
    for await (const chunk of req.stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      uploaded += chunk.length;
    }
    return { uploaded, checksum: hash.digest('hex'), filename };
  }

  /** Keeps the file in a temporary place; what the client calls it is never part of a path. */
  @Data(false)
  @Put('/temporary/<filename>')
  async temporary(req: Request, filename: string) {
    const path = join(tmpdir(), `obol-put-file-${randomUUID()}`);
    const hash = createHash('sha256');
    let uploaded = 0;
    try {
      await pipeline(
        req.stream as AsyncIterable<Buffer>,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            uploaded += chunk.length;
            yield chunk;
          }
        },
        createWriteStream(path, { flags: 'wx', mode: 0o600 }),
      );
    } finally {
      await rm(path, { force: true });
    }
    return { uploaded, checksum: hash.digest('hex'), filename };
  }
}

const app = await bootstrap({ controllers: [PutFileController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
  requestTimeout: 0,
});
console.log(`Listening on ${server.url}`);
