import { member, isMembers } from '../compile/raw.ts'
import { worldObjectOf } from '../compile/worldOf.ts'
import { objectKey, type WorldKind, type WorldObject } from '../world.ts'
import type { KubeObject } from './client.ts'
import type { Mirror } from './reflector.ts'

/** A mirror that keeps world objects. */
export interface ObjectMirror extends Mirror {
  /** Whether the collection has been listed once. */
  isKnown(): boolean
  /** Null until the collection has been listed once. A map is never changed once it has been given out. */
  objects(): ReadonlyMap<string, WorldObject> | null
}

/** With the kind, which lists leave out, and without `managedFields`, which nobody reads. */
function kept(object: KubeObject, apiVersion: string, kind: WorldKind): KubeObject {
  const metadata = member(object, 'metadata')
  if (!isMembers(metadata)) return { ...object, apiVersion, kind }
  const { managedFields: _, ...rest } = metadata
  return { ...object, apiVersion, kind, metadata: rest }
}

const isSame = (a: WorldObject | undefined, b: WorldObject): boolean =>
  a?.meta.uid === b.meta.uid && a.meta.resourceVersion === b.meta.resourceVersion

const haveSame = (a: ReadonlyMap<string, WorldObject>, b: ReadonlyMap<string, WorldObject>): boolean =>
  a.size === b.size && [...b].every(([key, object]) => a.get(key) === object)

/** @param changed - called after each change, and after the first list whatever it held */
export function createObjectMirror(kind: WorldKind, apiVersion: string, changed: () => void): ObjectMirror {
  let objects: Map<string, WorldObject> | null = null
  let givenOut = false
  const read = (object: KubeObject): WorldObject | null => worldObjectOf(kept(object, apiVersion, kind), 'FromMetadata')
  const change = (edit: (objects: Map<string, WorldObject>) => void): void => {
    objects = givenOut || objects === null ? new Map(objects) : objects
    givenOut = false
    edit(objects)
    changed()
  }
  return {
    isKnown: () => objects !== null,
    objects: () => {
      givenOut = true
      return objects
    },
    replace: (all) => {
      const before = objects
      const after = new Map<string, WorldObject>()
      for (const object of all.map(read)) {
        if (object === null) continue
        const key = objectKey(object.meta)
        const known = before?.get(key)
        // What was made of an object is remembered by its identity, so an unchanged one stays the same.
        after.set(key, known && isSame(known, object) ? known : object)
      }
      if (before !== null && haveSame(before, after)) return
      objects = after
      givenOut = false
      changed()
    },
    put: (object) => {
      const now = read(object)
      if (now === null || isSame(objects?.get(objectKey(now.meta)), now)) return
      change((all) => all.set(objectKey(now.meta), now))
    },
    remove: (object) => {
      const gone = read(object)
      const known = gone && objects?.get(objectKey(gone.meta))
      // Another uid is an object that was made anew since.
      if (known && known.meta.uid === gone.meta.uid) change((all) => all.delete(objectKey(known.meta)))
    },
  }
}
