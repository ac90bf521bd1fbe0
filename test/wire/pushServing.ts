import { seal, snapshotOf, type Snapshot } from '@gatehouse/contract'
import { onTestFinished } from 'vitest'
import { PushServer, type PushOptions } from '../../controller/src/push/server.ts'
import type { SessionState } from '../../controller/src/push/sessions.ts'
import { changes, type Changes } from '../support/changes.ts'
import { controllerCredentials, type PushChannel } from '../support/pushChannel.ts'
import { connectScripted, type ScriptedDataplane, type ScriptedDataplaneOptions } from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'

/** A real push server whose data planes are scripted. */
export interface PushServing {
  readonly push: PushServer
  /** Every state that any session has been in, in order. */
  readonly states: Changes<SessionState>
  /** Revisions that were too large to be sent. */
  readonly oversize: Changes<string>
  /** Data planes whose tokens were refused, and the error if there was one. */
  readonly unknown: Changes<{ readonly instance: string; readonly error: unknown }>
  /** Changes the term, and tells nobody; null = it does not lead. */
  lead(term: number | null): void
  connect(options?: Partial<ScriptedDataplaneOptions>, from?: PushChannel): Promise<ScriptedDataplane>
}

/** Starts one that leads in term 7, on a free port of 127.0.0.1, until the test is over. */
export async function startPushServing(channel: PushChannel, options: Partial<PushOptions> = {}): Promise<PushServing> {
  const states = changes<SessionState>()
  const oversize = changes<string>()
  const unknown: PushServing['unknown'] = changes()
  let term: number | null = 7
  const push: PushServer = await PushServer.listen({
    installation,
    address: '127.0.0.1',
    port: 0,
    credentials: controllerCredentials(channel),
    authority: { term: () => term },
    authenticate: null,
    now: Date.now,
    unauthenticated: (instance, error) => unknown.add({ instance, error }),
    pingInterval: 60_000,
    resendDelay: 20,
    oversize: (revision) => oversize.add(revision),
    changed: () => {
      for (const state of push.sessions()) if (states.all.at(-1) !== state) states.add(state)
    },
    ...options,
  })
  onTestFinished(() => push.close())
  return {
    push,
    states,
    oversize,
    unknown,
    lead: (next) => (term = next),
    connect: (over = {}, from = channel) => connectScripted(from, { port: push.port, ...over }),
  }
}

/** A snapshot of the endpoints of these Services in the namespace `shop`. */
export const snapshotWith = (...names: readonly string[]): Snapshot =>
  snapshotOf(
    names.map((name) =>
      seal({
        kind: 'endpoints',
        name: `shop/${name}:80`,
        spec: { addresses: [{ address: '10.0.0.1', port: 80, zones: [], draining: false }] },
      }),
    ),
  )
