import type { Duplex } from 'node:stream'

/** What is told of a tunnel. */
export interface TunnelWatch {
  /** @param bytes - that have moved; 0 = they moved before */
  moved(bytes: number): void
  /** One side has ended, and everything that came before has been handed to the other. */
  ended(side: 'client' | 'upstream'): void
  /** The upstream is gone without having ended. */
  broke(): void
}

/** Carries the bytes of two connections to each other, no faster than each takes them. */
export class Tunnel {
  readonly #upstream: Duplex
  readonly #client: Duplex

  constructor(client: Duplex, upstream: Duplex, watch: TunnelWatch) {
    this.#client = client
    this.#upstream = upstream
    carry(client, upstream, watch, () => watch.ended('client'))
    carry(upstream, client, watch, () => watch.ended('upstream'))
    // Whoever reports an error closes too.
    upstream.on('error', ignore)
    client.on('error', ignore)
    upstream.on('close', () => {
      if (!upstream.readableEnded) watch.broke()
    })
  }

  /** Whether the client has to read before more can come. */
  get clientIsFull(): boolean {
    return this.#client.writableNeedDrain
  }

  /** Tells the upstream that nothing more comes. */
  endUpstream(): void {
    this.#upstream.end()
  }

  /** Lets the upstream go at once. The client's connection is its owner's. */
  close(): void {
    this.#upstream.destroy()
  }
}

function carry(from: Duplex, to: Duplex, watch: TunnelWatch, ended: () => void): void {
  from.on('data', (chunk: Buffer) => {
    watch.moved(chunk.length)
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => {
    watch.moved(0)
    from.resume()
  })
  from.on('end', ended)
}

const ignore = (): void => {}
