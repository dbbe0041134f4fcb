/** Where the files of a form go: a folder of its own, for as long as the request lasts. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { FormOptions, Request, UploadedFile } from 'obol';

const SHOWN = 64 * 1024;

/** Makes the places that files are written to. */
export class StorageFactory {
  readonly #directory: string;

  /** @param directory made when the first file comes */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** For the form of a request. Whatever becomes of the form, its files are gone when the request is over. */
  fileCallback(req: Request): NonNullable<FormOptions['fileCallback']> {
    return (filename) => {
      const file = this.#create(filename);
      req.onClose(() => remove(file));
      return file;
    };
  }

  /** The text of a file, or Base64 of what is none, at most 64 KiB of it. The file is removed. */
  async take({ sink }: UploadedFile): Promise<string> {
    const { path } = sink as WriteStream;
    const bytes = await readFile(path);
    await rm(path);
    return bytes.subarray(0, SHOWN).toString(isUtf8(bytes) ? 'utf8' : 'base64');
  }

  /**
   * No client can choose or guess the name, and it is never that of another file. It begins with a dot, so that the
   * document root neither lists nor serves it.
   */
  #create(filename: string): WriteStream {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const name = `.${randomUUID()}-${filename.replace(/[^\w.-]/g, '_').slice(-100)}`;
    return createWriteStream(join(this.#directory, name), { flags: 'wx', mode: 0o600 });
  }
}

/** Not before the stream is closed: it could make the file after it was removed. */
async function remove(file: WriteStream): Promise<void> {
  await finished(file.destroy()).catch(() => undefined);
  await rm(file.path, { force: true });
}
