import fc from 'fast-check'
import { decidedOf, explainer } from './explained.ts'
import { headersOf } from './credentials.ts'
import { decide, type Decided } from './model.ts'
import { policySets, promoted, requests, type Level, type PolicySet, type RequestShape } from './sets.ts'
import { worldOf } from './world.ts'
import { compiled } from '../compiled.ts'
import type { Backend } from '../backend.ts'
import type { GatewayHarness } from '../gateway.ts'
import type { Issuer } from '../issuer.ts'
import { sendRaw } from '../raw.ts'
import { host } from './world.ts'

/** The levels at which policies can stand. */
export const levels: readonly Level[] = [0, 1, 2, 3, 4]

/** A set of policies and what is asked under it. */
export interface Trial {
  readonly set: PolicySet
  readonly requests: readonly RequestShape[]
}

/** Random trials, the same for the same seed. */
export const trials = (count: number, each: number, seed: number): readonly Trial[] =>
  fc.sample(
    fc.record({ set: policySets(levels), requests: fc.array(requests, { minLength: each, maxLength: each }) }),
    { numRuns: count, seed },
  )

/** What three say about one pair. */
export interface Sayings {
  readonly model: Decided
  readonly explain: Decided
  readonly live: Decided
  /** What promoting everything in Shadow would do: by the model, by explain, and as the live data plane recorded it. */
  readonly would: { readonly model: string; readonly explain: string; readonly live: string }
}

export interface Parties {
  readonly gateway: GatewayHarness
  readonly backend: Backend
  readonly issuer: Issuer
  readonly stranger: Issuer
}

/** How a decision changes, in the words of the record. */
export const change = (before: Decided, after: Decided): string =>
  before.decision === after.decision ? 'same' : after.decision === 'allow' ? 'would-allow' : 'would-deny'

async function askLive({ method, path }: RequestShape, headers: readonly string[], gateway: GatewayHarness) {
  const lines: string[] = []
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}\r\n`)
  const text = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}Connection: close\r\n\r\n`
  const before = gateway.logs.lines.all.length
  await sendRaw(gateway.target(), text, { methods: [method] })
  const isDecision = (line: { readonly log: string }) => line.log !== 'operational'
  return await gateway.logs.lines.first((line) => isDecision(line) && gateway.logs.lines.all.indexOf(line) >= before)
}

function decidedBy(line: Readonly<Record<string, unknown>>): Decided {
  const { decision, code, policy, item, level } = line as Readonly<Record<string, string & number & null>>
  return decidedOf({ allowed: decision === 'permit', code: code!, policy: policy!, item: item!, level: level! })
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Asks all three about every request of a trial. */
export async function sayings({ set, requests: asked }: Trial, parties: Parties): Promise<readonly Sayings[]> {
  const { gateway, backend, issuer, stranger } = parties
  const upstreams = { 'shop/orders': { address: backend.address, port: backend.port } }
  const { resources } = compiled(worldOf(set, issuer), { upstreams, ages: 'FromMetadata' })
  await gateway.apply(resources)
  const explain = explainer(resources, issuer.issuer)
  const all: Sayings[] = []
  for (const request of asked) {
    const headers = await headersOf(request.shown, issuer, stranger)
    const explanation = await explain.explain(request, headers)
    const line = await askLive(request, headers, gateway)
    const model = decide(set, request)
    const would = change(model, decide(promoted(set), request))
    all.push({
      model,
      explain: decidedOf(explanation),
      live: decidedBy(line),
      would: { model: would, explain: explanation.would?.outcome ?? 'same', live: textOf(line['would']) ?? 'same' },
    })
  }
  explain.close()
  return all
}
