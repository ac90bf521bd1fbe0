import { login, token } from './credentials.ts'
import { answerText, decidedBy, difference, type Row } from './row.ts'
import type { DemoWorld } from './world.ts'

/** The quota of examples/quickstart/50-what-they-may-do.yaml. */
const burst = 10
const perSecond = 1
const sent = 30

/** Sends more requests at once than the quota permits. */
export async function runBurst({ client, gateway, orders, dataHome }: DemoWorld): Promise<Row> {
  const jwt = await token(dataHome, ...login, '--subject', 'bob', '--tenant', 'acme')
  const ask = { path: '/orders/1', headers: { authorization: `Bearer ${jwt}` } }
  const started = performance.now()
  const answers = await Promise.all(Array.from({ length: sent }, () => client.send(ask)))
  const refilled = Math.ceil(((performance.now() - started) / 1000) * perSecond)
  const passed = answers.filter(({ status }) => status === 200)
  const refused = answers.filter((answer) => answerText(answer) === '429 quota-exceeded')
  const reached = answers.filter(({ requestId }) => orders.seen.has(requestId)).length
  const timed = refused.every(({ headers }) => Number(headers['retry-after']) >= 1)
  const decisions = await Promise.all(refused.map(({ requestId }) => gateway.decision(requestId)))
  const why = [...new Set(decisions.map(decidedBy))].join(', ')
  const inBounds = passed.length >= burst && passed.length <= burst + refilled
  return {
    what: `a burst of ${sent}`,
    sent: 'GET /orders/1 token of bob',
    answer: `${passed.length} x 200, ${refused.length} x 429`,
    decidedBy: why,
    backend: `reached by ${reached}`,
    differences: [
      ...(inBounds ? [] : [`answer: expected ${burst} to ${burst + refilled} times 200, found ${passed.length}`]),
      ...difference('answered', String(sent), String(passed.length + refused.length)),
      ...difference('backend', String(passed.length), String(reached)),
      ...difference('decided', 'principal-quota shop/orders/burst', why),
      ...(timed ? [] : ['answer: 429 without Retry-After']),
    ],
  }
}
