/** One note: `/notes/1`. */
import { HttpError, type Request } from 'obol';
import { htmlPage } from 'obol/page';
import { NOTES } from './_notes.js';

export default function note(_request: Request, id: number): string {
  const text = NOTES[id - 1];
  if (text === undefined) throw new HttpError(404, `There is no note ${String(id)}`);
  return htmlPage({ title: `Note ${String(id)}`, head: '', main: `<p>${text}</p>` });
}
