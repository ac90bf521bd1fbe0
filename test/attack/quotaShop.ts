import type { AuthorizationRule, Provider, Quota, ResourceSpec } from '@gatehouse/contract'
import { quota } from '../support/quota.ts'
import { anonymous, partners, staff } from './providers.ts'

/** What in the shop under attack is counted; each policy guards the path of its name. */

type PolicySpec = ResourceSpec<'policy'>

const hour = 3_600_000
/** No test lasts until it ends. */
const years = 99_999 * hour

const counted = (name: string, types: Parameters<typeof quota>[0], over: Partial<Quota> = {}): Quota =>
  quota(types, { name, ...over })

const rates = (limit: number, window = hour): Quota['rates'] => [{ limit, window, burst: limit }]

const ip: Quota['keys'][number] = { type: 'IP' }

/** Says plans, as only partners may. */
const members: Provider = {
  ...staff,
  name: 'members',
  method: { ...staff.method, ...(staff.method.type === 'Jwt' && { map: { ...staff.method.map, plan: ['plan'] } }) },
}

/** Whether a quota is by plans: two for a start, five for gold. */
const planned: Partial<Quota> = { rates: rates(2), plans: [{ name: 'gold', rates: rates(5) }] }

/** Costs what its answer says, and nothing beforehand. */
const weighing: Partial<Quota> = {
  rates: rates(3),
  cost: { default: 0, byMethod: [], responseHeader: { name: 'x-cost', max: 200 } },
}

/** What may be said of anybody and of a known caller. */
interface Rules {
  readonly anyone: AuthorizationRule
  readonly authenticated: AuthorizationRule
}

export function quotaPolicies({ anyone, authenticated }: Rules): Readonly<Record<string, Partial<PolicySpec>>> {
  const open = (...quotas: Quota[]) => ({ providers: [anonymous], rules: [anyone], quotas })
  const known = (providers: Provider[], ...quotas: Quota[]) => ({ providers, rules: [authenticated], quotas })
  return {
    'per-ip': open(counted('per-ip', ['IP'])),
    'per-ip-parallel': open(counted('parallel', ['IP'], { rates: rates(5) })),
    'per-ip-staff': known([staff], counted('staff-ip', ['IP'])),
    'per-principal': known([staff, partners], counted('per-principal', ['Principal'])),
    'per-key': known([partners, staff], counted('per-key', ['APIKey'])),
    'per-tenant': known([staff, partners], counted('per-tenant', ['Tenant'])),
    'per-route': open(counted('per-route', ['Route', 'IP'])),
    'per-sliding': open(counted('sliding', ['IP'], { algorithm: 'SlidingWindow' })),
    'per-fixed': open(counted('fixed', ['IP'], { algorithm: 'FixedWindow', rates: rates(3, years) })),
    'per-rates': open(counted('rates', ['IP'], { rates: [...rates(5), ...rates(3, 2 * hour)] })),
    'per-both': open(counted('wide', ['IP'], { rates: rates(5) }), counted('narrow', ['IP', 'Route'])),
    'per-both-wide': open(counted('wide', ['IP'], { rates: rates(5) })),
    'per-method': open(
      counted('by-method', ['IP'], {
        rates: rates(6),
        cost: {
          default: 1,
          byMethod: [
            { methods: ['POST'], cost: 4 },
            { methods: ['OPTIONS'], cost: 0 },
          ],
          responseHeader: null,
        },
      }),
    ),
    'per-device': open(counted('device', [], { keys: [ip, { type: 'Header', name: 'x-device' }], rates: rates(1) })),
    'per-secret': known(
      [partners],
      counted('secret', [], { keys: [ip, { type: 'Header', name: 'x-api-key' }], rates: rates(1) }),
    ),
    'per-team': known([staff], counted('team', [], { keys: [{ type: 'Claim', path: ['team'] }], rates: rates(1) })),
    'per-plan': known([partners, members], counted('plan', ['Principal'], planned)),
    'per-planned-ip': known([partners, members], counted('planned-ip', ['IP'], planned)),
    'per-weight': open(
      counted('weight', ['IP'], {
        rates: rates(100),
        cost: { default: 1, byMethod: [], responseHeader: { name: 'x-cost', max: 200 } },
      }),
    ),
    ...Object.fromEntries(
      ['absent', 'unread', 'much'].map((name) => [`per-${name}`, open(counted(name, ['IP'], weighing))]),
    ),
  }
}
