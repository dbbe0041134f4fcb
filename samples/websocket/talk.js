/** The page's side of the conversation. */
const element = (id) => document.getElementById(id);
const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/[?#].*/, '') + 'ws');

function show(state) {
  element('state').textContent = state;
  element('state').classList.toggle('open', state === 'open');
}

socket.addEventListener('open', () => show('open'));
socket.addEventListener('close', () => show('closed'));
socket.addEventListener('message', ({ data }) => {
  const line = document.createElement('li');
  // What was typed is escaped by the server.
  line.innerHTML = data;
  element('log').append(line);
});

document.forms[0].addEventListener('submit', (event) => {
  event.preventDefault();
  const { text } = event.target.elements;
  if (socket.readyState === WebSocket.OPEN) socket.send(text.value);
  text.value = '';
});
