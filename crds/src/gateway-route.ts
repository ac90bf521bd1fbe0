import { z } from 'zod'
import { hostname } from './common.ts'
import { listMap, set } from './lists.ts'
import { parentRefs } from './parent-ref.ts'
import { routeRule } from './route-rule.ts'

export const gatewayRouteSpec = z
  .strictObject({
    parentRefs: parentRefs.optional(),
    hostnames: set(
      hostname('A name, or *. and a name, in lower case.'),
      { min: 1, max: 16 },
      'The hosts that this route is for.',
    ),
    rules: listMap(routeRule, ['name'], { min: 1, max: 16 }, 'Which requests go where. The most specific match wins.'),
  })
  .describe('Where a request goes.')

export type GatewayRouteSpec = z.output<typeof gatewayRouteSpec>
export type GatewayRouteSpecInput = z.input<typeof gatewayRouteSpec>
