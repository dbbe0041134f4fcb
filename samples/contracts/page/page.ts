/** The page of issues, in the browser: what it asks for and gets is typed by the controller, of which it has nothing but the type. */
import { client, type RoutesOf } from 'obol/client';
import type { IssuesController } from '../main.js';

// The server writes it: "obol routes --client" would write the same into a file.
const path = '/routes.js';
const { routes } = (await import(path)) as {
  routes: { IssuesController: RoutesOf<typeof IssuesController> };
};
const issues = client<typeof IssuesController>(location.origin, {
  routes: routes.IssuesController,
  headers: { Authorization: 'Bearer demo' },
});

function at<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

async function show(): Promise<void> {
  const { items } = await issues.list({ query: { limit: 100 } });
  at('issues').replaceChildren(
    ...items.map(({ id, title }) =>
      Object.assign(document.createElement('li'), { textContent: `${id}. ${title}` }),
    ),
  );
}

async function add(form: HTMLFormElement): Promise<void> {
  const title = String(new FormData(form).get('title'));
  const { id } = await issues.add({ body: { title } });
  form.reset();
  at('state').textContent = `Issue ${id} is there`;
}

const form = at<HTMLFormElement>('add');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  add(form).catch((error: unknown) => (at('state').textContent = String(error)));
});

// Whatever page adds an issue, all of them hear of it.
const live = new WebSocket(`${location.origin.replace('http', 'ws')}/live?token=demo`);
live.addEventListener('message', () => void show());
await show();
