/** A form: text fields with the interface of query arguments, and files beside them. */
import { HttpError } from '../http/http-error.js';
import { Args } from './args.js';
import type { UploadedFile } from './uploaded-file.js';

/** What a client sent as a form. */
export class Form extends Args {
  readonly #files: readonly UploadedFile[];

  constructor(
    fields: ReadonlyMap<string, readonly string[]> = new Map(),
    files: readonly UploadedFile[] = [],
  ) {
    super(fields);
    this.#files = files;
  }

  /** All files, in the order sent. */
  get files(): readonly UploadedFile[] {
    return this.#files;
  }

  /** The one file of a field; undefined when there is none. @throws HttpError 400 when there are several */
  getFile(name: string): UploadedFile | undefined {
    const [file, second] = this.getFiles(name);
    if (second) throw new HttpError(400, `There is more than one file in ${JSON.stringify(name)}`);
    return file;
  }

  /** Every file of a field. */
  getFiles(name: string): UploadedFile[] {
    return this.#files.filter((file) => file.name === name);
  }

  /** Removes what is left of the files. Done for you when the request is over. */
  async dispose(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.dispose()));
  }
}
