import type { Socket } from 'node:net'
import type { ConnectionFacts } from '../gateway/facts.ts'

/** What all connections of a port share. */
export interface ServerState {
  /** Then connections end as their requests end. */
  draining: boolean
}

/** The sockets of a connection. */
export interface Sockets {
  /** What HTTP is spoken on. */
  readonly socket: Socket
  /** The TCP socket: the same, or what lies below TLS. */
  readonly transport: Socket
}

/** Something that was written for a client to read. */
export interface Written {
  /** Bytes that have not left, when nothing is left to do but for the client to read; null otherwise. */
  readonly unread: number | null
  /** Breaks it off so that the client cannot take what it has for the whole. */
  reset(): void
}

/** One client connection, whatever is spoken on it. */
export interface Connection {
  readonly facts: ConnectionFacts
  readonly transport: Socket
  /** What its client may have to read. */
  written(): Iterable<Written>
  /** Bytes received on a connection that waits for its client to ask; null = a request is being served. */
  unasked(): number | null
  /** Ends with what is under way: a new connection would show the gateway more. */
  outdate(): void
  /** The port has begun to drain: the client is told as soon as the protocol allows. */
  conclude(): void
  /** Ends it in good order, where nothing is asked. */
  end(): void
  /** Ends what goes on for too long, where only this code looks. @param now - monotonic, milliseconds */
  look(now: number): void
}

/** A protocol that connections of a port can speak. */
export interface Protocol {
  /** Serves a connection from now on. */
  accept(facts: ConnectionFacts, sockets: Sockets): Connection
}
