import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Backend } from '../backend.ts'
import { compiled } from '../compiled.ts'
import type { GatewayHarness } from '../gateway.ts'
import { sendRaw } from '../raw.ts'
import { headersOf } from './credentials.ts'
import { decidedOf, explainer } from './explained.ts'
import { asksAnew, decide, isAskedAbout, type Decided } from './model.ts'
import type { Parties } from './parties.ts'
import { requests } from './requests.ts'
import { policySets, promoted } from './sets.ts'
import type { Holder, Level, PolicySet, RequestShape } from './shapes.ts'
import { host, worldOf } from './world.ts'

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
  readonly would: {
    readonly model: string
    readonly explain: string
    readonly live: string
    /** Whether a data plane cannot tell, since it would have to ask somebody whom enforcement does not ask (M9). */
    readonly unasked: boolean
  }
}

/** Where requests really go. */
export interface Live {
  readonly gateway: GatewayHarness
  readonly backend: Backend
}

/** How a decision changes, in the words of the record. */
export const change = (before: Decided, after: Decided): string =>
  before.decision === after.decision ? 'same' : after.decision === 'allow' ? 'would-allow' : 'would-deny'

async function askLive(request: RequestShape, headers: readonly string[], { gateway }: Live, parties: Parties) {
  const { method, path, source, certificate } = request
  const lines = [`Host: ${host}`]
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  if (source !== '127.0.0.1') lines.push(`X-Forwarded-For: ${source}`)
  const text = `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`
  const before = gateway.logs.lines.all.length
  const tls = certificate === null ? {} : { tls: tlsOf(parties, certificate) }
  await sendRaw(gateway.target(certificate === null ? 'http' : 'https'), text, { methods: [method], ...tls })
  const isDecision = (line: { readonly log: string }) => line.log !== 'operational'
  return await gateway.logs.lines.first((line) => isDecision(line) && gateway.logs.lines.all.indexOf(line) >= before)
}

const tlsOf = ({ holders, mesh }: Parties, holder: Holder) => ({
  ca: mesh,
  servername: host,
  cert: holders[holder].certificate,
  key: holders[holder].privateKey,
})

function decidedBy(line: Readonly<Record<string, unknown>>): Decided {
  const { decision, code, policy, item, level } = line as Readonly<Record<string, string & number & null>>
  return decidedOf({ allowed: decision === 'permit', code: code!, policy: policy!, item: item!, level: level! })
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Asks all three about every request of a trial. */
export async function sayings(
  { set, requests: asked }: Trial,
  live: Live,
  parties: Parties,
): Promise<readonly Sayings[]> {
  const { backend, gateway } = live
  const upstreams = { 'shop/orders': { address: backend.address, port: backend.port } }
  const { resources, verdicts } = compiled(worldOf(set, parties), { upstreams, ages: 'FromMetadata' })
  const findings = verdicts.flatMap(({ parents }) => parents.flatMap((one) => one.findings))
  const invalid = findings.find(({ type, reason }) => type === 'Accepted' && reason === 'Invalid')
  if (invalid) throw new Error(`no API server would have stored this: ${invalid.message}`)
  const { refused } = await gateway.apply(resources)
  if (refused.length > 0) throw new Error(`a data plane refused ${JSON.stringify(refused)}`)
  const explain = explainer(resources, parties)
  const all: Sayings[] = []
  for (const request of asked) {
    const headers = await headersOf(request, parties)
    const explanation = await explain.explain({ request, headers, told: isAskedAbout(set, request) })
    const line = await askLive(request, headers, live, parties)
    const model = decide(set, request)
    const would = change(model, decide(promoted(set), request))
    all.push({
      model,
      explain: decidedOf(explanation),
      live: decidedBy(line),
      would: {
        model: would,
        explain: explanation.would?.outcome ?? 'same',
        unasked: asksAnew(set, promoted(set), request),
        live: textOf(line['would']) ?? 'same',
      },
    })
  }
  explain.close()
  return all
}

/** How far three agree about a pair. */
export interface Agreement {
  /** On what is decided. */
  readonly now: boolean
  /** On what enforcing everything in Shadow would do; `untried` when the data plane had no time left to try (M9). */
  readonly later: boolean | 'untried'
}

/**
 * Of a token that is not asked about while it is only tried the data plane says that it cannot tell, and explain too
 * unless it was told.
 */
export function agreement({ model, explain, live, would }: Sayings): Agreement {
  const now = isDeepStrictEqual(model, explain) && isDeepStrictEqual(model, live)
  const explained = would.explain === would.model || (would.unasked && would.explain === 'unknown')
  if (would.live === 'unknown' && !would.unasked) return { now, later: explained && 'untried' }
  return { now, later: explained && would.live === (would.unasked ? 'unknown' : would.model) }
}
