/** What an answer holds, by what it says that it is. */
import { eventsOf } from './events.js';
import { itemsOf } from './items.js';
import type { WebResponse } from './types.js';

/**
 * The data of a response: JSON parsed, text, events as they come, nothing, or a `Blob` for all else.
 * @param isOfItems whether its JSON is an array that is read item by item
 * @throws SyntaxError, as a rejection, for a success whose JSON is none; any other answer is that text then
 */
export async function dataOf(response: WebResponse, isOfItems: boolean): Promise<unknown> {
  const { body, headers, ok } = response;
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(/[;,\s]/, 1);
  if (body === null) return undefined;
  if (type === 'text/event-stream' && ok) return eventsOf(textsOf(body));
  if (/[/+]json$/.test(type)) {
    if (isOfItems) return itemsOf(textsOf(body));
    const text = await response.text();
    return text === '' ? undefined : jsonIn(text, ok);
  }
  if (type.startsWith('text/')) return response.text();
  const blob = await response.blob();
  return blob.size === 0 && type === '' ? undefined : blob;
}

/** What stands between a client and its server answers with pages of its own, whatever they say that they are. */
function jsonIn(text: string, isNeeded: boolean): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (isNeeded) throw error;
    return text;
  }
}

/** The text of a stream as it comes. A reader that stops early ends the answer. */
async function* textsOf(body: NonNullable<WebResponse['body']>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const step = (await reader.read()) as { readonly done: boolean; readonly value?: Uint8Array };
      if (step.done) break;
      yield decoder.decode(step.value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    await reader.cancel();
  }
}
