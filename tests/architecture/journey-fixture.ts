/** One request through a real server, measured: run by journey.test.ts in a process of its own. */
import 'reflect-metadata';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { Session } from 'node:inspector/promises';
import { bootstrap, Controller, Get, type Request } from 'obol';

const SOURCE = new URL('../../src/', import.meta.url).href;

let frames: string[] = [];

@Controller()
class PeopleController {
  @Get('/people/<id:int>')
  show(_req: Request, id: number) {
    Error.stackTraceLimit = 100;
    frames = (new Error().stack ?? '').split('\n').filter((line) => line.includes('/src/'));
    return { id };
  }
}

const app = await bootstrap({ controllers: [PeopleController] });
const server = await app.listen({ port: 0, signals: false });
const url = `${server.url}/people/42`;
// One connection, so that only the request itself is counted.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const ask = async (): Promise<void> => {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  await once(response.resume(), 'close');
};

const session = new Session();
session.connect();
await ask();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
// What is done once a second, such as writing the date anew, is not part of every journey: the shortest of some counts.
const journeys = [await functionsOf(ask), await functionsOf(ask), await functionsOf(ask)];
const functions = journeys.reduce((shortest, each) => (each.length < shortest.length ? each : shortest));

async function functionsOf(request: () => Promise<void>): Promise<string[]> {
  await request();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const ours = result.filter(({ url }) => url.startsWith(SOURCE) || url.startsWith(new URL(SOURCE).pathname));
  // Closures have no names; they are told apart by where they begin.
  return ours.flatMap(({ url: file, functions: called }) =>
    called
      .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
      .map(
        ({ functionName, ranges }) =>
          `${file.split('/src/')[1] ?? file} ${functionName || `@${ranges[0]?.startOffset}`}`,
      ),
  );
}

agent.destroy();
await app.close();
console.log(JSON.stringify({ frames, functions }));
