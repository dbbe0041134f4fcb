/** What the page of a script does in a browser: sends its form, and shows the events of the run as they come. */

/**
 * Without it the browser sends the form itself and shows the page that comes, live as well. With it the form stays, a bar shows the
 * progress, and a button stops the run, by leaving it.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const RUNNING = 'Running.';
  const part = (id) => document.getElementById(id);
  const form = part('form'), start = part('start'), stop = part('stop'), alert = part('alert');
  const run = part('run'), output = part('output'), progress = part('progress'), status = part('status');

  // By the document: fields may have the names of what a form has of its own, and then stand in its place.
  document.addEventListener('submit', async (event) => {
    event.preventDefault();
    const leaving = new AbortController();
    stop.onclick = () => leaving.abort();
    begin();
    try {
      const answer = await fetch(location.href, {
        method: 'POST',
        headers: { Accept: 'text/event-stream, application/problem+json' },
        body: new URLSearchParams(new FormData(form)),
        signal: leaving.signal,
      });
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await follow(answer.body);
      else refused(await answer.json().catch(() => ({ title: 'The server answered ' + answer.status })));
    } catch (error) {
      status.textContent = leaving.signal.aborted ? 'Stopped.' : 'The connection was lost: ' + error.message;
    }
    end();
  });

  function begin() {
    output.textContent = '';
    progress.removeAttribute('value');
    start.disabled = alert.hidden = true;
    run.hidden = progress.hidden = stop.hidden = false;
    status.textContent = RUNNING;
  }

  function end() {
    if (status.textContent === RUNNING) status.textContent = 'The connection was lost.';
    start.disabled = false;
    progress.hidden = stop.hidden = true;
  }

  function refused(problem) {
    status.textContent = '';
    alert.textContent = problem.detail ?? problem.title;
    alert.hidden = false;
    run.hidden = true;
  }

  const shown = {
    stdout: (text) => output.append(text),
    stderr: (text) => {
      const span = document.createElement('span');
      span.className = 'error';
      span.textContent = text;
      output.append(span);
    },
    progress: (text) => (progress.value = Number(text)),
    end: (text) => (status.textContent = JSON.parse(text).summary),
  };

  async function follow(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split('\\n\\n');
      rest = events.pop();
      for (const text of events) show(text.split('\\n'));
    }
  }

  function show(lines) {
    const field = (name) => lines.filter((line) => line.startsWith(name + ': ')).map((line) => line.slice(name.length + 2));
    shown[field('event')[0]]?.(field('data').join('\\n'));
    output.scrollTop = output.scrollHeight;
  }
})();
`;
