/** Shows the events of the server. All that a browser needs for connecting again is in EventSource. */
const element = (id) => document.getElementById(id);
const events = new EventSource('/events');

function show(state) {
  element('state').textContent = state;
  element('state').classList.toggle('open', state === 'open');
}

events.addEventListener('open', () => show('open'));
events.addEventListener('error', () =>
  show(events.readyState === EventSource.CLOSED ? 'closed' : 'connecting'),
);

events.addEventListener('hello', ({ data }) => {
  const { from } = JSON.parse(data);
  const line = document.createElement('li');
  const number = document.createElement('b');
  number.textContent = from;
  line.append(`${new Date().toLocaleTimeString()}  connected, Last-Event-ID `, from === 0 ? 'none' : number);
  element('log').prepend(line);
  while (element('log').children.length > 8) element('log').lastChild.remove();
});

events.addEventListener('tick', ({ data }) => {
  const { count, time, memory } = JSON.parse(data);
  element('count').textContent = count;
  element('time').textContent = new Date(time).toLocaleTimeString();
  element('memory').textContent = `${(memory / 2 ** 20).toFixed(0)} MiB`;
});
