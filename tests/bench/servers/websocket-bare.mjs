// A WebSocket that sends back what comes, by ws alone on node:http.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen, serve } from '../serve.mjs';

await serve(() => {
  const server = createServer((request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return listen(server);
});
