/** A feature: everything that one part of an application brings along, in one place of the settings. */
import type { Logger } from '../ground/logger.js';
import type { Middleware } from '../message/handler.js';
import type { Provider, RequestProvider } from './provider.js';

/** What a feature adds to an application, such as sessions do. */
export interface Feature {
  /** Around the whole application, and inside of the application's own. */
  readonly middleware?: readonly Middleware[];
  /** What the container gives out. */
  readonly providers?: readonly Provider[];
  /** What the container gives out once for each request. */
  readonly requestProviders?: readonly RequestProvider[];
  /** Called when the application is complete, and before it answers anything. What it throws stops bootstrap. */
  start?(surroundings: Surroundings): void | Promise<void>;
  /** Called when the application has closed, or could not be completed. */
  close?(): void | Promise<void>;
}

/** What an application has for its features. */
export interface Surroundings {
  /** The application's own. */
  readonly logger: Logger;
}

/** One after the other, in their order. When one cannot be started, all are closed again. */
export async function startAll(features: readonly Feature[], surroundings: Surroundings): Promise<void> {
  try {
    for (const feature of features) await feature.start?.(surroundings);
  } catch (error) {
    await closeAll(features).catch(() => undefined);
    throw error;
  }
}

/** Closes every one of them, whatever one throws, which is told then. */
export async function closeAll(features: readonly Feature[]): Promise<void> {
  const results = await Promise.allSettled(features.map(async (feature) => feature.close?.()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
