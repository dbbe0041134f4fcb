/** What an answer holds, by what it says that it is. */
import { eventsOf } from './events.js';
import { itemsOf } from './items.js';
import type { WebResponse } from './types.js';

/**
 * The data of a response: JSON parsed, text, events as they come, nothing, or a `Blob` for all else.
 * @param isOfItems whether its JSON is an array that is read item by item
 */
export async function dataOf(response: WebResponse, isOfItems: boolean): Promise<unknown> {
  const [type = ''] = (response.headers.get('content-type') ?? '').toLowerCase().split(/[;\s]/, 1);
  if (response.body === null) return undefined;
  if (type === 'text/event-stream') return eventsOf(textsOf(response.body));
  if (/[/+]json$/.test(type)) {
    if (isOfItems) return itemsOf(textsOf(response.body));
    const text = await response.text();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
  if (type.startsWith('text/')) return response.text();
  const blob = await response.blob();
  return blob.size === 0 && type === '' ? undefined : blob;
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
