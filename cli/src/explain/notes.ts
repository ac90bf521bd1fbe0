import { resourceSpecs } from '@gatehouse/contract'
import type { DescribedRequest, Explanation } from '@gatehouse/dataplane'
import type { Configuration } from './configuration.ts'

/** Most hosts that are named where none fits. */
const maxHosts = 8

function hostsNote({ resources }: Configuration): string {
  const hosts = new Set(
    resources.flatMap(({ kind, spec }) => (kind === 'route' ? resourceSpecs.route.parse(spec).hostnames : [])),
  )
  const named = [...hosts].slice(0, maxHosts).join(', ')
  const more = hosts.size > maxHosts ? ` and ${hosts.size - maxHosts} more` : ''
  return hosts.size === 0 ? 'no route is in force' : `routes in force have the hosts ${named}${more}`
}

/** Where a refusal that no policy made may come from. */
function refusalNote(configuration: Configuration, { method }: DescribedRequest, { code }: Explanation): string | null {
  if (code === 'config-invalid')
    return 'gatehouse check, or the conditions in the cluster, say what the gateway could not understand'
  if (code === 'no-route') return hostsNote(configuration)
  return code === 'not-implemented' && method !== method.toUpperCase()
    ? `methods are told apart by case (RFC 9110 9.1): ${method.toUpperCase()} is another one`
    : null
}

/** What an explanation rests on, and where a refusal may come from. */
export function explanationNotes(
  configuration: Configuration,
  request: DescribedRequest,
  explanation: Explanation,
): readonly string[] {
  const { isStandIn, gatehouse, unknownClient } = configuration
  const { standIn, certificate } = request
  const refusal = refusalNote(configuration, request, explanation)
  return [
    ...(isStandIn
      ? [`Gatehouse ${gatehouse} is not in the folder; one that permits whatever only it could forbid stands in for it`]
      : []),
    ...(explanation.otherProtocol ? ['no listener speaks the protocol of the URL; another is taken'] : []),
    ...(refusal === null ? [] : [refusal]),
    ...(standIn?.type === 'Token' ? ['--claims stands for a token whose signature was verified'] : []),
    ...(standIn?.type === 'ApiKey'
      ? [unknownClient(standIn.clientId) ?? '--client-id stands for an API key whose hash was found']
      : []),
    ...(certificate === null ? [] : ['--client-cert stands for a certificate that the listener has verified']),
  ]
}
