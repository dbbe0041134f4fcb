/** A form with files and a live progress bar: start it with `npm run sample -- forms`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { abort, bootstrap, Controller, Form, Get, Post, reply, type Request, type UploadedFile } from 'obol';
import { uploadProgress } from 'obol/uploads';
import { formPage, resultPage, type Result, type ResultFile } from './pages.js';
import { Pictures } from './pictures.js';

const MIB = 1024 * 1024;
const script = readFileSync(new URL('upload.js', import.meta.url), 'utf8');
const style = readFileSync(new URL('style.css', import.meta.url), 'utf8');

@Controller()
class FormsController {
  readonly #pictures = new Pictures({ count: 100, size: 4 * MIB, total: 64 * MIB });

  @Get('/')
  index() {
    return formPage();
  }

  @Post('/upload')
  @Form({ fileSize: 256 * MIB, totalSize: 512 * MIB, files: 50 })
  async upload(req: Request): Promise<unknown> {
    const { form } = req;
    const files: ResultFile[] = [];
    for (const file of form.files) files.push(await this.#look(file));
    const names = new Set(form.fields.map(({ name }) => name));
    const result: Result = { fields: [...names].map((name) => [name, form.getList(name)]), files };
    if (req.headers.get('accept')?.includes('application/json')) return asJson(result);
    return resultPage(result);
  }

  @Get('/pictures/<id:uuid>')
  picture(_req: Request, id: string) {
    const picture = this.#pictures.get(id);
    if (!picture) abort(404);
    return reply(picture.bytes, {
      contentType: picture.type,
      headers: { 'Cache-Control': 'private, max-age=600' },
    });
  }

  @Get('/upload.js')
  script() {
    return reply(script, 'text/javascript');
  }

  @Get('/style.css')
  style() {
    return reply(style, 'text/css');
  }

  /** Reads the file once for its hash, however long it is, and keeps it when it is a small picture. */
  async #look(file: UploadedFile): Promise<ResultFile> {
    const hash = createHash('sha256');
    for await (const chunk of file.stream() as AsyncIterable<Buffer>) hash.update(chunk);
    const { name: field, filename: name, type, length } = file;
    const picture = await this.#pictures.keep(file);
    return {
      field,
      name,
      type,
      length,
      sha256: hash.digest('hex'),
      ...(picture !== undefined && { picture }),
    };
  }
}

function asJson({ fields, files }: Result) {
  // Names are the client's: fromEntries makes even __proto__ a property like any other.
  return { fields: Object.fromEntries(fields), files };
}

const app = await bootstrap({ controllers: [FormsController], features: [uploadProgress()] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
  // Long uploads may take their time; those that come too slowly are ended all the same.
  requestTimeout: 0,
});
console.log(`Listening on ${server.url}`);
