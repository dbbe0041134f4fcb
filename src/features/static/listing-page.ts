/** The page of a directory listing: links and a table, no scripts, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { escapeHtml, htmlPage } from '../../kit.js';
import type { ListedEntry } from './read-directory.js';

/** What a listing is sorted by. */
export type SortKey = 'name' | 'date' | 'size';

/** How a listing is sorted; directories always come first. */
export interface Order {
  readonly sort: SortKey;
  readonly isDescending: boolean;
}

export interface ListingPage {
  /** The directories from the top to this one, decoded. */
  readonly names: readonly string[];
  readonly entries: readonly ListedEntry[];
  readonly order: Order;
  /** Whether there are more entries than these. */
  readonly isCut: boolean;
}

const STYLE = `body{max-width:60rem;padding-top:2rem}
h1{font-size:1.25rem;font-weight:600}
main a{text-decoration:none}
main a:hover{text-decoration:underline}
th a{color:inherit}
th[aria-sort=ascending] a::after{content:" \\25B4";content:" \\25B4"/""}
th[aria-sort=descending] a::after{content:" \\25BE";content:" \\25BE"/""}
th,td{padding:.35rem .5rem}
th+th,td+td{width:1%;white-space:nowrap;color:var(--quiet)}
th+th+th,td+td+td{text-align:right}
td{font-variant-numeric:tabular-nums}
td:first-child::before{content:"";display:inline-block;box-sizing:border-box;width:.7rem;height:.9rem;margin:0 .75rem -.1rem .15rem;border:1.5px solid var(--quiet);border-radius:2px}
.dir td:first-child::before{width:1rem;height:.8rem;margin:0 .6rem -.05rem 0;border:0;background:var(--accent);clip-path:polygon(0 0,40% 0,52% 18%,100% 18%,100% 100%,0 100%)}
.up td:first-child::before{width:.55rem;height:.55rem;margin:0 .82rem -.15rem .22rem;border-width:2px 0 0 2px;border-radius:0;transform:rotate(45deg)}
.dir td:first-child{font-weight:600}
p{color:var(--quiet)}
@media(max-width:34rem){th+th:not(:last-child),td+td:not(:last-child){display:none}}
`;

/** Nothing but the very style of the page. */
export const PAGE_POLICY =
  `default-src 'none'; style-src 'sha256-${hashOfStyle(documentOf('', '', ''))}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function hashOfStyle(html: string): string {
  const [, style = ''] = /<style>([^<]*)/.exec(html) ?? [];
  return createHash('sha256').update(style).digest('base64');
}

const COLUMNS: readonly (readonly [SortKey, string])[] = [
  ['name', 'Name'],
  ['date', 'Modified (UTC)'],
  ['size', 'Size'],
];

/** The whole document. */
export function listingPage({ names, entries, order, isCut }: ListingPage): string {
  const title = `Index of /${names.map((name) => `${name}/`).join('')}`;
  const heads = COLUMNS.map(([key, label]) => headCell(key, label, order)).join('');
  const up =
    names.length === 0
      ? ''
      : '<tr class="up"><td><a href="../">Parent directory</a></td><td></td><td></td></tr>\n';
  const more = isCut ? `\n<p>More than ${String(entries.length)} entries; the rest is not shown.</p>` : '';
  const main = `<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${up}${entries.map(row).join('')}</tbody>
</table>${more}`;
  return documentOf(title.toWellFormed(), breadcrumbs(names), main);
}

function documentOf(title: string, heading: string, main: string): string {
  return htmlPage({ title, heading, main, style: STYLE, head: '' });
}

function breadcrumbs(names: readonly string[]): string {
  const links = names.map((name, i) => crumb(name, names.length - i - 1));
  return `Index of ${[crumb('', names.length), ...links].join('')}`;
}

/** Relative, so that it is right behind any proxy. */
function crumb(name: string, levelsUp: number): string {
  const href = levelsUp === 0 ? './' : '../'.repeat(levelsUp);
  return `<a href="${href}"${levelsUp === 0 ? ' aria-current="page"' : ''}><bdi>${shown(name)}</bdi>/</a>`;
}

/** Names of files may hold any octets: what is no text is seen as U+FFFD. */
function shown(name: string): string {
  return escapeHtml(name.toWellFormed());
}

/** The column that sorts already turns around. */
function headCell(key: SortKey, label: string, { sort, isDescending }: Order): string {
  const isSorted = key === sort;
  const state = isSorted ? ` aria-sort="${isDescending ? 'descending' : 'ascending'}"` : '';
  const order = isSorted && !isDescending ? 'desc' : 'asc';
  return `<th scope="col"${state}><a href="?sort=${key}&amp;order=${order}">${label}</a></th>`;
}

function row(entry: ListedEntry): string {
  const { segment, isDirectory, isReachable, size, modified } = entry;
  const slash = isDirectory ? '/' : '';
  // With an encoded colon, and behind "./", a name never reads as a scheme.
  const href = isReachable ? escapeHtml(`./${segment}${slash}`) : undefined;
  const text = `<bdi>${shown(entry.name)}</bdi>${slash}`;
  const cell =
    href === undefined
      ? `<span title="No URL can name this">${text}</span>`
      : `<a href="${href}">${text}</a>`;
  const bytes = isDirectory ? '' : humanSize(size);
  return `<tr${isDirectory ? ' class="dir"' : ''}><td>${cell}</td><td>${timeOf(modified)}</td><td>${bytes}</td></tr>\n`;
}

function timeOf(modified: number): string {
  const iso = isoDate(modified);
  return iso === null ? '' : `<time datetime="${iso}">${iso.slice(0, -8).replace('T', ' ')}</time>`;
}

/** Some file systems hold times that no calendar has. @returns null for those */
export function isoDate(time: number): string | null {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `312 B`, `1.0 KiB`, `25 MiB`: two digits, or three before the point. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit] ?? ''}`;
}
