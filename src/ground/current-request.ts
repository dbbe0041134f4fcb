/** The request under way, for code that runs for it without having it: streams, timers and all that is awaited included. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ContextKey } from './context-key.js';
import { shared } from './copies.js';

/** What is followed of a request, of whatever copy of Obol. */
export interface Followed {
  readonly root: Followed;
  get<T>(key: ContextKey<T>): T | undefined;
  set<T>(key: ContextKey<T>, value: T): void;
  onClose(callback: () => unknown): void;
}

/** One for all copies of Obol in the process. */
interface Following {
  /** There from the first on that asks which request is under way: where there is none, requests cost nothing for it. */
  storage: AsyncLocalStorage<CurrentRequest> | undefined;
  /** Answers a request that is found meanwhile; undefined where no request shall be but those with an id. */
  run: (<R, A>(request: R & Followed, answer: (request: R) => A) => A) | undefined;
}

export const LIVE = shared<Following>('obol.follow.v1', () => ({ storage: undefined, run: undefined }));

const SLOT = new ContextKey<CurrentRequest>('obol.current-request', { shared: true });

/**
 * What code that runs for a request finds of it. Applications within one another have one together. A connection that is opened
 * meanwhile, and kept, keeps this as well: so it lets go of the request when that is over, and keeps the values alone.
 */
export class CurrentRequest {
  readonly values = new Map<object, unknown>();
  /** What it stands in front of, while a function runs. */
  readonly outer: CurrentRequest | undefined;
  #request: Followed | undefined;
  #id: string | undefined;

  constructor(request?: Followed, outer?: CurrentRequest) {
    this.#request = request;
    this.outer = outer;
  }

  /** From now on every request that an application answers can be found. */
  static follow(): void {
    CurrentRequest.storage();
    LIVE.run ??= (request, answer) => CurrentRequest.run(request, () => answer(request));
  }

  /** Where it is found: from now on, that of requests with an id. */
  static storage(): AsyncLocalStorage<CurrentRequest> {
    return (LIVE.storage ??= new AsyncLocalStorage());
  }

  /** That of the request for which the caller runs; undefined outside of requests. */
  static get(): CurrentRequest | undefined {
    return LIVE.storage?.getStore();
  }

  /** Calls a function that finds the request, as all finds it that the function starts. */
  static run<T>(request: Followed, act: () => T): T {
    const { storage } = LIVE;
    if (!storage) return act();
    const own = request.get(SLOT) ?? begin(request);
    // What stands in front of it stays there.
    for (let around = storage.getStore(); around; around = around.outer) if (around === own) return act();
    return storage.run(own, act);
  }

  /** Calls a function that finds a value under a key, within a request or outside; all else is as it is around. */
  static runWith<T>(key: object, value: unknown, act: () => T): T {
    const own = new CurrentRequest(undefined, CurrentRequest.get());
    own.values.set(key, value);
    return CurrentRequest.storage().run(own, act);
  }

  /** The function, which finds the request that is found where this is called, wherever it is called. */
  static bind<A extends unknown[], T>(act: (...given: A) => T): (...given: A) => T {
    const own = CurrentRequest.get();
    return own ? (...given) => CurrentRequest.storage().run(own, act, ...given) : act;
  }

  /** As the host has it; undefined when it is over, and where there is none. */
  get request(): Followed | undefined {
    return this.outer ? this.outer.request : this.#request;
  }

  /** As `requestId()` has given it. */
  get id(): string | undefined {
    return this.request?.get(ContextKey.REQUEST_ID) ?? this.#id ?? this.outer?.id;
  }

  /** Where the value under a key is, or belongs: in front, where there is one, else with those of the request. */
  valuesWith(key: object): Map<object, unknown> {
    return this.values.has(key) || !this.outer ? this.values : this.outer.valuesWith(key);
  }

  /** The request is over. */
  end(): void {
    this.#id = this.id;
    this.#request = undefined;
  }
}

function begin(request: Followed): CurrentRequest {
  const own = new CurrentRequest(request.root);
  request.set(SLOT, own);
  // What waits for the end of the request as well may still ask for it.
  request.onClose(() => {
    setImmediate(() => {
      own.end();
    });
  });
  return own;
}
