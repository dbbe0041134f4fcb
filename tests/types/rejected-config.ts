/** Configurations that do not fit: every marked line must be a compile error, or this file does not compile. */
import { Controller, Injectable } from 'obol';
import { config } from 'obol/config';
import { z } from 'zod';

const Shape = z.object({
  port: z.number().default(8080),
  title: z.string(),
  hosts: z.array(z.string()).default([]),
  database: z.object({ url: z.string() }),
});

class ShopConfig extends config(Shape, { env: 'SHOP_' }) {}

// What makes one.
// @ts-expect-error -- is not assignable to parameter of type 'Schema<unknown, object>'
config({ port: 'number' });
// @ts-expect-error -- a configuration is an object
config(z.string());
// @ts-expect-error -- 'file' does not exist in type 'ConfigOptions'
config(Shape, { file: 'shop.json' });
// @ts-expect-error -- a list
config(Shape, { files: 'shop.json' });
// @ts-expect-error -- Type 'number' is not assignable to type 'string'
config(Shape, { variables: { PORT: 5 } });

// Who takes it.
// @ts-expect-error -- ["parameter 1 of the constructor is", string, "its token gives", ShopConfig]
@Injectable(ShopConfig)
export class Store {
  constructor(readonly url: string) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", Pick<Other, "name">, "its token gives", ShopConfig]
@Controller('/', ShopConfig)
export class Shop {
  constructor(readonly other: Pick<Other, 'name'>) {}
}

class Other extends config(z.object({ name: z.string() })) {}

// What it holds.
const read = ShopConfig.read();
// @ts-expect-error -- Property 'prot' does not exist
export const misspelt = read.prot;
// @ts-expect-error -- Type 'number' is not assignable to type 'string'
export const port: string = read.port;
// @ts-expect-error -- read-only
read.title = 'a';
// @ts-expect-error -- read-only
read.database.url = 'a';
// @ts-expect-error -- Property 'push' does not exist
read.hosts.push('a');

// What it is given.
// @ts-expect-error -- Type 'string' is not assignable to type 'number'
ShopConfig.feature({ port: '80' });
// @ts-expect-error -- 'prot' does not exist
ShopConfig.feature({ prot: 80 });
// @ts-expect-error -- Property 'database' is missing
export const made = new ShopConfig({ port: 1, title: 'a', hosts: [] });
