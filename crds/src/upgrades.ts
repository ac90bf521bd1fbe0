import { z } from 'zod'
import { set } from './lists.ts'

/** What a connection may become at the request of a client. */
export const upgrades = set(
  z.enum(['websocket']).describe('websocket: a WebSocket (RFC 6455) over HTTP/1.1.'),
  { min: 1, max: 1 },
  'What connections of clients may become, once a request for it has passed the policy. timeouts.idle and timeouts.maxStreamAge bound them. Absent = nothing: such a request is answered 501.',
)
