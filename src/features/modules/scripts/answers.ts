/** The answers to a client that runs a script: events as they come, JSON of the whole, or a page that grows. */
import { escapeHtml, EventStreamResponse, JsonResponse, Response } from '../../../kit.js';
import { runningPage, type ScriptView } from './form-page.js';
import type { ScriptEvent, ScriptResult } from './script-run.js';

type Events = AsyncGenerator<ScriptEvent, void, undefined>;

/** What comes of a run is never the same again, and depends on who asks. */
const HEADERS = { 'Cache-Control': 'no-store, no-transform', Vary: 'Accept' };

/** Server-sent events `stdout`, `stderr`, `progress` (a percentage) and, as the last, `end` with what there is to say of the run. */
export function eventAnswer(events: Events): Response {
  return new EventStreamResponse(serverSentEvents(events), { headers: HEADERS });
}

async function* serverSentEvents(
  events: Events,
): AsyncGenerator<{ event: string; data: unknown }, void, undefined> {
  for await (const { name, data } of events)
    yield { event: name, data: typeof data === 'number' ? String(data) : data };
}

/** The output and the end of a run. */
export interface RunOutput extends ScriptResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A {@link RunOutput} as JSON, when the run is over. */
export async function jsonAnswer(events: Events): Promise<Response> {
  const texts = { stdout: '', stderr: '' };
  let result: ScriptResult | undefined;
  for await (const { name, data } of events) {
    if (name === 'stdout' || name === 'stderr') texts[name] += data;
    if (name === 'end') result = data;
  }
  return new JsonResponse({ ...result, ...texts }, { headers: HEADERS });
}

/** The page of the script, which grows with its output in any browser. */
export function pageAnswer(events: Events, view: ScriptView): Response {
  return new Response(growingPage(events, view), { headers: HEADERS });
}

async function* growingPage(events: Events, view: ScriptView): AsyncGenerator<string, void, undefined> {
  const [before, after] = runningPage(view);
  yield before;
  let summary = '';
  for await (const { name, data } of events) {
    if (name === 'stdout') yield escapeHtml(data);
    if (name === 'stderr') yield `<span class="error">${escapeHtml(data)}</span>`;
    if (name === 'end') ({ summary } = data);
  }
  yield after.replace('<p id="status" role="status">', `$&${escapeHtml(summary)}`);
}
