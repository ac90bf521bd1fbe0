import { resourceKey, revisionOf, type SealedResource } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import { buildGateway } from '../gateway/build.ts'
import type { ClientCertificate, RawRequest } from '../gateway/facts.ts'
import { isRefusal, type Gateway, type Opinion } from '../gateway/gateway.ts'
import { refusals, type Check, type RefusalCode, type Would } from '../gateway/refusal.ts'
import type { Step, Witness } from '../gateway/witness.ts'
import { authenticate } from '../policy/authentication.ts'
import { becomesOf, type Becomes } from './becomes.ts'
import { standInCaller, type StandIn } from './caller.ts'
import { certificateFacts } from './certificate.ts'
import { doorsFor, type Door } from './doors.ts'
import { lonelyState } from './lonelyState.ts'

/** A request as somebody describes it. */
export interface DescribedRequest {
  readonly method: string
  /** http or https. */
  readonly url: URL
  /** Path and query byte for byte, since a URL repairs what it parses. */
  readonly target: string
  /** Name, value, name, value …, beside Host. */
  readonly headers: readonly string[]
  readonly sourceIP: string
  /** The listener that it comes in by; null = one that fits its URL. */
  readonly listener: string | null
  /** PEM; it stands for one that the listener has verified. */
  readonly certificate: string | null
  readonly standIn: StandIn | null
}

/** How a request would be decided, and how that comes about. */
export interface Explanation {
  /** null = no listener is there for it. */
  readonly listener: string | null
  /** True when no listener speaks the protocol of the URL, so that another was taken. */
  readonly otherProtocol: boolean
  readonly allowed: boolean
  /** null = permitted. */
  readonly code: RefusalCode | null
  /** What the refusal is answered with; null = permitted. */
  readonly status: number | null
  /** What refused; null = permitted. */
  readonly check: Check | null
  readonly route: string | null
  readonly rule: string | null
  readonly policy: string | null
  readonly item: string | null
  readonly level: number | null
  readonly principal: string | null
  readonly steps: readonly Step[]
  /** What becomes of it then; null = it is refused, or a preflight. */
  readonly becomes: Becomes | null
  /** What everything in Shadow would change; null = nothing in Shadow concerns the rule. */
  readonly would: Would | null
}

/** Decides over described requests as a data plane with these resources would, alone in the world: nothing is fetched. */
export interface Explainer {
  explain(request: DescribedRequest): Promise<Explanation>
  /** `kind/name`, field and reason of what a data plane would refuse of the resources. */
  readonly refused: readonly { readonly resource: string; readonly field: string; readonly reason: string }[]
  close(): void
}

export function createExplainer(resources: readonly SealedResource[], clock: Clock): Explainer {
  const state = lonelyState(clock)
  const built = buildGateway({
    resources: new Map(resources.map((resource) => [resourceKey(resource), resource])),
    revision: revisionOf(resources),
    state,
    clock,
    previous: null,
  })
  return {
    refused: built.refused,
    explain: async (request) => {
      const { doors, otherProtocol } = doorsFor(built.parsed, request.url, request.listener)
      const anchors = [...built.parsed.trust.values()].flatMap(({ spec }) => spec.anchors)
      const certificate = request.certificate === null ? null : certificateFacts(request.certificate, anchors)
      let first: Explanation | null = null
      for (const door of doors) {
        const explanation = {
          ...(await throughDoor(built.gateway, { request, certificate, door }, clock)),
          otherProtocol,
        }
        if (explanation.check !== 'route') return explanation
        first ??= explanation
      }
      return first ?? nobodyListens
    },
    close: () => {
      built.release()
      state.close()
    },
  }
}

const nobodyListens: Explanation = {
  listener: null,
  otherProtocol: false,
  allowed: false,
  code: 'no-route',
  status: refusals['no-route'].status,
  check: 'route',
  route: null,
  rule: null,
  policy: null,
  item: null,
  level: null,
  principal: null,
  steps: [],
  becomes: null,
  would: null,
}

interface Arrival {
  readonly request: DescribedRequest
  readonly certificate: ClientCertificate | null
  readonly door: Door
}

function rawRequest({ request, certificate, door }: Arrival): RawRequest {
  const { url, target, method, headers, sourceIP } = request
  return {
    method,
    target,
    httpVersion: '1.1',
    rawHeaders: ['Host', url.host, ...headers],
    connection: {
      listener: door.listener,
      socket: door.socket,
      scheme: door.scheme,
      peerAddress: sourceIP,
      // Whoever explains says who the client is.
      announced: true,
      serverName: door.scheme === 'https' ? url.hostname : null,
      clientCertificate: door.scheme === 'https' ? certificate : null,
      certificate: door.certificate,
      trustHash: door.trustHash,
    },
    id: 'explain',
  }
}

async function throughDoor(
  gateway: Gateway,
  arrival: Arrival,
  clock: Clock,
): Promise<Omit<Explanation, 'otherProtocol'>> {
  const steps: Step[] = []
  const { standIn } = arrival.request
  const witness: Witness = {
    counts: true,
    authentication: (authenticator, facts) =>
      (standIn && standInCaller(authenticator, facts, standIn, clock.now())) ??
      authenticate(authenticator, facts, () => clock.now()),
    saw: (step) => void steps.push(step),
  }
  const opinion = await gateway.judge(rawRequest(arrival), witness)
  const would = (await opinion.trial?.compare(opinion)) ?? null
  return { ...explained(opinion, steps), listener: arrival.door.listener, would }
}

function explained(
  opinion: Opinion,
  steps: readonly Step[],
): Omit<Explanation, 'listener' | 'otherProtocol' | 'would'> {
  const { judgement } = opinion
  if (!isRefusal(opinion))
    return { ...judgement, allowed: true, code: null, status: null, check: null, steps, becomes: becomesOf(opinion) }
  const { code, check } = opinion
  const { policy, item, level } = judgement
  // A rule that refuses has told so itself, in the order of the rules.
  const told = steps.some((step) => step.outcome === 'refused')
  const last: Step = { check, outcome: 'refused', policy, item, level }
  return {
    ...judgement,
    allowed: false,
    code,
    status: refusals[code].status,
    check,
    steps: told ? steps : [...steps, last],
    becomes: null,
  }
}
