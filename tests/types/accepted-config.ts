/** Configurations that fit what takes them: this file compiles in both protocols. */
import { bootstrap, Controller, Get, Injectable } from 'obol';
import { config } from 'obol/config';
import * as v from 'valibot';
import { z } from 'zod';

const Shape = z.object({
  port: z.number().default(8080),
  title: z.string(),
  hosts: z.array(z.string()).default([]),
  database: z.object({ url: z.string(), pool: z.number().optional() }),
});

class ShopConfig extends config(Shape, { files: ['shop.json', '.env'], env: 'SHOP_', args: ['--port=80'] }) {
  get address(): string {
    return `http://localhost:${String(this.port)}`;
  }
}

class ByValibot extends config(v.object({ name: v.optional(v.string(), 'shop'), size: v.number() })) {}

const Unnamed = config(Shape, { variables: { PORT: 'port' }, secrets: ['database.url'] });

@Injectable(ShopConfig)
export class Store {
  constructor(readonly settings: Pick<ShopConfig, 'database'>) {}
}

@Controller('/', ShopConfig, ByValibot)
export class Shop {
  constructor(
    private readonly shop: ShopConfig,
    private readonly other: ByValibot,
  ) {}

  @Get('/')
  home() {
    const url: string = this.shop.database.url;
    const hosts: readonly string[] = this.shop.hosts;
    return { url, hosts, address: this.shop.address, name: this.other.name.length + this.other.size };
  }
}

export const app = await bootstrap({
  controllers: [Shop],
  features: [
    ShopConfig.feature(),
    ByValibot.feature({}),
    Unnamed.feature({ database: { url: 'sqlite:' }, hosts: ['a'] }),
  ],
});
export const port: number = ShopConfig.read().port;
export const address: string = ShopConfig.read().address;
export const store = new Store(
  new ShopConfig({ port: 1, title: 'a', hosts: [], database: { url: 'sqlite:' } }),
);
