/** A request as data that may be shown: bounded, and without its secrets. */
import type { Request } from '../../kit.js';
import { REDACTED } from '../config/redacted.js';
import type { Secrets } from './secrets.js';

/** What is shown, in groups. */
export type SeenRequest = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Characters of a value that are shown; twice as many are looked at for secrets. */
const MAX_TEXT = 1000;
/** Members of an object or a list, and names of a kind. */
const MAX_MEMBERS = 100;
/** Objects within one another. */
const MAX_DEPTH = 8;

/** The request, whose body has been read if it is to be. */
export function seenRequest(request: Request, secrets: Secrets): SeenRequest {
  const seen = new Seen(secrets);
  const { method, httpVersion, base, path, query, user, peer, headers, args, cookies } = request;
  return {
    request: {
      method,
      url: seen.url(base + path + (query && `?${query}`), request),
      'HTTP version': httpVersion,
      base: seen.url(base, request),
      route: request.route?.name,
      parameters: seen.object(request.params),
      user: typeof user === 'string' ? user : user === null || user === undefined ? undefined : REDACTED,
    },
    query: seen.lists(args.names(), (name) => args.getList(name)),
    headers: seen.lists(new Set([...headers].map(([name]) => name)), (name) => headers.getAll(name)),
    cookies: seen.lists(cookies.keys(), () => [REDACTED]),
    client: { address: peer.address, scheme: peer.scheme, host: peer.host, forwarded: request.forwardedFor },
    body: request.hasBody ? seen.body(request) : {},
  };
}

class Seen {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** What it was sent to, or the beginning of that; secret parameters of the path, those of mounts too, are hidden as those of the query are. */
  url(text: string, { params }: Request): string {
    const secret = Object.entries(params).filter(
      ([name, value]) => this.#secrets.isHidden(name) && value !== '',
    );
    // As they stand in a canonical path.
    const texts = secret.map(([, value]) => String(value).replaceAll('%', '%25'));
    return this.#text(texts.reduce((shown, each) => shown.replaceAll(each, REDACTED), text));
  }

  lists(names: Iterable<string>, valuesOf: (name: string) => readonly string[]): Record<string, unknown> {
    const entries = [...names].slice(0, MAX_MEMBERS).map((name) => {
      const values = valuesOf(name).slice(0, MAX_MEMBERS);
      const [first, ...more] = values.map((value) => this.#text(value, name));
      return [cut(name), more.length === 0 ? first : [first, ...more]] as const;
    });
    return Object.fromEntries(entries);
  }

  object(object: object): unknown {
    return Object.keys(object).length === 0 ? undefined : this.#value(object, '');
  }

  body(request: Request): Record<string, unknown> {
    const { mimeType, charset, contentLength, json, form, data } = request;
    const head = {
      type: mimeType,
      charset: mimeType === '' ? undefined : charset,
      bytes: contentLength < 0 ? data?.length : contentLength,
    };
    if (json !== undefined) return { ...head, json: this.#value(json, '') };
    if (form.size > 0) return { ...head, form: this.#form(form) };
    const text = data && mimeType.startsWith('text/') ? data.toString() : undefined;
    return { ...head, text: text === undefined ? undefined : this.#text(text) };
  }

  #form(form: Request['form']): Record<string, unknown> {
    const fields = this.lists(form.names(), (name) => form.getList(name));
    const files = form.names().flatMap((name) => form.getFiles(name));
    return { ...fields, ...(files.length > 0 && { files: this.#value(files.map(nameAndSize), '') }) };
  }

  #text(value: string, name = ''): string {
    return cut(this.#secrets.shown(name, value.slice(0, 2 * MAX_TEXT)));
  }

  #value(value: unknown, name: string, depth = 0): unknown {
    if (this.#secrets.isHidden(name)) return REDACTED;
    if (typeof value === 'string') return this.#text(value, name);
    if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
    if (value instanceof Date) return String(value);
    if (depth >= MAX_DEPTH) return '…';
    if (Array.isArray(value))
      return value.slice(0, MAX_MEMBERS).map((each) => this.#value(each, '', depth + 1));
    const members = Object.entries(value).slice(0, MAX_MEMBERS);
    return Object.fromEntries(
      members.map(([key, each]) => [cut(key), this.#value(each, key, depth + 1)] as const),
    );
  }
}

function nameAndSize({ filename, length }: { readonly filename: string; readonly length: number }): object {
  return { filename, bytes: length };
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
