/** The dates of cookies, which are read leniently (RFC 6265bis 5.1.1). */

const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** In the order in which a token is asked what it is; each is found once. */
const PARTS = [
  /^(?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?!\d)/,
  /^(?<day>\d{1,2})(?!\d)/,
  new RegExp(`^(?<month>${MONTHS.join('|')})`, 'i'),
  /^(?<year>\d{2,4})(?!\d)/,
];

type Parts = Readonly<Record<'hour' | 'minute' | 'second' | 'day' | 'month' | 'year', string>>;

/** @returns milliseconds since the epoch; undefined for what is no date */
export function parseCookieDate(text: string): number | undefined {
  const missing = [...PARTS];
  const found = {};
  for (const token of text.split(DELIMITERS)) {
    const place = missing.findIndex((part) => part.test(token));
    if (place >= 0) Object.assign(found, missing.splice(place, 1)[0]?.exec(token)?.groups);
  }
  return missing.length === 0 ? momentOf(found as Parts) : undefined;
}

function momentOf({ hour, minute, second, day, month, year }: Parts): number | undefined {
  const place = MONTHS.indexOf(month.toLowerCase());
  const date = new Date(Date.UTC(fullYear(Number(year)), place, Number(day)));
  const isDay = date.getUTCDate() === Number(day) && date.getUTCFullYear() >= 1601;
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}

function fullYear(year: number): number {
  if (year > 99) return year;
  return year < 70 ? year + 2000 : year + 1900;
}
