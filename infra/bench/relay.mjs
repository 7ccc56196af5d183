// The relay without a database that `bench fanout` compares with: Express takes messages, ws hands
// them to everybody in the room, and nothing is kept. Prints its port.
import { createServer } from 'node:http';
import express from 'express';
import { WebSocketServer } from 'ws';

const rooms = new Map();
const app = express();
app.use(express.json());
app.post('/rooms/:room', (request, response) => {
  const text = JSON.stringify(request.body);
  for (const socket of rooms.get(request.params.room) ?? []) {
    socket.send(text);
  }
  response.status(202).json({ accepted: true });
});

const server = createServer(app);
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const room = request.url.split('/').pop();
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  socket.on('close', () => members.delete(socket));
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
