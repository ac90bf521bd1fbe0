import type { Resource } from '@gatehouse/contract'
import { routeResource, ruleTo, under } from '../test/support/resources.ts'

/** Routes beside the one that is asked, ten a host. */
export const otherRoutes = (count: number, listeners: readonly string[] = ['http']): Resource[] =>
  Array.from({ length: count }, (_, index) =>
    routeResource(
      [ruleTo('orders', { matches: under(`/service-${index % 10}`) })],
      { hostnames: [`host-${Math.floor(index / 10)}.shop.example`], listeners: [...listeners] },
      `other-${index}`,
    ),
  )
