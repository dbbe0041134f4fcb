/** Sends the form and shows how far it is: the figures are those of the server, by server-sent events. */
const form = document.getElementById('form');
const element = (id) => document.getElementById(id);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  // No other page can guess it, so none can follow this upload.
  const id = randomId();
  const button = form.querySelector('button');
  button.disabled = true;
  const events = follow(id);
  try {
    const response = await fetch(`/upload?upload-id=${id}`, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new FormData(form),
    });
    if (response.ok) showResult(await response.json());
    else fail(events, (await response.json()).detail ?? response.statusText);
  } catch {
    fail(events, 'The connection broke.');
  } finally {
    button.disabled = false;
  }
});

/** 128 random bits; crypto.randomUUID() would do as well, but exists only over https and on localhost. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function follow(id) {
  element('progress').hidden = false;
  element('result').replaceChildren();
  element('bar').removeAttribute('value');
  const events = new EventSource(`/upload-progress/${id}`);
  events.addEventListener('progress', ({ data }) => showProgress(JSON.parse(data)));
  for (const last of ['done', 'failed']) {
    events.addEventListener(last, ({ data }) => {
      // Otherwise the browser would connect again.
      events.close();
      showProgress(JSON.parse(data));
    });
  }
  return events;
}

function showProgress({ state, received, total, rate, filename }) {
  if (total !== null) element('bar').value = received / total;
  const of = total === null ? '' : ` of ${megabytes(total)}`;
  const file = filename === null ? '' : `, ${filename}`;
  element('figures').textContent = `${state}: ${megabytes(received)}${of}, ${megabytes(rate)}/s${file}`;
}

function fail(events, text) {
  events.close();
  const problem = create('p', text);
  problem.className = 'problem';
  element('result').replaceChildren(problem);
}

function showResult({ fields, files }) {
  const values = document.createElement('dl');
  for (const [name, list] of Object.entries(fields)) {
    const row = document.createElement('div');
    row.append(create('dt', name), ...list.map((value) => create('dd', value)));
    values.append(row);
  }
  const list = document.createElement('ul');
  list.className = 'files';
  list.append(...files.map(fileItem));
  element('result').replaceChildren(values, list);
}

function fileItem({ field, name, type, length, sha256, picture }) {
  const item = document.createElement('li');
  if (picture !== undefined)
    item.append(Object.assign(document.createElement('img'), { src: picture, alt: '' }));
  const text = document.createElement('div');
  const about = `${field}, ${type}, ${length.toLocaleString('en')} bytes`;
  text.append(create('b', name), create('small', about), create('code', sha256));
  item.append(text);
  return item;
}

function create(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}
