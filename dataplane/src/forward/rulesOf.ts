import type { Gateway } from '../gateway/gateway.ts'
import { headerRules, type HeaderRules } from './headerRules.ts'

const rulesByGateway = new WeakMap<Gateway, HeaderRules>()

/** The rules of a gateway's installation, which remember names as long as the gateway is there. */
export function rulesOf(gateway: Gateway): HeaderRules {
  let rules = rulesByGateway.get(gateway)
  if (rules === undefined) rulesByGateway.set(gateway, (rules = headerRules(gateway.installation.identityHeaders)))
  return rules
}
