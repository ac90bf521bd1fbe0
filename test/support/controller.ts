import { snapshotOf, type SealedResource } from '@gatehouse/contract'
import type { Authenticate } from '../../controller/src/push/authenticate.ts'
import { soleLeader, type Authority } from '../../controller/src/push/authority.ts'
import { PushServer } from '../../controller/src/push/server.ts'
import type { SessionState } from '../../controller/src/push/sessions.ts'
import { changes, type Changes } from './changes.ts'
import { controllerCredentials, type PushChannel } from './pushChannel.ts'

/** The controller's real push server, which serves resources made by a test. */
export interface TestController {
  readonly push: PushServer
  /** `host:port`. */
  readonly address: string
  /** Every state that any session has been in, in order. */
  readonly states: Changes<SessionState>
  /** Makes these the configuration, and waits for the first answer to it, ack or nack. */
  publish(resources: readonly SealedResource[]): Promise<SessionState>
  close(): Promise<void>
}

export interface TestControllerOptions {
  /** Default: it leads from now on. */
  readonly authority?: Authority
  readonly authenticate?: Authenticate
}

/** Starts a push server on a free port of 127.0.0.1. */
export async function startTestController(
  channel: PushChannel,
  options: TestControllerOptions = {},
): Promise<TestController> {
  const states = changes<SessionState>()
  const push: PushServer = await PushServer.listen({
    installation: channel.installation,
    address: '127.0.0.1',
    port: 0,
    credentials: controllerCredentials(channel),
    authority: options.authority ?? soleLeader(Date.now()),
    authenticate: options.authenticate ?? null,
    now: Date.now,
    unauthenticated: () => undefined,
    oversize: () => undefined,
    resendDelay: 50,
    changed: () => {
      for (const state of push.sessions()) if (states.all.at(-1) !== state) states.add(state)
    },
  })
  return {
    push,
    address: `127.0.0.1:${push.port}`,
    states,
    publish: (resources) => {
      const snapshot = snapshotOf(resources)
      const before = states.all.length
      const answered = (state: SessionState): boolean =>
        states.all.lastIndexOf(state) >= before &&
        (state.nack === null ? state.revision : state.nack.revision) === snapshot.revision
      push.publish(snapshot)
      return states.first(answered, 20_000)
    },
    close: () => push.close(),
  }
}
