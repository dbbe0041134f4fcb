/** What a part has to say in the head of the answer that it is in: its cookies, and who may keep the answer for how long. */
import type { Headers, Request } from '../../kit.js';

/** Directives of Cache-Control by name, in lower case; the values as written. */
type Directives = Map<string, string | undefined>;

/** Adds cookies and Vary of a part, and restricts who keeps the whole. @param request that the part was answered to */
export function addPart(head: Headers, part: Headers, request: Request): void {
  addCookies(head, part);
  restrictCaching(head, part, request);
}

/** Adds cookies, and what the answer depends on. Of cookies that a browser takes for one, the part has the later (RFC 6265 4.1.1). */
export function addCookies(head: Headers, part: Headers): void {
  const cookies = part.getAll('set-cookie');
  if (cookies.length > 0) {
    const places = new Set(cookies.map(placeOf));
    const others = head.getAll('set-cookie').filter((cookie) => !places.has(placeOf(cookie)));
    head.set('Set-Cookie', [...others, ...cookies]);
  }
  const vary = part.get('vary');
  if (vary !== undefined) head.appendToList('Vary', ...vary.split(',').map((name) => name.trim()));
}

/** What makes two cookies one: name, domain and path. */
function placeOf(cookie: string): string {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  const [domain, path] = ['domain=', 'path='].map(
    (name) => attributes.findLast((each) => each.toLowerCase().startsWith(name))?.slice(name.length) ?? '',
  );
  return [pair.split('=', 1)[0], domain?.toLowerCase(), path].join(';');
}

/** What may not be kept of the part may not be kept of the whole. */
export function restrictCaching(head: Headers, part: Headers, request: Request): void {
  const own = directivesOf(head);
  const before = writtenAs(own);
  restrict(own, directivesOf(part), isPersonal(part, request));
  const after = writtenAs(own);
  if (after !== before) head.set('Cache-Control', after);
}

/** Of one client only: it sets a cookie or depends on one, or was answered to credentials (RFC 9111 3.5). */
function isPersonal(part: Headers, { headers }: Request): boolean {
  const theirs = directivesOf(part);
  if (theirs.has('private') || part.has('set-cookie')) return true;
  if (/(?:^|[\s,])(?:cookie|authorization|\*)(?:$|[\s,])/i.test(part.get('vary') ?? '')) return true;
  const isShared = ['public', 's-maxage', 'must-revalidate'].some((name) => theirs.has(name));
  return !isShared && headers.has('authorization');
}

function restrict(own: Directives, theirs: Directives, isPrivate: boolean): void {
  if (own.has('no-store')) return;
  if (theirs.has('no-store')) {
    own.clear();
    own.set('no-store', undefined);
    return;
  }
  if (isPrivate) {
    for (const name of ['public', 's-maxage', 'proxy-revalidate']) own.delete(name);
    own.set('private', undefined);
  }
  for (const name of ['no-cache', 'must-revalidate']) if (theirs.has(name)) own.set(name, undefined);
  lower(own, 'max-age', theirs.get('max-age'));
  lower(own, 's-maxage', theirs.get('s-maxage') ?? theirs.get('max-age'));
}

/** Seconds that are not given stay so: a part makes nothing live longer. */
function lower(own: Directives, name: string, most: string | undefined): void {
  const seconds = own.get(name);
  if (seconds !== undefined && most !== undefined && Number(most) < Number(seconds)) own.set(name, most);
}

function directivesOf(headers: Headers): Directives {
  const written = (headers.get('cache-control') ?? '').matchAll(/([\w-]+)(?:=("[^"]*"|[^\s,]*))?/g);
  return new Map([...written].map(([, name = '', value]) => [name.toLowerCase(), value]));
}

function writtenAs(directives: Directives): string {
  return [...directives].map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join(', ');
}
