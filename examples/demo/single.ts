import { headerDifferences, type Case } from './cases.ts'
import { answerText, decidedBy, difference, type Row } from './row.ts'
import type { DemoWorld } from './world.ts'

/** The part of what the backend saw that the case is about. */
function seenText(expected: NonNullable<Case['backend']>, headers: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(expected)
  const there = names.filter((name) => headers[name] !== undefined)
  const [gone, ...more] = names.filter((name) => headers[name] === undefined)
  const shown = there.map((name) => `${name.replace('x-gatehouse-', '')}=${String(headers[name])}`)
  const absent = gone === undefined ? [] : [`no ${gone}${more.length > 0 ? ` and ${more.length} more` : ''}`]
  return `saw ${[...shown, ...absent].join(', ')}`
}

/** Sends one request and compares what came of it with what must. */
export async function runCase(one: Case, { client, gateway, orders }: DemoWorld): Promise<Row> {
  const answer = await client.send(one.ask)
  const decision = await gateway.decision(answer.requestId)
  const seen = orders.seen.get(answer.requestId)
  const found = { answer: answerText(answer), decidedBy: decidedBy(decision) }
  const reached = one.backend === undefined ? 'not reached' : 'reached'
  return {
    what: one.what,
    sent: one.sent,
    ...found,
    backend: seen ? seenText(one.backend ?? {}, seen.headers) : 'not reached',
    differences: [
      ...difference('answer', one.answer, found.answer),
      ...difference('decided', one.why, found.decidedBy),
      ...difference('backend', reached, seen ? 'reached' : 'not reached'),
      ...(one.backend && seen ? headerDifferences(one.backend, seen.headers) : []),
    ],
  }
}
