/** What is used of it. Its types on npm are those of Express, which is not here, and bring ten more packages. */
declare module 'compression' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type { BrotliOptions } from 'node:zlib';

  export default function compression(options: {
    filter(request: IncomingMessage, response: ServerResponse): boolean;
    /** A constant of zlib for each write. */
    flush: number;
    brotli: BrotliOptions;
  }): (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
}
