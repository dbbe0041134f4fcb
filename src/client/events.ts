/** Reads server-sent events as browsers do (HTML Living Standard 9.2.6), by any method and with any header. */

/** One event of a stream. */
export interface ServerEvent {
  /** Its name; `message` where it has none. */
  readonly event: string;
  /** Text of any number of lines. What a handler gives as an object is JSON here. */
  readonly data: string;
  /** The last id that the stream gave, for the header `Last-Event-ID` of a next call; `''` for none. */
  readonly id: string;
}

const LINE_BREAK = /\r\n|\r|\n/;

/** The events of a stream of text; one that the stream does not end is none. */
export async function* eventsOf(texts: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let id = '';
  let event = '';
  let data: string[] = [];
  for await (const line of linesOf(texts)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
      event = '';
      data = [];
      continue;
    }
    const [name, value] = fieldOf(line);
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  }
}

/** Name and value of a field; the name is '' for a comment. */
function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
  return [line.slice(0, colon), line.slice(start)];
}

/** The lines that have ended, whichever way, a break between two texts included. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let isAfterReturn = false;
  for await (const text of texts) {
    if (text === '') continue;
    const fresh = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
    isAfterReturn = text.endsWith('\r');
    const [first = '', ...others] = fresh.split(LINE_BREAK);
    const lines = [rest + first, ...others];
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
