import type { Json } from '@gatehouse/contract'
import type { World, WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { isMembers } from './raw.ts'

/** Every namespace that a reference in an object may name: whatever stands under that key, so rather too many. */
const namedBy = memoised((object: WorldObject): readonly string[] => {
  const found = new Set<string>()
  const look = (value: Json | undefined): void => {
    if (Array.isArray(value)) value.forEach(look)
    else if (isMembers(value)) {
      if (typeof value['namespace'] === 'string') found.add(value['namespace'])
      Object.values(value).forEach(look)
    }
  }
  look(object.raw['spec'])
  return [...found]
})

const namedIn = memoised((objects: World['GatewayRoute']): ReadonlySet<string> => {
  return new Set([...objects.values()].flatMap(namedBy))
})

/** Whether anything in a part of the world that can refer across namespaces names this one. */
export const namesNamespace = ({ Gatehouse, GatewayRoute, AccessPolicy }: World, namespace: string): boolean =>
  [Gatehouse, GatewayRoute, AccessPolicy].some((objects) => namedIn(objects).has(namespace))
