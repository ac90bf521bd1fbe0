import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, Ask } from './client.ts'
import { login, token } from './credentials.ts'
import { answerText, decidedBy, difference, type Row } from './row.ts'
import type { DemoWorld } from './world.ts'

/** The breaker of examples/quickstart/30-routes.yaml. */
const minRequests = 5
const openFor = 2000

const whileOpen = 100
const atOnce = 20
/** Milliseconds that half of the answers may take while the breaker is open: a busy machine delays single ones. */
const quick = 10

const countOf = (answers: readonly Answer[], text: string): number =>
  answers.filter((answer) => answerText(answer) === text).length

const summary = (answers: readonly Answer[]): string => {
  const texts = [...new Set(answers.map(answerText))].sort()
  return texts.map((text) => `${countOf(answers, text)} x ${text}`).join(', ')
}

/** The time that a share of the answers did not exceed, in milliseconds. */
export function percentile(answers: readonly Pick<Answer, 'time'>[], share: number): number {
  const times = answers.map(({ time }) => time).sort((a, b) => a - b)
  return times[Math.ceil(times.length * share) - 1] ?? 0
}

async function reasonOf({ gateway }: DemoWorld, answers: readonly Answer[], text: string): Promise<string> {
  const one = answers.find((answer) => answerText(answer) === text)
  return one ? decidedBy(await gateway.decision(one.requestId)) : '-'
}

async function fail(world: DemoWorld, ask: Ask): Promise<Row> {
  const answers: Answer[] = []
  world.payments.behave({ failing: true })
  for (let count = 0; count < minRequests; count++) answers.push(await world.client.send(ask))
  return {
    what: 'a failing backend',
    sent: `GET /payments, ${minRequests} times`,
    answer: summary(answers),
    decidedBy: await reasonOf(world, answers, '500'),
    backend: `reached by ${answers.filter(({ requestId }) => world.payments.seen.has(requestId)).length}`,
    differences: difference('answer', `${minRequests} x 500`, summary(answers)),
  }
}

async function stayOpen(world: DemoWorld, ask: Ask): Promise<Row> {
  const { payments, client } = world
  const [connections, requests] = [payments.connections(), payments.seen.size]
  const answers: Answer[] = []
  for (let count = 0; count < whileOpen; count++) answers.push(await client.send(ask))
  const [connected, reached] = [payments.connections() - connections, payments.seen.size - requests]
  const p50 = percentile(answers, 0.5)
  const p99 = percentile(answers, 0.99)
  const why = await reasonOf(world, answers, '503 circuit-open')
  return {
    what: 'while the breaker is open',
    sent: `GET /payments, ${whileOpen} times`,
    answer: summary(answers),
    decidedBy: why,
    backend: `reached by ${reached}, ${connected} connections; p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    differences: [
      ...difference('answer', `${whileOpen} x 503 circuit-open`, summary(answers)),
      ...difference('decided', 'forward shop/payments/pay', why),
      ...difference('backend', '0 requests, 0 connections', `${reached} requests, ${connected} connections`),
      ...(p50 <= quick ? [] : [`answer: p50 is ${p50.toFixed(1)} ms, at most ${quick} are right`]),
    ],
  }
}

/** Resolves when all but one of these have. */
async function allButOne(promises: readonly Promise<unknown>[]): Promise<void> {
  let settled = 0
  await new Promise<void>((resolve, reject) => {
    for (const one of promises) {
      one.then(() => {
        settled++
        if (settled >= promises.length - 1) resolve()
      }, reject)
    }
  })
}

/** The backend is well again but slow; of many requests at once only one may ask it. */
async function probe(world: DemoWorld, ask: Ask): Promise<Row> {
  const { payments, client } = world
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  payments.behave({ hold })
  const requests = payments.seen.size
  const sending = Array.from({ length: atOnce }, () => client.send(ask))
  // All but the probe are answered while the backend still thinks.
  await allButOne(sending)
  release()
  const answers = await Promise.all(sending)
  const reached = payments.seen.size - requests
  const expected = `1 x 200, ${atOnce - 1} x 503 circuit-open`
  return {
    what: `after ${openFor / 1000} s, one probe`,
    sent: `GET /payments, ${atOnce} at once`,
    answer: summary(answers),
    decidedBy: await reasonOf(world, answers, '200'),
    backend: `reached by ${reached}`,
    differences: [...difference('answer', expected, summary(answers)), ...difference('backend', '1', String(reached))],
  }
}

async function closed(world: DemoWorld, ask: Ask): Promise<Row> {
  world.payments.behave({})
  const answers = await Promise.all(Array.from({ length: atOnce }, () => world.client.send(ask)))
  return {
    what: 'the breaker has closed',
    sent: `GET /payments, ${atOnce} at once`,
    answer: summary(answers),
    decidedBy: await reasonOf(world, answers, '200'),
    backend: `reached by ${answers.filter(({ requestId }) => world.payments.seen.has(requestId)).length}`,
    differences: difference('answer', `${atOnce} x 200`, summary(answers)),
  }
}

/** A backend fails, is left alone, is tried once and is back. */
export async function runBreaker(world: DemoWorld): Promise<readonly Row[]> {
  const jwt = await token(world.dataHome, ...login, '--subject', 'carol', '--tenant', 'acme')
  const ask: Ask = { path: '/payments/1', headers: { authorization: `Bearer ${jwt}` } }
  const failing = await fail(world, ask)
  const opened = performance.now()
  const open = await stayOpen(world, ask)
  await delay(Math.max(0, openFor + 100 - (performance.now() - opened)))
  return [failing, open, await probe(world, ask), await closed(world, ask)]
}
